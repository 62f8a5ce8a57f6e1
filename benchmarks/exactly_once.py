"""Workers killed with SIGKILL at random instants, two at a time, while a stand-in for Twilio refuses, breaks off,
hangs, takes without answering, and calls back late, twice and out of order. Prints how often each text reached it;
ends non-zero where one reached it twice or never. The same storm for workers that send and then mark is the control.

``python -m benchmarks.exactly_once [--kills 1000] [--texts 6000] [--seed 1] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import sys

from flask import Flask

from benchmarks.databases import each_engine
from tests.builders import build_world
from tests.faults.storms import Outcome, storm
from tests.faults.stormy import AT_A_TIME, Order

LIVE = 0.5
"""No worker lives longer, in seconds, before it is killed."""

GIVE_UP = 1800
CONTROL_KILLS, CONTROL_TEXTS = 40, 240


def measure(engine: str, app: Flask, *, kills: int, texts: int, seed: int) -> bool:
    """Both storms, one after the other; answers whether ours was as it should be."""
    world = build_world(app)
    with storm(world, seed=seed) as ours:
        ours.plant(texts, within=kills / AT_A_TIME * LIVE / 2)
        seen = ours.rage(Order("ours", kills=kills, live=LIVE, give_up=GIVE_UP, seed=seed))
    tell(engine, seen)
    return not (seen.doubled or seen.lost or seen.left)


def control(engine: str, app: Flask, *, seed: int) -> bool:
    """Answers whether it doubled: else the storm shows nothing."""
    with storm(build_world(app), seed=seed) as theirs:
        theirs.plant(CONTROL_TEXTS, within=CONTROL_KILLS / AT_A_TIME * LIVE / 2)
        seen = theirs.rage(Order("control", kills=CONTROL_KILLS, live=LIVE, give_up=GIVE_UP, seed=seed))
    print(
        f"{engine}, control (send, then mark): {seen.killed} kills, {len(seen.expected)} texts, "
        f"{len(seen.doubled)} reached it more than once, {len(seen.lost)} never"
    )
    return bool(seen.doubled)


def tell(engine: str, seen: Outcome) -> None:
    known, fates = seen.known_by, seen.counts
    broke = {
        fate: count
        for fate, count in fates.items()
        if fate not in ("taken", "redacted") and "call" not in fate
    }
    print(
        f"{engine}: {seen.killed:,} kills, {len(seen.expected):,} texts, {len(seen.taken):,} taken by the stand-in"
    )
    print(f"{engine}: {len(seen.doubled)} reached it more than once, {len(seen.lost)} never")
    print(
        f"{engine}: known by the answer {known['answer']:,}, by a callback {known['callback']:,}, "
        f"by the list {known['list']:,}; shown to a person {seen.asked}"
    )
    print(
        f"{engine}: what went wrong: " + ", ".join(f"{fate} {count}" for fate, count in sorted(broke.items()))
    )
    print(f"{engine}: {seen.stormed:.0f} s of storm, {seen.seconds:.0f} s until all was settled")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--texts", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    well = True
    for engine, app in each_engine(only=given.only):
        well &= measure(engine, app, kills=given.kills, texts=given.texts, seed=given.seed)
    for engine, app in each_engine(only=given.only):
        well &= control(engine, app, seed=given.seed)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
