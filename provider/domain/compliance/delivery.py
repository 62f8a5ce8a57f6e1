"""Notices: each endpoint is sent its force's events, one after the other, oldest first, until each is taken.

A job does it in three steps, and commits each of the outer two::

    with transaction():
        notice = claim(now=…)                                # what to send next, and nobody else sends it meanwhile
    outcome = send(notice, …)                                # in ``sending``: with no transaction open
    with transaction():
        note(notice, outcome, …)                             # what it was answered, and what follows

until ``claim`` answers None. Before that, ``forces_to_number`` says whose feed has something to number. A worker that
dies in between leaves a lease that lapses: the same event is sent again under the same id.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.compliance.models import ComplianceEvent, NoticeAttempt
from provider.domain.compliance.retrying import after_delivery, after_test
from provider.domain.compliance.wire import Event
from provider.kernel.answers import json_bytes, rfc3339
from provider.kernel.database import Base, db

LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Notice:
    """One event, or a test, for one endpoint. ``sealed_secret`` is still encrypted; ``body`` is what is signed."""

    endpoint_id: int
    url: str
    sealed_secret: str
    message_id: str
    body: bytes
    tries: int
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


def claim(*, now: datetime) -> Notice | None:
    """What is to be sent next, leased to whoever asks; None where nothing is due. Needs a transaction."""
    return _claim_test(now) or _claim_event(now)


def _claim_event(now: datetime) -> Notice | None:
    endpoints, forces = _endpoints(), Base.metadata.tables["forces"]
    due = db.session.execute(
        sa.select(endpoints)
        .join(forces, forces.c.id == endpoints.c.force_id)
        .where(
            endpoints.c.removed_at.is_(None),
            endpoints.c.state == "active",
            sa.or_(endpoints.c.next_try_at.is_(None), endpoints.c.next_try_at <= now),
            forces.c.next_sequence > endpoints.c.delivered_through + 1,
        )
        .order_by(endpoints.c.next_try_at.is_not(None), endpoints.c.next_try_at, endpoints.c.id)
        .limit(1)
        .with_for_update(of=endpoints, skip_locked=True)
    ).one_or_none()
    if due is None:
        return None
    event = db.session.scalars(
        sa.select(ComplianceEvent)
        .where(ComplianceEvent.force_id == due.force_id, ComplianceEvent.sequence > due.delivered_through)
        .order_by(ComplianceEvent.sequence)
        .limit(1)
    ).one()
    _set(due.id, next_try_at=now + LEASE)
    return _notice(due, event.public_id, event_body(event), event_id=event.id, sequence=event.sequence)


def _claim_test(now: datetime) -> Notice | None:
    """A test is sent once, whatever the endpoint's state, and before what waits in the queue."""
    endpoints = _endpoints()
    asked = db.session.execute(
        sa.select(endpoints)
        .where(endpoints.c.removed_at.is_(None), endpoints.c.test_asked_at <= now)
        .order_by(endpoints.c.test_asked_at, endpoints.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if asked is None:
        return None
    _set(asked.id, test_asked_at=None)
    message_id = "evt_test_" + secrets.token_hex(8)
    body = json_bytes({"id": message_id, "type": "endpoint.test", "occurred_at": rfc3339(now)})
    return _notice(asked, message_id, body)


def event_body(event: ComplianceEvent) -> bytes:
    """The bytes that are signed and sent: the event as the feed gives it."""
    return Event.model_validate(event).to_json()


def note(notice: Notice, outcome: Outcome, *, jitter: float, now: datetime) -> None:
    """Keep how a delivery went, and say when the endpoint is tried next. Needs a transaction.

    ``jitter`` is a random number from 0 to 1. An outcome that comes late, after somebody else delivered the event,
    changes nothing but the log.
    """
    db.session.add(
        NoticeAttempt(endpoint_id=notice.endpoint_id, event_id=notice.event_id, at=now, **vars(outcome))
    )
    endpoint = db.session.execute(
        sa.select(_endpoints()).where(_endpoints().c.id == notice.endpoint_id).with_for_update()
    ).one()
    if notice.sequence is None:
        _note_test(endpoint, outcome, now=now)
    elif endpoint.delivered_through < notice.sequence:
        after = after_delivery(outcome.status, tries=notice.tries, jitter=jitter, now=now)
        through = notice.sequence if after.delivered else endpoint.delivered_through
        _set(
            notice.endpoint_id,
            state=after.state,
            tries=after.tries,
            next_try_at=after.next_try_at,
            delivered_through=through,
        )


def _note_test(endpoint: sa.Row[tuple[object, ...]], outcome: Outcome, *, now: datetime) -> None:
    state = after_test(outcome.status, state=endpoint.state)
    if state != endpoint.state:
        _set(endpoint.id, state=state, tries=0, next_try_at=now)


def _notice(
    endpoint: sa.Row[tuple[object, ...]],
    message_id: str,
    body: bytes,
    *,
    event_id: int | None = None,
    sequence: int | None = None,
) -> Notice:
    return Notice(
        endpoint_id=endpoint.id,
        url=endpoint.url,
        sealed_secret=endpoint.secret,
        message_id=message_id,
        body=body,
        tries=endpoint.tries,
        event_id=event_id,
        sequence=sequence,
    )


def _endpoints() -> sa.Table:
    return Base.metadata.tables["webhook_endpoints"]


def _set(endpoint_id: int, **values: object) -> None:
    endpoints = _endpoints()
    db.session.execute(sa.update(endpoints).where(endpoints.c.id == endpoint_id).values(**values))
