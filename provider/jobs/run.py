"""Runs the jobs: every one once for a test, or again and again in a worker process until it is told to stop.

Any number of workers may run at once: what two must not do at the same time, the jobs lock in the database.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Sequence
from datetime import UTC

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from provider.domain.messaging.pace import STEADY, Pace
from provider.jobs.pausing import paused_since
from provider.jobs.schedule import JOBS
from provider.jobs.shift import Job, Shift
from provider.kernel.clock import SystemClock
from provider.kernel.faults import note_fault

log = logging.getLogger("provider.jobs")

TURNS = {job.name: job.every for job in JOBS}
STOPS = frozenset({signal.SIGTERM, signal.SIGINT})


def run_all_once(app: Flask) -> None:
    """Every job once, in their order, at the time of the application's clock. What one raises is raised."""
    shift = Shift(app, turns=TURNS)
    for job in JOBS:
        run(job, shift)


def run(job: Job, shift: Shift) -> None:
    """One job, once, unless this installation is a copy that nobody has told to go."""
    with shift.app.app_context():
        if job.also_paused or paused_since() is None:
            job.do(shift)
            shift.done[job.name] = shift.now()


def work(app: Flask, *, jobs: Sequence[Job] = JOBS, pace: Pace = STEADY) -> None:
    """Run the jobs until SIGTERM or Ctrl-C; then what is being done is finished, and nothing new is begun."""
    shift = Shift(app, turns={job.name: job.every for job in jobs}, pace=pace)
    scheduler = _scheduler(shift, jobs)
    # Waited for, not interrupted by: APScheduler takes an exception out of the blue for a fault of the job at hand.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    scheduler.start()
    signal.sigwait(STOPS)
    shift.stopping.set()
    scheduler.shutdown(wait=True)


def _scheduler(shift: Shift, jobs: Sequence[Job]) -> BackgroundScheduler:
    # A job that is late, or still at it, is run once when it can be: each does everything that is due by then.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        scheduler.add_job(
            _run_logged,
            "interval",
            seconds=job.every.total_seconds(),
            args=(job, shift),
            next_run_time=SystemClock().now(),  # the scheduler goes by the machine's clock
        )
    return scheduler


def _run_logged(job: Job, shift: Shift) -> None:
    """One job that fails is logged and tried again at its next time; it never stops the others."""
    if shift.over:
        return
    try:
        run(job, shift)
    except Exception as fault:  # noqa: BLE001
        note_fault(log, "a job failed", fault, job=job.name)
