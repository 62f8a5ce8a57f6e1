"""What machines told us, kept as it came; a job acts on it. A machine that says the same twice is heard once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from provider.domain.messaging.models import Callback
from provider.kernel.database import db, insert_or

Kind = Literal["text_status", "text_inbound", "meeting"]
ACTED_ON: tuple[Kind, ...] = ("text_status", "text_inbound")
KEPT = timedelta(days=30)
"""How long what was said is kept as it came: it holds numbers, words and names, and is heard twice only soon after."""

LONGEST_KEY = 120
LONGEST_VALUE = 100_000


def store(kind: Kind, *, once_key: str, body: Mapping[str, str], now: datetime) -> None:
    """Keep what a machine said, unless it said so before. Needs a transaction."""
    if len(once_key) > LONGEST_KEY:
        once_key = hashlib.sha256(once_key.encode()).hexdigest()
    # PostgreSQL's JSON keeps no NUL.
    kept = {
        key[:100]: value.replace("\0", "")[:LONGEST_VALUE] for key, value in body.items() if "\0" not in key
    }
    statement = insert_or(Callback).values(kind=kind, once_key=once_key, received_at=now, body=kept)
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "once_key"]))


def to_act_on() -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a job has yet to act on something. Of what is told of meetings, none does."""
    return (Callback.handled_at.is_(None), Callback.kind.in_(ACTED_ON))


def forget_old(*, now: datetime) -> None:
    """Remove what came long ago, unless somebody has yet to act on it. Needs a transaction."""
    waits = sa.and_(*to_act_on())
    db.session.execute(sa.delete(Callback).where(Callback.received_at < now - KEPT, ~waits))


def waiting(*, after: int, limit: int) -> Sequence[int]:
    """Ids of what nobody has acted on yet, behind ``after``, in the order it came. Reads only."""
    return db.session.scalars(
        sa.select(Callback.id).where(*to_act_on(), Callback.id > after).order_by(Callback.id).limit(limit)
    ).all()


def take(callback_id: int) -> Callback | None:
    """One of them, locked, to be acted on in this transaction; None where somebody else did or is about to."""
    return db.session.scalars(
        sa.select(Callback)
        .where(Callback.id == callback_id, Callback.handled_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
