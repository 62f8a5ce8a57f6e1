"""Notices: each endpoint is sent its force's events, one after the other, oldest first, until each is taken.

A worker takes one endpoint at a time for a turn, and commits every step::

    with transaction():
        turn = claim(now=…)                        # in ``turns``: nobody else sends there now
    while turn:
        notice = next_notices(turn, …)[0]          # a read
        outcome = line.send(notice, …)             # in ``sending``: with no transaction open
        with transaction():
            turn = note(turn, notice, outcome, …)  # what it was answered, what follows, and whether the turn goes on
    with transaction():
        release(turn)

Where a worker died between, the same event is sent again under the same id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.compliance.models import ComplianceEvent, NoticeAttempt
from provider.domain.compliance.retrying import after_delivery, resumed, taken
from provider.domain.compliance.turns import LEASE, Turn, endpoint_table, move_on
from provider.domain.compliance.wire import Event
from provider.kernel.answers import json_bytes, rfc3339
from provider.kernel.database import Base, db

LOG_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Notice:
    """One event, or a test, as it is sent: ``body`` is what is signed. A test has no ``sequence``."""

    message_id: str
    body: bytes
    event_id: int | None = None
    sequence: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a delivery came to: the answer's status, or None and a code for the problem."""

    status: int | None
    problem: str | None
    milliseconds: int


def forces_to_number() -> list[int]:
    """Forces with events that are committed and not numbered yet: ``feed.number`` each, in a transaction of its own."""
    # Force by force, because of all events at once SQLite reads every one.
    forces = Base.metadata.tables["forces"]
    waits = sa.exists().where(ComplianceEvent.force_id == forces.c.id, ComplianceEvent.sequence.is_(None))
    return list(db.session.scalars(sa.select(forces.c.id).where(waits).order_by(forces.c.id)))


def next_notices(turn: Turn, *, limit: int) -> Sequence[Notice]:
    """What goes next, in order: the test that was asked for, or the oldest events that were not taken yet. A read."""
    if turn.test_asked_at is not None:
        return [_test(turn, turn.test_asked_at)]
    if not turn.takes_events:
        return []
    events = db.session.scalars(
        sa.select(ComplianceEvent)
        .where(ComplianceEvent.force_id == turn.force_id, ComplianceEvent.sequence > turn.delivered_through)
        .order_by(ComplianceEvent.sequence)
        .limit(limit)
    )
    return [Notice(event.public_id, event_body(event), event.id, event.sequence) for event in events]


def _test(turn: Turn, asked_at: datetime) -> Notice:
    """The same id for the same press of the button, also where a worker died between."""
    asked = hashlib.blake2s(f"{turn.endpoint_id} {rfc3339(asked_at)}".encode(), digest_size=8).hexdigest()
    body = {"id": f"evt_test_{asked}", "type": "endpoint.test", "occurred_at": rfc3339(asked_at)}
    return Notice(f"evt_test_{asked}", json_bytes(body))


def event_body(event: ComplianceEvent) -> bytes:
    """The bytes that are signed and sent: the event as the feed gives it."""
    return Event.model_validate(event).to_json()


def note(turn: Turn, notice: Notice, outcome: Outcome, *, jitter: float, now: datetime) -> Turn | None:
    """Keep how a delivery went, and say when the endpoint is tried next. Needs a transaction.

    Answers the endpoint as it stands now, where the turn goes on; None where it is over: the notice was not taken, or
    somebody moved or removed the endpoint while it was on its way, and then nothing but the log is changed.
    ``jitter`` is a random number from 0 to 1.
    """
    db.session.execute(
        sa.insert(Base.metadata.tables["notice_attempts"]).values(
            endpoint_id=turn.endpoint_id,
            event_id=notice.event_id,
            at=now,
            tries=1 if notice.sequence is None else turn.tries + 1,
            **vars(outcome),
        )
    )
    if notice.sequence is None:
        return _note_test(turn, outcome, now=now)
    endpoints = endpoint_table()
    after = after_delivery(outcome.status, tries=turn.tries, jitter=jitter, now=now)
    lease = {"leased_until": now + LEASE} if after.delivered else {"lease": None, "leased_until": None}
    follows = move_on(
        turn,
        endpoints.c.delivered_through == notice.sequence - 1,
        now=now,
        state=after.state,
        tries=after.tries,
        next_try_at=after.next_try_at,
        delivered_through=notice.sequence - (not after.delivered),
        **lease,
    )
    return follows if after.delivered else None


def _note_test(turn: Turn, outcome: Outcome, *, now: datetime) -> Turn | None:
    """A test is sent once; another that was asked for meanwhile is not forgotten."""
    asked = endpoint_table().c.test_asked_at
    return move_on(
        turn,
        now=now,
        test_asked_at=sa.case((asked == turn.test_asked_at, None), else_=asked),
        leased_until=now + LEASE,
        **(resumed(now=now) if taken(outcome.status) else {}),
    )


def forget_attempts(*, now: datetime) -> None:
    """Remove from the log what is older than 90 days. Needs a transaction."""
    db.session.execute(sa.delete(NoticeAttempt).where(NoticeAttempt.at < now - LOG_KEPT))
