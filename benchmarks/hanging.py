"""How fast the web answers while Twilio hangs: web and worker processes as in production, texts that are due, and a
stand-in for Twilio that takes calls and never answers in time. Prints p95 of *My day* and of a referral by a force,
without a worker and beside one that hangs. The texts are about calls within two hours, so that they go out at any hour.

``python -m benchmarks.hanging [--requests 400] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from benchmarks.dispatch import ACCOUNT, SERVICE, TOKEN, answering, build_bookings
from benchmarks.intake import SECRETS, referral_requests
from benchmarks.servers import Request, gunicorn
from config import ROOT, Settings
from provider import create_app
from provider.domain.messaging.models import Text
from provider.domain.messaging.outbox import Planned, plan_texts
from provider.kernel.database import db, transaction
from scripts.pgbox import throw_away_postgres
from tests.builders import PASSWORD, World, build_world

FOR_EVER = 60_000
AHEAD = timedelta(minutes=110)
CLIENTS = 4


def plan_due(app: Flask, world: World, count: int) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        for one in build_bookings(world, count, at=now, ahead=AHEAD):
            with transaction():
                key = f"due:{one.appointment_id}"
                text = Planned("assessment_reminder_1h", now, now + AHEAD, key)
                plan_texts([text], case_id=one.case_id, appointment_id=one.appointment_id)


@contextmanager
def worker(settings: dict[str, str]) -> Iterator[None]:
    """A worker process, stopped by its process id."""
    command = [sys.executable, "-m", "flask", "--app", "provider", "worker"]
    with subprocess.Popen(command, env={**os.environ, **settings}) as process:
        try:
            yield
        finally:
            process.terminate()


def signed_in(base: str, world: World) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    page = session.get(f"{base}/sign-in", timeout=120).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    form = {**hidden, "email": world.emails["drug_worker"], "password": PASSWORD}
    session.post(f"{base}/sign-in", data=form, timeout=120)
    return session


def drive(port: int, world: World, posted: list[Request]) -> tuple[float, float]:
    """p95 in milliseconds of *My day* and of a referral, asked in turn by a few clients."""
    base, lock = f"http://127.0.0.1:{port}", threading.Lock()
    waiting, days, referrals = iter(posted), list[float](), list[float]()

    def client() -> None:
        with signed_in(base, world) as session:
            while True:
                with lock:
                    request = next(waiting, None)
                if request is None:
                    return
                began = time.perf_counter()
                page = session.get(f"{base}/", timeout=120)
                days.append(time.perf_counter() - began)
                assert page.ok, page.status_code
                assert "My day" in page.text
                began = time.perf_counter()
                made = session.post(
                    base + request.path, data=request.body, headers=dict(request.headers), timeout=120
                )
                referrals.append(time.perf_counter() - began)
                assert made.status_code == 201, made.text

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _p95(days), _p95(referrals)


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[18] * 1000


def measure(engine: str, url: str, *, requests_: int) -> None:
    with answering(FOR_EVER) as twilio:
        settings = {
            **SECRETS,
            "DATABASE_URL": url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_MESSAGING_SERVICE_SID": SERVICE,
            "TWILIO_API_BASE_URL": twilio,
        }
        os.environ.update(settings)
        app = create_app(Settings())
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
        world = build_world(app)
        plan_due(app, world, 200)
        with gunicorn("provider:create_app()", settings) as port:
            alone = drive(port, world, referral_requests(world, requests_))
            with worker(settings):
                _wait_until_it_hangs(app)
                beside = drive(port, world, referral_requests(world, requests_))
        _print(engine, app, alone, beside)


def _wait_until_it_hangs(app: Flask) -> None:
    """Until the worker has texts on their way."""
    for _ in range(600):
        with app.app_context():
            if db.session.scalar(sa.select(Text.id).where(Text.state == "claimed").limit(1)) is not None:
                return
        time.sleep(0.1)
    raise SystemExit("the worker sends nothing")


def _print(engine: str, app: Flask, alone: tuple[float, float], beside: tuple[float, float]) -> None:
    with app.app_context():
        rows = db.session.execute(sa.select(Text.state, sa.func.count()).group_by(Text.state))
        states = ", ".join(f"{many} {state}" for state, many in rows)
    print(f"{engine}: p95 without a worker: My day {alone[0]:.0f} ms, a referral {alone[1]:.0f} ms")
    print(f"{engine}: p95 while Twilio hangs: My day {beside[0]:.0f} ms, a referral {beside[1]:.0f} ms")
    print(f"{engine}: texts meanwhile: {states}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    if given.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            measure("sqlite", f"sqlite:///{Path(folder) / 'ours.db'}", requests_=given.requests)
    if given.only != "sqlite":
        with throw_away_postgres(durable=True) as url:
            measure("postgresql", url, requests_=given.requests)


if __name__ == "__main__":
    main()
