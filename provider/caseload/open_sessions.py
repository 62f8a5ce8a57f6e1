"""Sessions that somebody could be given a place in: coming, open, and for their age on that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from provider.domain.courses.models import Course, CourseSession, Place
from provider.kernel.calendar import at_london
from provider.kernel.database import db

LOOK_AHEAD = timedelta(days=70)
MOST = 100


@dataclass(frozen=True)
class OpenSession:
    """A coming session for their age; ``gave_up``: they had a place in it, or were offered one, and it did not suit."""

    id: int
    course_id: int
    course: str
    starts_at: datetime
    minutes: int
    free: int
    held_at: str | None
    gave_up: bool


@dataclass(frozen=True)
class CourseForAge:
    id: int
    name: str


def courses_for(born: date, *, now: datetime) -> tuple[CourseForAge, ...]:
    """Courses that are run for somebody's age today: adults and young people are never mixed."""
    young = now < eighteen_at(born)
    rows = db.session.execute(
        sa.select(Course.id, Course.name)
        .where(Course.active, Course.young_people.is_(young))
        .order_by(Course.id)
    )
    return tuple(CourseForAge(row.id, row.name) for row in rows)


def sessions_for(case_id: int, born: date, *, now: datetime) -> list[OpenSession]:
    """Coming sessions in which somebody of their age on that day may sit, soonest first."""
    taken = _taken(now=now)
    gave_up = sa.exists().where(
        Place.session_id == CourseSession.id, Place.case_id == case_id, Place.released_at.is_not(None)
    )
    rows = db.session.execute(
        sa.select(CourseSession, Course.name, taken.c.taken, gave_up.label("gave_up"))
        .join(Course, Course.id == CourseSession.course_id)
        .outerjoin(taken, taken.c.session_id == CourseSession.id)
        .where(
            CourseSession.state == "open",
            CourseSession.starts_at > now,
            CourseSession.starts_at < now + LOOK_AHEAD,
            Course.young_people == (CourseSession.starts_at < eighteen_at(born)),
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
        .limit(MOST)
    )
    return [
        OpenSession(
            id=session.id,
            course_id=session.course_id,
            course=course,
            starts_at=session.starts_at,
            minutes=session.minutes,
            free=max(session.capacity - (number or 0), 0),
            held_at=session.held_at,
            gave_up=gave_up,
        )
        for session, course, number, gave_up in rows
    ]


def eighteen_at(born: date) -> datetime:
    """The moment at which somebody is 18: the start of that birthday in London."""
    leap = (born.month, born.day) == (2, 29)
    return at_london(date(born.year + 18, 3, 1) if leap else born.replace(year=born.year + 18), time(0))


def _taken(*, now: datetime) -> sa.Subquery:
    return (
        sa.select(Place.session_id, sa.func.count().label("taken"))
        .join(CourseSession, CourseSession.id == Place.session_id)
        .where(Place.released_at.is_(None), CourseSession.starts_at > now)
        .group_by(Place.session_id)
        .subquery()
    )
