"""What workers tell each other through the database."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, BigId


class WorkerHeartbeat(Base):
    __tablename__ = "worker_heartbeats"

    worker: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    at: Mapped[datetime]


class JobRun(Base):
    """When a job last did its work without a fault, in whichever worker."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    succeeded_at: Mapped[datetime]


class Installation(Base):
    """One row at most: a copy made by ``backup`` says here that nothing may leave it before a person says go."""

    __tablename__ = "installation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    paused_at: Mapped[datetime | None]
