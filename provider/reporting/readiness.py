"""Whether this installation can do its work: the database answers, its schema is the newest, a worker is at it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from provider.kernel.database import Base, db

FRESH = timedelta(minutes=1)
"""A worker says every ten seconds that it is alive; after a minute without a word it is taken for gone."""


@dataclass(frozen=True)
class Readiness:
    """``heartbeat_age`` is how long ago a worker last said that it is alive; None where none ever did."""

    database: bool
    schema: bool
    heartbeat_age: timedelta | None = None
    paused_since: datetime | None = None

    @property
    def worker(self) -> bool:
        return self.heartbeat_age is not None and self.heartbeat_age <= FRESH

    @property
    def ready(self) -> bool:
        return self.database and self.schema and self.worker


def readiness(*, heads: Collection[str], now: datetime) -> Readiness:
    """How it stands; ``heads`` are the newest revisions of the schema. A database that is away is an answer here."""
    try:
        if not _at_head(heads):
            return Readiness(database=True, schema=False)
        return Readiness(True, True, heartbeat_age(now=now), _paused_since())
    except (DBAPIError, PoolTimeout):
        return Readiness(database=False, schema=False)
    finally:
        db.session.rollback()


def _at_head(heads: Collection[str]) -> bool:
    if not sa.inspect(db.session.connection()).has_table("alembic_version"):
        return False
    applied = db.session.scalars(sa.text("SELECT version_num FROM alembic_version")).all()
    return set(applied) == set(heads)


def heartbeat_age(*, now: datetime) -> timedelta | None:
    """How long ago the liveliest worker said that it is alive; never negative."""
    beats = Base.metadata.tables["worker_heartbeats"]
    latest = db.session.scalar(sa.select(sa.func.max(beats.c.at)))
    return None if latest is None else max(now - latest, timedelta())


def _paused_since() -> datetime | None:
    installation = Base.metadata.tables["installation"]
    return db.session.scalar(sa.select(installation.c.paused_at))
