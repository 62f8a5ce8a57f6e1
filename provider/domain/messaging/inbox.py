"""What machines told us, kept as it came; a job acts on it. A machine that says the same twice is heard once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.domain.messaging.models import Callback
from provider.kernel.database import db, insert_or

Kind = Literal["text_status", "text_inbound", "meeting"]
KEPT = timedelta(days=30)
"""How long what was said is kept as it came: it holds numbers, words and names, and is heard twice only soon after."""

HELD_UP = timedelta(minutes=5)
"""How long a later text of a phone waits for an earlier one that cannot be acted on."""

LONGEST_KEY = 120
LONGEST_VALUE = 100_000


def store(
    kind: Kind, *, once_key: str, body: Mapping[str, str], now: datetime, sender: str | None = None
) -> int | None:
    """Keep what a machine said; its id, or None where it said so before. Needs a transaction.

    ``sender`` is who texted.
    """
    if len(once_key) > LONGEST_KEY:
        once_key = hashlib.sha256(once_key.encode()).hexdigest()
    # PostgreSQL's JSON keeps no NUL.
    kept = {
        key[:100]: value.replace("\0", "")[:LONGEST_VALUE] for key, value in body.items() if "\0" not in key
    }
    row = {"kind": kind, "once_key": once_key, "received_at": now, "body": kept, "sender": sender}
    statement = insert_or(Callback).values(row).on_conflict_do_nothing(index_elements=["kind", "once_key"])
    return db.session.scalars(statement.returning(Callback.id)).one_or_none()


def note_answered(callback_id: int, kind: str) -> None:
    """What was said back in the same breath. Needs a transaction."""
    db.session.execute(sa.update(Callback).where(Callback.id == callback_id).values(answered=kind))


def to_act_on() -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a job has yet to act on something."""
    return (Callback.handled_at.is_(None),)


def forget_old(*, now: datetime) -> None:
    """Remove what came long ago, unless somebody has yet to act on it. Needs a transaction."""
    waits = sa.and_(*to_act_on())
    db.session.execute(sa.delete(Callback).where(Callback.received_at < now - KEPT, ~waits))


def waiting(*, after: int, limit: int) -> Sequence[int]:
    """Ids of what nobody has acted on yet, behind ``after``, in the order it came. Reads only."""
    return db.session.scalars(
        sa.select(Callback.id).where(*to_act_on(), Callback.id > after).order_by(Callback.id).limit(limit)
    ).all()


def take(callback_id: int, *, now: datetime) -> Callback | None:
    """One of them, locked, to be acted on in this transaction; None where somebody else did or is about to.

    What one phone sent is taken in the order it came, so that "stop" and "start" end as the last of them says. One that
    could not be acted on for a while holds up no other.
    """
    earlier = aliased(Callback)
    waits_for = sa.exists().where(
        earlier.sender == Callback.sender,
        earlier.id < Callback.id,
        earlier.handled_at.is_(None),
        earlier.received_at > now - HELD_UP,
    )
    return db.session.scalars(
        sa.select(Callback)
        .where(Callback.id == callback_id, Callback.handled_at.is_(None), ~waits_for)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
