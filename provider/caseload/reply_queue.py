"""Replies that are no one person's that a machine could name: each with the people whose it may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import who, who_columns
from provider.caseload.masking import readable_by
from provider.domain.messaging.models import Reply
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import london_date
from provider.kernel.database import db

A_PAGE = 20
WAITS = (Reply.waits_because.is_not(None), Reply.settled_at.is_(None))
WHY = {
    "unknown": "From a number that nobody has",
    "shared": "From a number that several people have",
    "doubted": "From a number that was found wrong",
    "ended": "From somebody whose referral has ended",
}


@dataclass(frozen=True)
class Candidate:
    """Somebody whose it may be, by the newest referral of theirs. ``reached_now``: it is the number they have now."""

    case_id: int
    reference: str
    name: str
    age: int | None
    open: bool
    reached_now: bool


@dataclass(frozen=True)
class Waiting:
    """``hidden``: it may be of somebody whose record is restricted, so that neither words nor number are shown."""

    id: int
    at: datetime
    why: str
    number: str
    body: str
    danger: bool
    hidden: bool
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class ReplyQueue:
    """The first of those that wait: danger first, then those that have waited longest."""

    lines: tuple[Waiting, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


def reply_queue(*, reader_id: int, now: datetime) -> ReplyQueue:
    """What waits, in three queries however much there is."""
    replies = db.session.scalars(
        sa.select(Reply)
        .where(*WAITS)
        .order_by(sa.case((Reply.meaning == "danger", 0), else_=1), Reply.received_at, Reply.id)
        .limit(A_PAGE)
    ).all()
    rows = _candidates({reply.from_e164 for reply in replies}, reader_id=reader_id)
    return ReplyQueue(
        tuple(_waiting(reply, rows, today=london_date(now)) for reply in replies), how_many_wait()
    )


def how_many_wait() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Reply).where(*WAITS)) or 0


def _candidates(numbers: Iterable[str], *, reader_id: int) -> Mapping[str, Sequence[Any]]:
    """By number: everybody for whom it is or was kept, each by the newest case they have."""
    newest = (
        sa.select(sa.func.max(Referral.id))
        .where(Referral.person_id == Person.id, Referral.case_id.is_not(None))
        .correlate(Person)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(PhoneNumber.e164, PhoneNumber.ended_at, Case.id.label("case_id"), Case.closed_at)
        .add_columns(*who_columns(reader_id))
        .select_from(PhoneNumber)
        .join(Person, Person.id == PhoneNumber.person_id)
        .join(Referral, Referral.id == newest)
        .join(Case, Case.id == Referral.case_id)
        .where(PhoneNumber.e164.in_(sorted(numbers)), Person.erased_at.is_(None))
        .order_by(PhoneNumber.ended_at.is_not(None), Case.closed_at.is_not(None), Case.id, PhoneNumber.id)
    )
    found: dict[str, dict[int, Any]] = {}
    for row in rows:
        found.setdefault(row.e164, {}).setdefault(row.case_id, row)
    return {number: list(of.values()) for number, of in found.items()}


def _waiting(reply: Reply, rows: Mapping[str, Sequence[Any]], *, today: date) -> Waiting:
    theirs = rows.get(reply.from_e164, ())
    hidden = any(not row.readable for row in theirs)
    return Waiting(
        id=reply.id,
        at=reply.received_at,
        why=WHY[reply.waits_because or "unknown"],
        number="" if hidden else reply.from_e164,
        body="" if hidden else reply.body,
        danger=reply.meaning == "danger",
        hidden=hidden,
        candidates=() if hidden else tuple(_candidate(row, today=today) for row in theirs),
    )


def _candidate(row: Any, *, today: date) -> Candidate:
    known = who(row, today=today)
    return Candidate(
        case_id=row.case_id,
        reference=known.reference,
        name=known.name,
        age=known.age,
        open=row.closed_at is None,
        reached_now=row.ended_at is None,
    )


def hidden_from(reply_id: int, *, reader_id: int) -> bool:
    """Whether it may be of somebody whose record this reader may not see."""
    found = (
        sa.select(Person.id)
        .join(PhoneNumber, PhoneNumber.person_id == Person.id)
        .join(Reply, Reply.from_e164 == PhoneNumber.e164)
        .where(Reply.id == reply_id, ~readable_by(reader_id))
    )
    return db.session.execute(found.limit(1)).first() is not None
