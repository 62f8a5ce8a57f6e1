"""Who is on the way to a course, and what happened to those who were before them: what a forecast rests on.

A case counts once, whichever forces referred it. Everything is asked in a fixed number of queries, and what is learnt
from is bounded: the last thousand referrals, half a year of registers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from provider.domain.assessments.pathway import Pathway
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral, ReferralEvent
from provider.domain.referrals.status import OPEN, Status
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db

LEARNT_FROM_REFERRALS = 1000
LONG_ENOUGH = timedelta(weeks=6)
"""By then it has shown what becomes of a referral."""

HALF_A_YEAR, OF_LATE = timedelta(weeks=26), timedelta(weeks=8)
IN_A_GROUP = (Pathway.GROUP_COURSE.value, Pathway.YOUNG_PEOPLE_COURSE.value)
_FURTHEST = (Status.ACCEPTED, Status.ASSESSMENT_BOOKED, Status.ASSESSED, Status.WAITING, Status.PLACED)
A_WEEK = timedelta(weeks=1)
_RESCHEDULED = (Attendance.RSSR, Attendance.RSOF)


@dataclass(frozen=True)
class OnTheWay:
    """One open case. ``language`` is set where they need an interpreter; ``call_at`` is when a call is booked,
    ``place_at`` when the session begins in which they have a place or are offered one; ``course_id`` what was decided.
    """

    status: Status
    young: bool
    language: str | None
    course_id: int | None
    in_a_group: bool
    call_at: datetime | None
    place_at: datetime | None
    best_times: str | None


@dataclass
class Learnt:
    """Of the referrals before: how many were ``accepted`` and ``booked``, how many came to which course and after how
    many weeks; by whether they were under 18.
    """

    accepted: Counter[bool] = field(default_factory=Counter)
    booked: Counter[bool] = field(default_factory=Counter)
    to_course: Counter[tuple[bool, int]] = field(default_factory=Counter)
    weeks: dict[bool, list[int]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Shown:
    """Of the places of a course whose register is confirmed: to how many somebody ``came``, and after how many another
    was needed. Without those of sessions that were put off: who did not come to one kept nobody waiting.
    """

    places: int = 0
    came: int = 0
    again: int = 0


def on_the_way(*, now: datetime) -> Sequence[OnTheWay]:
    """Every open case, as far as the furthest of its referrals. One query."""
    furthest = sa.func.max(
        sa.case(*((Referral.status == status, place) for place, status in enumerate(_FURTHEST)))
    )
    rows = db.session.execute(
        sa.select(
            furthest.label("furthest"),
            Person.date_of_birth,
            Person.language,
            Person.interpreter_needed,
            Case.course_id,
            Case.pathway,
            Case.best_times,
            Appointment.starts_at.label("call_at"),
            CourseSession.starts_at.label("place_at"),
        )
        .select_from(Referral)
        .join(Case, Case.id == Referral.case_id)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(Appointment, sa.and_(Appointment.case_id == Case.id, Appointment.state == "booked"))
        .outerjoin(
            Place,
            sa.and_(Place.case_id == Case.id, Place.released_at.is_(None), Place.attendance.is_(None)),
        )
        .outerjoin(CourseSession, CourseSession.id == Place.session_id)
        .where(Referral.status.in_(OPEN))
        .group_by(Case.id, Person.id, Appointment.id, CourseSession.id)
    )
    today = london_date(now)
    return [
        OnTheWay(
            status=_FURTHEST[row.furthest],
            young=age_on(row.date_of_birth, today) < 18,
            language=row.language if row.interpreter_needed else None,
            course_id=row.course_id,
            in_a_group=row.pathway in IN_A_GROUP,
            call_at=row.call_at,
            place_at=row.place_at,
            best_times=row.best_times,
        )
        for row in rows
    ]


def learnt(*, now: datetime) -> Learnt:
    """What became of the last referrals that had time to show it. One query."""
    sample = (
        sa.select(Referral.id, Referral.case_id, Referral.person_id, Referral.received_at)
        .where(Referral.received_at < now - LONG_ENOUGH, Referral.case_id.is_not(None))
        .order_by(Referral.id.desc())
        .limit(LEARNT_FROM_REFERRALS)
        .subquery()
    )
    booked = sa.func.max(sa.case((ReferralEvent.to_status == Status.ASSESSMENT_BOOKED, 1), else_=0))
    assessed = sa.func.min(sa.case((ReferralEvent.to_status == Status.ASSESSED, ReferralEvent.at)))
    rows = db.session.execute(
        sa.select(
            sample.c.received_at,
            Person.date_of_birth,
            Case.course_id,
            Case.pathway,
            booked.label("booked"),
            assessed.label("assessed_at"),
        )
        .join(ReferralEvent, ReferralEvent.referral_id == sample.c.id)
        .join(Case, Case.id == sample.c.case_id)
        .join(Person, Person.id == sample.c.person_id)
        .group_by(sample.c.id, sample.c.received_at, Person.date_of_birth, Case.course_id, Case.pathway)
    )
    found = Learnt()
    for row in rows:
        young = age_on(row.date_of_birth, london_date(row.received_at)) < 18
        found.accepted[young] += 1
        found.booked[young] += row.booked
        if row.assessed_at is not None and row.pathway in IN_A_GROUP and row.course_id is not None:
            found.to_course[young, row.course_id] += 1
            found.weeks[young].append(max((row.assessed_at - row.received_at) // A_WEEK, 0))
    return found


def referred_a_week(*, now: datetime) -> Mapping[tuple[bool, str | None], float]:
    """How many were accepted a week of late, by whether they are under 18 and the language they need. One query."""
    rows = db.session.execute(
        sa.select(Person.date_of_birth, Person.language, Person.interpreter_needed)
        .select_from(Referral)
        .join(Person, Person.id == Referral.person_id)
        .where(Referral.received_at > now - OF_LATE, Referral.case_id.is_not(None))
    )
    today = london_date(now)
    counts = Counter(
        (age_on(row.date_of_birth, today) < 18, row.language if row.interpreter_needed else None)
        for row in rows
    )
    return {key: many / (OF_LATE / A_WEEK) for key, many in counts.items()}


def show_rates(*, now: datetime) -> Mapping[int, Shown]:
    """What the registers of half a year say, by course. One query."""
    later = sa.alias(Place.__table__)
    again = sa.exists().where(later.c.case_id == Place.case_id, later.c.id > Place.id)
    rows = db.session.execute(
        sa.select(
            CourseSession.course_id,
            Place.attendance,
            sa.func.count().label("places"),
            sa.func.sum(sa.case((again, 1), else_=0)).label("again"),
        )
        .join(CourseSession, CourseSession.id == Place.session_id)
        .where(
            CourseSession.starts_at > now - HALF_A_YEAR,
            CourseSession.starts_at <= now,
            Place.released_at.is_(None),
            Place.attendance.is_not(None),
            Place.attendance.not_in(_RESCHEDULED),
        )
        .group_by(CourseSession.course_id, Place.attendance)
    )
    found: dict[int, Shown] = {}
    for row in rows:
        before, came = found.get(row.course_id, Shown()), Attendance(row.attendance).attended
        found[row.course_id] = Shown(
            before.places + row.places,
            before.came + (row.places if came else 0),
            before.again + int(row.again),
        )
    return found


def courses_run() -> Sequence[Course]:
    """The courses that are run, by name. One query."""
    return db.session.scalars(sa.select(Course).where(Course.active).order_by(Course.name, Course.id)).all()


def coming(*, until: date, now: datetime) -> Sequence[CourseSession]:
    """Open sessions to come that begin before a day in London, soonest first. One query."""
    found = sa.select(CourseSession).where(CourseSession.state == "open", CourseSession.starts_at > now)
    sessions = db.session.scalars(found.order_by(CourseSession.starts_at, CourseSession.id)).all()
    return [session for session in sessions if london_date(session.starts_at) < until]
