"""The waiting list of a course, in the order in which its free places are offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.actors import names_of
from provider.caseload.cases import ALL, Who, Worklist, known_by, listed, who, who_columns
from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.domain.courses.waiting import AHEAD, IN_TURN, Ahead
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import NotFound

MOST = 300


@dataclass(frozen=True)
class Turn:
    """Somebody on the list. ``offered_at`` is the session kept for them until ``offer_ends_at``; ``missed_at`` the one
    they did not keep, so that they are in line again; ``ahead`` why they were put ahead.
    """

    number: int
    who: Who
    since: datetime
    offered_at: datetime | None
    offer_ends_at: datetime | None
    missed_at: datetime | None
    ahead: str | None
    ahead_by: str | None
    ahead_at: datetime | None
    short_notice: bool


@dataclass(frozen=True)
class WaitingPage:
    course: str
    queue: Worklist[Turn]


def waiting_page(course_id: int, *, reader_id: int, now: datetime) -> WaitingPage:
    """Three queries. Raises NotFound for no such course."""
    course = db.session.scalars(sa.select(Course.name).where(Course.id == course_id)).one_or_none()
    if course is None:
        raise NotFound
    rows = db.session.execute(_waiting(course_id, reader_id)).all()
    names = names_of(row.Waiting.ahead_by for row in rows if row.Waiting.ahead_by)
    turns = [_turn(number, row, names, now=now) for number, row in enumerate(rows, 1)]
    return WaitingPage(course, listed(rows, turns))


def _waiting(course_id: int, reader_id: int) -> sa.Select[Any]:
    offered, missed = aliased(Place), aliased(Place)
    offered_in, missed_in = aliased(CourseSession), aliased(CourseSession)
    return (
        sa.select(Waiting, offered_in.starts_at.label("offered_at"), missed_in.starts_at.label("missed_at"))
        .add_columns(ALL, *who_columns(reader_id))
        .join(Case, Case.id == Waiting.case_id)
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .outerjoin(offered, offered.id == Waiting.offered_place_id)
        .outerjoin(offered_in, offered_in.id == offered.session_id)
        .outerjoin(missed, missed.id == Waiting.after_place_id)
        .outerjoin(missed_in, missed_in.id == missed.session_id)
        .where(Waiting.course_id == course_id, Waiting.left_at.is_(None))
        .order_by(*IN_TURN)
        .limit(MOST)
    )


def _turn(number: int, row: Any, names: Mapping[str, str], *, now: datetime) -> Turn:
    waiting: Waiting = row.Waiting
    return Turn(
        number=number,
        who=who(row, today=london_date(now)),
        since=waiting.joined_at,
        offered_at=row.offered_at,
        offer_ends_at=waiting.offer_ends_at,
        missed_at=row.missed_at,
        ahead=AHEAD[Ahead(waiting.ahead_because)] if waiting.ahead_because else None,
        ahead_by=names[waiting.ahead_by] if waiting.ahead_by else None,
        ahead_at=waiting.ahead_at,
        short_notice=waiting.short_notice_until is not None and waiting.short_notice_until > now,
    )
