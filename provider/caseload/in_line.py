"""Who is in line again after a session they missed, gave back or could not keep: what is offered, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.cases import ALL, MOST, Who, Worklist, known_by, listed, who, who_columns
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import london_date
from provider.kernel.database import db


@dataclass(frozen=True)
class InLine:
    """``missed_at`` the session they did not keep, ``because`` what its register says or that they gave it back;
    ``offered_at`` the one that is kept for them until ``answer_by``, None while they wait.
    """

    missed_at: datetime
    because: str
    offered_at: datetime | None
    answer_by: datetime | None


@dataclass(frozen=True)
class InLineAgain:
    who: Who
    line: InLine


def in_line_again(worker_id: int, *, reader_id: int, now: datetime) -> Worklist[InLineAgain]:
    """Of one worker's cases; those who have to answer first stand first. One query."""
    rows = db.session.execute(
        _in_line()
        .add_columns(ALL, *who_columns(reader_id))
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .where(Case.assigned_to_id == worker_id)
        .order_by(Waiting.offer_ends_at.is_(None), Waiting.offer_ends_at, Waiting.id)
        .limit(MOST)
    ).all()
    lines = [InLineAgain(who(row, today=london_date(now)), _line(row)) for row in rows]
    return listed(rows, lines)


def in_line_of(case_id: int) -> InLine | None:
    """Of one case; None where it waits for the first time, or not at all."""
    row = db.session.execute(_in_line().where(Case.id == case_id)).one_or_none()
    return None if row is None else _line(row)


def _in_line() -> sa.Select[Any]:
    offered, offered_in = aliased(Place), aliased(CourseSession)
    return (
        sa.select(CourseSession.starts_at.label("missed_at"), Place.attendance, Waiting.offer_ends_at)
        .add_columns(offered_in.starts_at.label("offered_at"))
        .select_from(Waiting)
        .join(Case, Case.id == Waiting.case_id)
        .join(Place, Place.id == Waiting.after_place_id)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .outerjoin(offered, offered.id == Waiting.offered_place_id)
        .outerjoin(offered_in, offered_in.id == offered.session_id)
        .where(Waiting.left_at.is_(None))
    )


def _line(row: Any) -> InLine:
    because = Attendance(row.attendance).label if row.attendance else "Given back"
    return InLine(row.missed_at, because, row.offered_at, row.offer_ends_at)
