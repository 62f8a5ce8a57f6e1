"""Who may sit in which session, and what follows once somebody has a place: whichever way they came to it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from provider.domain.contact.tasks import finish_tasks
from provider.domain.courses.kinds import takes_age
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.courses.places import SessionNotOpen
from provider.domain.courses.waiting import leave_waiting_list, waiting_of
from provider.domain.diary.queries import booked_appointment
from provider.domain.people.apart import hold_others_of
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reminding, writing
from provider.pathway.steps import move_case, open_referrals, terms_of

PLACEABLE = frozenset({Status.ASSESSED, Status.WAITING, Status.PLACED})


class NotPlaceable(Refusal):
    code = "not_placeable"
    sentence = "A place can be given once the assessment is finished."


class WrongAge(Refusal):
    code = "wrong_age"
    sentence = "Young people and adults are never in one session. Choose a session for their age."


class NotAvailable(Refusal):
    """Says nothing of why: it would say that somebody is there whom they are kept apart from."""

    code = "not_available"
    sentence = "That session is not available. Choose another."


class NoSuchCourse(Refusal):
    code = "no_such_course"
    sentence = "That course is not run any more. Choose another."


def require_placeable(case: Case) -> None:
    """Raises NotPlaceable before the assessment, after the end, and while a call is in the diary instead."""
    referrals = open_referrals(case.id)
    if not referrals or any(referral.status not in PLACEABLE for referral in referrals):
        raise NotPlaceable
    if booked_appointment(case.id) is not None:
        raise NotPlaceable("They have a call in the diary. Call it off first.")


def keep_open(session_id: int) -> None:
    """Keep a session from being called off or confirmed until the transaction ends. Before any case is locked.

    Whoever calls a session off, or confirms its register, holds the session and then each case in it: one that held
    its case and then wanted the session would wait for them, and they for it.
    """
    session = sa.select(CourseSession.id).where(CourseSession.id == session_id)
    db.session.execute(session.with_for_update(read=True))


def session_for(case: Case, session_id: int) -> CourseSession:
    """The session, where the person may sit in it. Raises SessionNotOpen for none such, WrongAge or NotAvailable."""
    session = db.session.get(CourseSession, session_id)
    if session is None:
        raise SessionNotOpen
    if not fits(case, session):
        raise WrongAge
    if not may_meet(case, session_id):
        raise NotAvailable
    return session


def may_sit(case: Case, session: CourseSession) -> bool:
    """Whether they are of its age, and nobody is there whom they are kept apart from."""
    return fits(case, session) and may_meet(case, session.id)


def may_meet(case: Case, session_id: int, *, wait: bool = True) -> bool:
    """Whether nobody whom they are kept apart from has a place in the session, nor gets one before we are done.

    Where ``wait`` is False and somebody else decides that of one of them just now, they may not.
    """
    others = hold_others_of(case.person_id, wait=wait)
    if not others:
        return others is not None
    theirs = sa.select(Place.id).join(Case, Case.id == Place.case_id)
    there = theirs.where(
        Place.session_id == session_id, Place.released_at.is_(None), Case.person_id.in_(others)
    )
    return db.session.execute(there.limit(1)).first() is None


def fits(case: Case, session: CourseSession) -> bool:
    """Whether the person is of the course's age on the day of the session."""
    course = db.session.get_one(Course, session.course_id)
    return takes_age(course, _age(case, london_date(session.starts_at)))


def hold_course(course_id: int) -> None:
    """Let nobody stop a course, or change whom it is for, until this transaction ends: somebody joins its list.

    Taken before a session and a case, where several are locked; whoever has locked one case alone may take it after.
    """
    db.session.execute(sa.select(Course.id).where(Course.id == course_id).with_for_update(read=True))


def require_course(case: Case, course_id: int, *, now: datetime) -> None:
    """Raises NoSuchCourse, or WrongAge where it is not for the person's age today."""
    course = db.session.get(Course, course_id, populate_existing=True)
    if course is None or not course.active:
        raise NoSuchCourse
    if not takes_age(course, _age(case, london_date(now))):
        raise WrongAge


def is_for(case: Case, course_id: int, *, now: datetime) -> bool:
    """Whether the course is run, and for the person's age today."""
    try:
        require_course(case, course_id, now=now)
    except (NoSuchCourse, WrongAge):
        return False
    return True


def placed(
    case: Case, place: Place, session: CourseSession, *, booked: str, by: Actor, now: datetime
) -> None:
    """Somebody has a place: their turn on the list is over, and texts are planned; ``booked`` names the first."""
    waiting = waiting_of(case.id)
    if waiting is not None:
        leave_waiting_list(waiting, because="placed", now=now)
    case.course_id = session.course_id
    move_case(case, Status.PLACED, by=by, now=now)
    finish_tasks(case.id, kinds=("place", "rebook"), by=str(by), now=now)
    reminding.forget_place(place, because="accepted", now=now)
    reminding.remind_of_place(place, session, terms=terms_of(case), booked=booked, now=now)
    writing.write_where_needed(case, now=now)


def _age(case: Case, day: date) -> int:
    born = db.session.scalars(sa.select(Person.date_of_birth).where(Person.id == case.person_id)).one()
    return age_on(born, day)
