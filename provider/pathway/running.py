"""Which courses are run: a kind of course is added, changed, run no more, run again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.courses.kinds import CourseKind, add_course, change_course, kind_of
from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.domain.courses.waiting import waiting_of
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal
from provider.pathway.allocating import leave_list
from provider.pathway.overbooking import overbook_coming
from provider.pathway.steps import lock_case, move_case


class AgesHeld(Refusal):
    code = "ages_held"

    def __init__(self, people: int) -> None:
        them = "1 person of another age holds" if people == 1 else f"{people} people of another age hold"
        super().__init__(f"{them} a place in a coming session of this course: move them first.")


def run_course(kind: CourseKind, *, by: Actor, now: datetime) -> Course:
    """Add a kind of course. Raises CodeTaken or AgesCrossEighteen."""
    course = add_course(kind)
    record("course.added", "course", course.id, by=by, now=now, course=kind.code)
    return course


def alter_course(course_id: int, kind: CourseKind, *, by: Actor, now: datetime) -> None:
    """Let a course be otherwise from now on; sessions that are on keep their length.

    Raises AgesHeld where somebody who holds a place would be too old or too young, CodeTaken or AgesCrossEighteen.
    """
    course = _locked(course_id)
    before = asdict(kind_of(course))
    if (course.age_from, course.age_to) != (kind.age_from, kind.age_to):
        _require_ages(course_id, kind, now=now)
    change_course(course, kind)
    if kind.most_extra != before["most_extra"]:
        overbook_coming(course_id, now=now)
    changed = sorted(name for name, value in asdict(kind_of(course)).items() if value != before[name])
    record("course.changed", "course", course_id, by=by, now=now, changed=", ".join(changed))


def stop_course(course_id: int, *, by: Actor, now: datetime) -> int:
    """Put on no more sessions of a course. Those that are on are held; who waits needs another course: a task says so.

    Answers how many waited.
    """
    course = _locked(course_id)
    course.active = False
    waiting = sa.select(Waiting.case_id).where(Waiting.course_id == course_id, Waiting.left_at.is_(None))
    cases = db.session.scalars(waiting.order_by(Waiting.case_id)).all()
    for case_id in cases:
        _needs_another(case_id, by=by, now=now)
    record("course.stopped", "course", course_id, by=by, now=now, waited=len(cases))
    return len(cases)


def _needs_another(case_id: int, *, by: Actor, now: datetime) -> None:
    case = lock_case(case_id)
    if waiting_of(case_id) is not None:
        leave_list(case_id, because="course_stopped", now=now)
        move_case(case, Status.ASSESSED, by=by, now=now)
        raise_task("place", case_id=case_id, due_at=now, now=now)


def run_again(course_id: int, *, by: Actor, now: datetime) -> None:
    """Sessions of the course can be put on again."""
    _locked(course_id).active = True
    record("course.run_again", "course", course_id, by=by, now=now)


def _locked(course_id: int) -> Course:
    course = db.session.get(Course, course_id, populate_existing=True, with_for_update={"key_share": True})
    if course is None:
        raise NotFound
    return course


def _require_ages(course_id: int, kind: CourseKind, *, now: datetime) -> None:
    """Raises AgesHeld. Nobody takes a place in a coming session of the course until this transaction ends."""
    coming = sa.select(CourseSession).where(
        CourseSession.course_id == course_id, CourseSession.state == "open", CourseSession.starts_at > now
    )
    sessions = db.session.scalars(coming.order_by(CourseSession.id).with_for_update()).all()
    days = {session.id: london_date(session.starts_at) for session in sessions}
    outside = sum(not kind.takes(age_on(born, days[session_id])) for session_id, born in _holders(days))
    if outside:
        raise AgesHeld(outside)


def _holders(session_ids: Iterable[int]) -> list[tuple[int, date]]:
    """Whoever holds a place in these sessions, or is offered one: the session, and when they were born."""
    rows = db.session.execute(
        sa.select(Place.session_id, Person.date_of_birth)
        .join(Case, Case.id == Place.case_id)
        .join(Person, Person.id == Case.person_id)
        .where(Place.session_id.in_(session_ids), Place.released_at.is_(None))
    )
    return [(row[0], row[1]) for row in rows]
