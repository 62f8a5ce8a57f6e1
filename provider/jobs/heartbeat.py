"""A worker says that it is alive, where ``/readyz`` looks, and when its jobs last did their work."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from provider.jobs.models import JobRun, WorkerHeartbeat
from provider.jobs.shift import Shift
from provider.kernel.database import db, insert_or, transaction

REMEMBERED = timedelta(days=1)


def beat(shift: Shift) -> None:
    """Say that this worker is alive, and forget those that have not been for a day."""
    now = shift.now()
    with transaction():
        statement = insert_or(WorkerHeartbeat).values(worker=shift.worker, at=now)
        db.session.execute(statement.on_conflict_do_update(index_elements=["worker"], set_={"at": now}))
        _note_what_was_done(shift)
        db.session.execute(sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.at < now - REMEMBERED))


def _note_what_was_done(shift: Shift) -> None:
    """One statement for all, so that a job that runs every second costs nothing more."""
    done = [{"job": job, "succeeded_at": at} for job, at in dict(shift.done).items()]
    if done:
        statement = insert_or(JobRun).values(done)
        changed = {"succeeded_at": statement.excluded.succeeded_at}
        db.session.execute(statement.on_conflict_do_update(index_elements=["job"], set_=changed))
