"""Notices: each endpoint is sent its force's events, one after the other, oldest first, until each is taken.

A worker takes one endpoint at a time for a turn, and commits every step::

    with transaction():
        turn = claim(now=…)                        # an endpoint with something to send; nobody else sends there now
    while turn:
        notice = next_notices(turn, …)[0]          # a read
        outcome = line.send(notice, …)             # in ``sending``: with no transaction open
        with transaction():
            turn = note(turn, notice, outcome, …)  # what it was answered, what follows, and whether the turn goes on
    with transaction():
        release(turn)

A worker that dies leaves a lease that lapses: the same event is sent again under the same id. What an endpoint has
taken moves only from the event before, by the worker that holds the lease: whoever changes it meanwhile – a replay, a
removal – ends the turn, and nothing is lost or overtaken.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.compliance.models import ComplianceEvent, NoticeAttempt
from provider.domain.compliance.retrying import after_delivery, resumed, taken
from provider.domain.compliance.wire import Event
from provider.kernel.answers import json_bytes, rfc3339
from provider.kernel.database import Base, db

LEASE = timedelta(minutes=1)
"""Longer than one notice can take; every notice that is noted begins it anew."""


@dataclass(frozen=True)
class Turn:
    """An endpoint in the hands of one worker, as it stands. ``sealed_secrets`` are still encrypted, newest first.

    ``tries`` is how often its oldest undelivered event failed; ``takes_events`` is off where only a test may go.
    """

    endpoint_id: int
    force_id: int
    url: str
    sealed_secrets: tuple[str, ...]
    delivered_through: int
    tries: int
    test_asked_at: datetime | None
    takes_events: bool
    lease: str
    leased_until: datetime


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
    waiting = sa.select(ComplianceEvent.force_id).where(ComplianceEvent.sequence.is_(None)).distinct()
    return list(db.session.scalars(waiting.order_by(ComplianceEvent.force_id)))


def anything_due(*, not_of: Collection[int] = (), now: datetime) -> bool:
    """Whether ``claim`` would find something: a read, so that a quiet moment costs no lock."""
    return db.session.execute(_due(not_of, now).limit(1)).first() is not None


def claim(*, not_of: Collection[int] = (), now: datetime) -> Turn | None:
    """The endpoint whose turn it is, leased to whoever asks; None where nothing is due. Needs a transaction.

    ``not_of`` are forces that have their share. Who failed comes after who did not, so that those that hang keep
    nobody waiting.
    """
    endpoints = _endpoints()
    in_turn = (
        endpoints.c.tries > 0,
        endpoints.c.test_asked_at.is_(None),
        endpoints.c.next_try_at.is_not(None),
        endpoints.c.next_try_at,
        endpoints.c.id,
    )
    due = _due(not_of, now).order_by(*in_turn).limit(1)
    found = db.session.execute(due.with_for_update(of=endpoints, skip_locked=True)).scalar_one_or_none()
    if found is None:
        return None
    lease = {"lease": secrets.token_hex(16), "leased_until": now + LEASE}
    return _set(endpoints.c.id == found, now=now, **lease)


def _due(not_of: Collection[int], now: datetime) -> sa.Select[tuple[int]]:
    endpoints, forces = _endpoints(), Base.metadata.tables["forces"]
    event_waits = sa.and_(
        endpoints.c.state == "active",
        sa.or_(endpoints.c.next_try_at.is_(None), endpoints.c.next_try_at <= now),
        forces.c.next_sequence > endpoints.c.delivered_through + 1,
    )
    return (
        sa.select(endpoints.c.id)
        .join(forces, forces.c.id == endpoints.c.force_id)
        .where(
            endpoints.c.removed_at.is_(None),
            endpoints.c.force_id.not_in(not_of),
            sa.or_(endpoints.c.leased_until.is_(None), endpoints.c.leased_until <= now),
            sa.or_(endpoints.c.test_asked_at <= now, event_waits),
        )
    )


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
        sa.insert(NoticeAttempt).values(
            endpoint_id=turn.endpoint_id,
            event_id=notice.event_id,
            at=now,
            tries=1 if notice.sequence is None else turn.tries + 1,
            **vars(outcome),
        )
    )
    if notice.sequence is None:
        return _note_test(turn, outcome, now=now)
    endpoints = _endpoints()
    after = after_delivery(outcome.status, tries=turn.tries, jitter=jitter, now=now)
    lease = {"leased_until": now + LEASE} if after.delivered else {"lease": None, "leased_until": None}
    follows = _set(
        *_held(turn),
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
    asked = _endpoints().c.test_asked_at
    return _set(
        *_held(turn),
        now=now,
        test_asked_at=sa.case((asked == turn.test_asked_at, None), else_=asked),
        leased_until=now + LEASE,
        **(resumed(now=now) if taken(outcome.status) else {}),
    )


def release(turn: Turn) -> None:
    """Let others have the endpoint. Needs a transaction; changes nothing where the lease is another's by now."""
    endpoints = _endpoints()
    mine = sa.update(endpoints).where(endpoints.c.id == turn.endpoint_id, endpoints.c.lease == turn.lease)
    db.session.execute(mine.values(lease=None, leased_until=None))


def _held(turn: Turn) -> tuple[sa.ColumnElement[bool], ...]:
    endpoints = _endpoints()
    return (
        endpoints.c.id == turn.endpoint_id,
        endpoints.c.lease == turn.lease,
        endpoints.c.removed_at.is_(None),
    )


def _endpoints() -> sa.Table:
    return Base.metadata.tables["webhook_endpoints"]


def _set(*where: sa.ColumnElement[bool], now: datetime, **values: Any) -> Turn | None:
    """Change the endpoint where all that holds, and say how it stands then; None where it does not hold."""
    endpoints = _endpoints()
    changed = db.session.execute(
        sa.update(endpoints).where(*where).values(**values).returning(*endpoints.c)
    ).one_or_none()
    return None if changed is None else _turn(changed, now)


def _turn(row: sa.Row[Any], now: datetime) -> Turn:
    both = row.previous_secret is not None and row.previous_secret_until > now
    return Turn(
        endpoint_id=row.id,
        force_id=row.force_id,
        url=row.url,
        sealed_secrets=(row.secret, row.previous_secret) if both else (row.secret,),
        delivered_through=row.delivered_through,
        tries=row.tries,
        test_asked_at=row.test_asked_at,
        takes_events=row.state == "active" and (row.next_try_at is None or row.next_try_at <= now),
        lease=row.lease,
        leased_until=row.leased_until,
    )
