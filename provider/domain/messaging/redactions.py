"""What stands at the network is taken from there once it is over: it keeps every body for a year.

A message is taken for redacting with its next time already set, so that one that fails, or whose worker dies, is tried
again by itself; redacting twice does no harm. One of whose text nobody knows whether it went out waits: it is found
at the network by its body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.messaging.models import Redaction, Text
from provider.kernel.database import UtcDateTime, db, insert_or

GRACE = timedelta(minutes=15)
"""A network says late, or twice, what became of a text."""

FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=12)
MOST_TRIES = 12
HELD = ("claimed", "unknown")
SURELY_OVER = timedelta(days=2)
"""By then a text has arrived or never will, whether or not anybody told us."""

LOOKED_BACK = timedelta(days=14)
KEPT_AFTER = timedelta(days=30)
KEPT_BY_THE_NETWORK = timedelta(days=400)


@dataclass(frozen=True)
class ToRedact:
    id: int
    provider_id: str
    tries: int


def note(provider_id: str, *, text_id: int | None, now: datetime) -> None:
    """A message is over: its words are to go from the network. Said twice, noted once. Needs a transaction."""
    row = {"provider_id": provider_id, "text_id": text_id, "noted_at": now, "due_at": now + GRACE, "tries": 0}
    db.session.execute(
        insert_or(Redaction).values(**row).on_conflict_do_nothing(index_elements=["provider_id"])
    )


def note_never_told(*, now: datetime) -> None:
    """Texts that went out days ago, and of which the network never said what became of them. Needs a transaction."""
    moment = sa.literal(now, UtcDateTime())
    never_told = sa.select(Text.provider_id, Text.id, moment, moment, sa.literal(0)).where(
        Text.sent_at > now - LOOKED_BACK,
        Text.sent_at < now - SURELY_OVER,
        Text.provider_id.is_not(None),
        Text.state.not_in(HELD),
        ~sa.exists().where(Redaction.provider_id == Text.provider_id),
    )
    columns = ["provider_id", "text_id", "noted_at", "due_at", "tries"]
    found = insert_or(Redaction).from_select(columns, never_told)
    db.session.execute(found.on_conflict_do_nothing(index_elements=["provider_id"]))


def anything_to_redact(*, now: datetime) -> bool:
    """A read, so that nothing to do costs no lock."""
    return db.session.execute(_due(now).limit(1)).first() is not None


def take(*, limit: int, now: datetime) -> Sequence[ToRedact]:
    """What is to be redacted now, those that wait longest first, each with its next try set. Needs a transaction."""
    found = db.session.scalars(
        _due(now)
        .order_by(Redaction.due_at, Redaction.id)
        .limit(limit)
        .with_for_update(of=Redaction, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in found:
        row.tries += 1
        row.due_at = now + min(FIRST_WAIT * 2 ** min(row.tries - 1, 16), LONGEST_WAIT)
    return [ToRedact(row.id, row.provider_id, row.tries) for row in found]


def _due(now: datetime) -> sa.Select[Redaction]:
    open_ones = (Redaction.done_at.is_(None), Redaction.given_up_at.is_(None), Redaction.due_at <= now)
    in_doubt = sa.exists().where(Text.id == Redaction.text_id, Text.state.in_(HELD))
    return sa.select(Redaction).where(*open_ones, ~in_doubt)


def redacted(ids: Sequence[int], *, now: datetime) -> None:
    """Their words are gone from the network. Needs a transaction."""
    _settle(ids, done_at=now)


def gave_up(ids: Sequence[int], *, now: datetime) -> None:
    """The network would not, time and again: a person is told by an alarm. Needs a transaction."""
    _settle(ids, given_up_at=now)


def _settle(ids: Sequence[int], **when: datetime) -> None:
    which = (Redaction.id.in_(ids), Redaction.done_at.is_(None))
    db.session.execute(sa.update(Redaction).where(*which).values(**when))


def forget_redactions(*, now: datetime) -> None:
    """Remove those long done, and those of messages that the network keeps no longer. Needs a transaction."""
    long_done = sa.and_(Redaction.done_at.is_not(None), Redaction.noted_at < now - KEPT_AFTER)
    gone = Redaction.noted_at < now - KEPT_BY_THE_NETWORK
    db.session.execute(sa.delete(Redaction).where(sa.or_(long_done, gone)))
