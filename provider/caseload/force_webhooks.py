"""Where a force's events are sent, as its administrator sees it: how each endpoint stands, and its log. No secret."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.notice_words import after_problem, what_happened
from provider.domain.compliance.delivery import event_body
from provider.domain.compliance.models import ComplianceEvent, NoticeAttempt
from provider.domain.compliance.retrying import taken
from provider.domain.forces.models import Force, WebhookEndpoint
from provider.domain.forces.rotating import old_secret_until
from provider.kernel.database import db

PAGE = 50


@dataclass(frozen=True)
class Endpoint:
    """``waiting`` counts the events not taken there yet; the oldest of them was recorded at ``oldest_at``."""

    public_id: str
    url: str
    state: str
    added_at: datetime
    waiting: int
    oldest_at: datetime | None
    tries: int
    next_try_at: datetime | None
    both_sign_until: datetime | None
    test_asked_at: datetime | None

    @property
    def stuck(self) -> bool:
        """Whether something was not taken, and waits for a retry or for a person."""
        return self.waiting > 0 and (self.tries > 0 or self.state != "active")


@dataclass(frozen=True)
class Attempt:
    """One delivery as it went, in words with what to do next. A test names no event."""

    id: int
    at: datetime
    event_id: str | None
    type: str
    reference: str | None
    taken: bool
    happened: str
    next_step: str | None
    milliseconds: int
    tries: int | None


@dataclass(frozen=True)
class EventPage:
    """One event: ``body`` as it is sent, on lines of its own; ``tries`` to one endpoint, the newest first."""

    public_id: str
    type: str
    reference: str
    recorded_at: datetime
    body: str
    tries: tuple[Attempt, ...]


@dataclass(frozen=True)
class EndpointPage:
    """``older`` is where the log goes on; ``newest`` says that the log is read from its beginning."""

    endpoint: Endpoint
    test: Attempt | None
    log: tuple[Attempt, ...]
    older: int | None
    newest: bool


def endpoints(force_id: int, *, now: datetime) -> tuple[Endpoint, ...]:
    """Where the force's events are sent, oldest first: one query, however many there are."""
    rows = db.session.execute(
        _standing()
        .where(WebhookEndpoint.force_id == force_id, WebhookEndpoint.removed_at.is_(None))
        .order_by(WebhookEndpoint.id)
    )
    return tuple(_endpoint(row, now) for row in rows)


def endpoint_page(endpoint_id: int, *, before: int | None, now: datetime) -> EndpointPage:
    """One endpoint and a page of its log, the newest first: in three queries. ``before`` is the ``older`` of a page."""
    row = db.session.execute(_standing().where(WebhookEndpoint.id == endpoint_id)).one()
    log = _attempts(NoticeAttempt.endpoint_id == endpoint_id, before=before, limit=PAGE + 1)
    tests = _attempts(
        NoticeAttempt.endpoint_id == endpoint_id, NoticeAttempt.event_id.is_(None), before=None, limit=1
    )
    return EndpointPage(
        endpoint=_endpoint(row, now),
        test=tests[0] if tests else None,
        log=log[:PAGE],
        older=log[PAGE - 1].id if len(log) > PAGE else None,
        newest=before is None,
    )


def event_page(event: ComplianceEvent, *, endpoint_id: int) -> EventPage:
    """One event and how it went to one endpoint, at most a page of it: in one query."""
    tries = _attempts(
        NoticeAttempt.event_id == event.id,
        NoticeAttempt.endpoint_id == endpoint_id,
        before=None,
        limit=PAGE,
    )
    return EventPage(
        public_id=event.public_id,
        type=event.type,
        reference=event.reference,
        recorded_at=event.recorded_at,
        body=json.dumps(json.loads(event_body(event)), indent=2, ensure_ascii=False),
        tries=tries,
    )


def _standing() -> sa.Select[WebhookEndpoint, int, datetime]:
    """Endpoints with how far the feed is, and when the oldest event that they have not taken was recorded."""
    oldest = sa.and_(
        ComplianceEvent.force_id == WebhookEndpoint.force_id,
        ComplianceEvent.sequence == WebhookEndpoint.delivered_through + 1,
    )
    return (
        sa.select(WebhookEndpoint, Force.next_sequence, ComplianceEvent.recorded_at)
        .join(Force, Force.id == WebhookEndpoint.force_id)
        .outerjoin(ComplianceEvent, oldest)
    )


def _endpoint(row: sa.Row[WebhookEndpoint, int, datetime], now: datetime) -> Endpoint:
    stored, next_sequence, oldest_at = row
    return Endpoint(
        public_id=stored.public_id,
        url=stored.url,
        state=stored.state,
        added_at=stored.created_at,
        waiting=max(0, next_sequence - 1 - stored.delivered_through),
        oldest_at=oldest_at,
        tries=stored.tries,
        next_try_at=stored.next_try_at,
        both_sign_until=old_secret_until(stored, now=now),
        test_asked_at=stored.test_asked_at,
    )


def _attempts(*which: sa.ColumnElement[bool], before: int | None, limit: int) -> tuple[Attempt, ...]:
    rows = db.session.execute(
        sa.select(NoticeAttempt, ComplianceEvent.public_id, ComplianceEvent.type, ComplianceEvent.reference)
        .outerjoin(ComplianceEvent, ComplianceEvent.id == NoticeAttempt.event_id)
        .where(*which, *([NoticeAttempt.id < before] if before is not None else []))
        .order_by(NoticeAttempt.id.desc())
        .limit(limit)
    )
    return tuple(_attempt(*row) for row in rows)


def _attempt(stored: NoticeAttempt, event_id: str | None, kind: str | None, reference: str | None) -> Attempt:
    return Attempt(
        id=stored.id,
        at=stored.at,
        event_id=event_id,
        type=kind or "endpoint.test",
        reference=reference,
        taken=taken(stored.status),
        happened=what_happened(stored.status, stored.problem),
        next_step=after_problem(stored.status, stored.problem),
        milliseconds=stored.milliseconds,
        tries=stored.tries,
    )
