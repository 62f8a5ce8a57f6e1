"""A backlog of 5,000 notices for one endpoint, against a bare httpx loop that signs like bodies and has no database:
the same server takes both, in alternating rounds. Prints notices a second, the ratio, and how long the backlog took.

``python -m benchmarks.notices [--rounds 5] [--notices 1000] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
from flask import Flask
from standardwebhooks.webhooks import Webhook

from benchmarks.databases import each_engine
from benchmarks.servers import free_port
from provider.domain.compliance import delivery, feed
from provider.jobs.notifying import send_notices
from provider.jobs.shift import Shift
from provider.kernel.database import transaction
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.notices import add_endpoint, attempts, publish

BODY = (
    b'{"id":"evt_0123456789abcdef01234567","sequence":1042,"type":"assessment.attended",'
    b'"occurred_at":"2026-11-24T09:30:00+00:00","recorded_at":"2026-11-24T09:30:00+00:00",'
    b'"reference":"K7QM-2X4D","force_reference":"20/123456/26","scheme":"divert-adult",'
    b'"compliance":{"level":"assessment","outcome":"open","may_reoffer":true,"bar_until":null,'
    b'"rule":"divert-adult v3"},"intelligence_log":null,"corrects":null}'
)


@contextmanager
def receiver() -> Iterator[str]:
    """The address of a server of its own process, stopped by its process id."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "benchmarks.taking", str(port)]) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/in"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the receiver did not start in time")


def ours(world: World, known: Known, count: int) -> float:
    """Notices a second: numbered already, so that what is measured is their delivery."""
    publish(world, known, count)
    with world.app.app_context():
        for force_id in delivery.forces_to_number():
            with transaction():
                feed.number(force_id)
        began = time.perf_counter()
        send_notices(Shift(world.app))
    return count / (time.perf_counter() - began)


def bare(url: str, count: int) -> float:
    """The same by what is usually written, without a database to remember it in."""
    secret = Webhook("whsec_" + "a" * 44)
    with httpx.Client(trust_env=False) as client:
        began = time.perf_counter()
        for number in range(count):
            now = datetime.now(UTC)
            headers = {
                "webhook-id": f"evt_{number}",
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": secret.sign(f"evt_{number}", now, BODY.decode()),
                "content-type": "application/json",
            }
            client.post(url, content=BODY, headers=headers).raise_for_status()
    return count / (time.perf_counter() - began)


def measure(engine: str, app: Flask, *, rounds: int, notices: int) -> None:
    world = build_world(app)
    known = add_case(world)
    with receiver() as url:
        add_endpoint(world, url)
        ours(world, known, 50)
        bare(url, 50)
        pairs = [(ours(world, known, notices), bare(url, notices)) for _ in range(rounds)]
    assert {status for status, _ in attempts(world)} == {204}
    assert len(attempts(world)) == 50 + rounds * notices
    mine, theirs = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    took = sum(notices / pair[0] for pair in pairs)
    print(f"{engine}: {mine:.0f} notices/s, bare httpx loop {theirs:.0f}/s, ratio {ratio:.2f}")
    print(f"{engine}: a backlog of {rounds * notices:,} took {took:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--notices", type=int, default=1000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for engine, app in each_engine(only=given.only):
        measure(engine, app, rounds=given.rounds, notices=given.notices)


if __name__ == "__main__":
    main()
