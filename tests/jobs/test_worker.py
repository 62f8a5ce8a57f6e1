"""Workers: what one of them does by itself, and how it begins and ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from config import ROOT
from provider.jobs import run as running
from provider.jobs.models import WorkerHeartbeat
from provider.jobs.pausing import pause, resume
from provider.jobs.run import run_all_once
from provider.jobs.schedule import JOBS
from provider.jobs.shift import Job, Shift
from provider.kernel.database import db, transaction
from tests.builders import World, build_world, count
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.texting import add_to_ring, book


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def test_every_job_has_a_name_of_its_own_and_a_rhythm() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all(job.every > timedelta(0) for job in JOBS)


def test_a_job_that_fails_is_logged_without_what_it_was_about_and_stops_no_other(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    secret = "Sam Example 07700 900123"

    def fail(_shift: Shift) -> None:
        db.session.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": secret})

    shift = Shift(app)
    with caplog.at_level(logging.ERROR):
        for job in (
            Job("bad", timedelta(1), fail),
            Job("good", timedelta(1), lambda _shift: done.append("good")),
        ):
            running._run_logged(job, shift)
    assert done == ["good"]
    assert "a job failed" in caplog.text
    assert caplog.text.count("Sam") == caplog.text.count("07700") == 0


def test_a_worker_says_that_it_is_alive(app: Flask, clock: MovableClock) -> None:
    run_all_once(app)
    clock.advance(minutes=5)
    run_all_once(app)
    with app.app_context():
        assert db.session.scalars(sa.select(WorkerHeartbeat.at)).one() == clock.now()


def test_a_restored_copy_sends_nothing_until_somebody_says_go(world: World, phones: Phones) -> None:
    book(world, add_to_ring(world))
    with world.app.app_context(), transaction():
        pause(now=A_TUESDAY)
    run_all_once(world.app)
    assert phones.arrived == []
    with world.app.app_context():
        assert count("worker_heartbeats") == 1
        with transaction():
            resume()
    run_all_once(world.app)
    assert len(phones.arrived) == 1


def test_a_shift_that_is_over_leaves_the_rest_for_later(world: World, phones: Phones) -> None:
    book(world, add_to_ring(world))
    shift = Shift(world.app)
    shift.stopping.set()
    for job in JOBS:
        running.run(job, shift)
    assert phones.arrived == []


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_stops_cleanly(app: Flask, how: signal.Signals) -> None:
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "s" * 32,
        "DATA_KEYS": "k" * 32,
        "PROVIDER_ENV": "test",
    }
    command = [sys.executable, "-m", "flask", "--app", "provider", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        try:
            wait_for_a_heartbeat(app)
            worker.send_signal(how)
            _, said = worker.communicate(timeout=15)
        finally:
            worker.kill()
    assert worker.returncode == 0, said
    assert "Traceback" not in said


def wait_for_a_heartbeat(app: Flask) -> None:
    for _ in range(150):
        with app.app_context():
            if count("worker_heartbeats"):
                return
        time.sleep(0.1)
    pytest.fail("the worker never said that it is alive")
