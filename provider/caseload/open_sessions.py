"""Sessions that somebody could be given a place in: coming, open, and for their age on that day."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from provider.domain.courses.kinds import for_age
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.courses.sessions import still_open
from provider.domain.needs.rules import Setting
from provider.domain.people.apart import others_of
from provider.domain.referrals.models import Case
from provider.kernel.calendar import age_on, at_london, london_date
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
    by_telephone: bool
    gave_up: bool

    @property
    def setting(self) -> Setting:
        return Setting(in_a_room=self.held_at is not None, by_telephone=self.by_telephone)


@dataclass(frozen=True)
class CourseForAge:
    id: int
    name: str


def courses_for(born: date, *, now: datetime) -> tuple[CourseForAge, ...]:
    """Courses that are run for somebody's age today: adults and young people are never mixed."""
    age = age_on(born, london_date(now))
    rows = db.session.execute(
        sa.select(Course.id, Course.name).where(Course.active, for_age(age)).order_by(Course.id)
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
            *still_open(now),
            CourseSession.starts_at < now + LOOK_AHEAD,
            for_age(_age_then(born, now=now)),
            ~_meets(case_id),
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
            free=max(session.capacity + session.extra_places - (number or 0), 0),
            held_at=session.held_at,
            by_telephone=session.dial_in is not None,
            gave_up=gave_up,
        )
        for session, course, number, gave_up in rows
    ]


def _meets(case_id: int) -> sa.ColumnElement[bool]:
    """Whether somebody has a place in a ``CourseSession`` whom they are kept apart from."""
    person_id = db.session.scalars(sa.select(Case.person_id).where(Case.id == case_id)).one_or_none()
    others = others_of(person_id) if person_id is not None else frozenset[int]()
    theirs = sa.select(Place.id).join(Case, Case.id == Place.case_id)
    return theirs.where(
        Place.session_id == CourseSession.id, Place.released_at.is_(None), Case.person_id.in_(others)
    ).exists()


def _age_then(born: date, *, now: datetime) -> sa.ColumnElement[int]:
    """How old somebody is on the day of a session: at most one birthday lies between now and ``LOOK_AHEAD``."""
    age = age_on(born, london_date(now))
    return sa.case((CourseSession.starts_at < _turns(born, age + 1), age), else_=age + 1)


def eighteen_at(born: date) -> datetime:
    """The moment at which somebody is 18: the start of that birthday in London."""
    return _turns(born, 18)


def _turns(born: date, age: int) -> datetime:
    """The start of a birthday in London: 1 March for who was born on 29 February, where the year has no such day."""
    year = born.year + age
    leap = (born.month, born.day) == (2, 29) and not isleap(year)
    return at_london(date(year, 3, 1) if leap else born.replace(year=year), time(0))


def _taken(*, now: datetime) -> sa.Subquery:
    return (
        sa.select(Place.session_id, sa.func.count().label("taken"))
        .join(CourseSession, CourseSession.id == Place.session_id)
        .where(Place.released_at.is_(None), CourseSession.starts_at > now)
        .group_by(Place.session_id)
        .subquery()
    )
