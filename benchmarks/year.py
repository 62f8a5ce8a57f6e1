"""A year of a provider, lived through the pathway: 5,000 referrals, calls, texts, sessions, cancellations. Prints how
long a simulated year takes, where everybody stands at its end, and what was broken of what must hold; ends non-zero
where anything was.

``python -m benchmarks.year [--referrals 5000] [--seed 7] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import sys
import time

from flask import Flask

from benchmarks.databases import each_engine
from provider.domain.referrals.status import Status
from tests.year.living import Lived, live


def measure(engine: str, app: Flask, *, referrals: int, seed: int) -> bool:
    began = time.perf_counter()
    lived = live(app, count=referrals, seed=seed)
    took = time.perf_counter() - began
    _tell(engine, lived)
    print(
        f"{engine}: a year of {referrals:,} referrals in {took / 60:.1f} minutes, "
        f"{lived.steps / took:.0f} steps a second",
        flush=True,
    )
    return not lived.broken


def _tell(engine: str, lived: Lived) -> None:
    stands = ", ".join(f"{Status(code).value} {many:,}" for code, many in lived.stands.most_common())
    refused = ", ".join(f"{code} {many:,}" for code, many in sorted(lived.refused.items()))
    print(f"{engine}: {lived.steps:,} steps, {lived.texts:,} texts; at the end {stands}")
    print(
        f"{engine}: workers were away on {lived.days_away:,} days, {lived.calls_spread:,} calls were spread"
    )
    print(f"{engine}: refused and tried again: {refused or 'nothing'}")
    print(f"{engine}: broken promises: {len(lived.broken)}")
    for fault in lived.broken[:20]:
        print(f"    {fault}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    well = True
    for engine, app in each_engine(only=given.only):
        well &= measure(engine, app, referrals=given.referrals, seed=given.seed)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
