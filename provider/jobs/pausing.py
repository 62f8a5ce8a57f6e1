"""A copy of the records sends nothing, so that restoring it cannot text people twice or from long ago."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.jobs.models import Installation
from provider.kernel.database import db, insert_or


def paused_since() -> datetime | None:
    """Since when this installation sends nothing; None while it works. Every job asks before it does anything."""
    return db.session.scalar(sa.select(Installation.paused_at))


def pause(*, now: datetime) -> None:
    """Let nothing leave from now on. Needs a transaction."""
    statement = insert_or(Installation).values(id=1, paused_at=now)
    db.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"paused_at": now}))


def resume() -> None:
    """A person says go. Needs a transaction."""
    db.session.execute(sa.update(Installation).values(paused_at=None))
