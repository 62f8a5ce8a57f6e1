"""A worker says that it is alive, where ``/readyz`` looks."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from provider.jobs.models import WorkerHeartbeat
from provider.jobs.shift import Shift
from provider.kernel.database import db, insert_or, transaction

REMEMBERED = timedelta(days=1)


def beat(shift: Shift) -> None:
    """Say that this worker is alive, and forget those that have not been for a day."""
    now = shift.now()
    with transaction():
        statement = insert_or(WorkerHeartbeat).values(worker=shift.worker, at=now)
        db.session.execute(statement.on_conflict_do_update(index_elements=["worker"], set_={"at": now}))
        db.session.execute(sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.at < now - REMEMBERED))
