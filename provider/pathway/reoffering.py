"""Who missed a session, gave it back or could not keep it is in line for the next at once, offered what is free."""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.places import coming_place
from provider.domain.courses.waiting import join_waiting_list, turn_of, waiting_of
from provider.domain.diary.queries import booked_appointment
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import reminding
from provider.pathway.placing import hold_course, is_for
from provider.pathway.ringing import number_works
from provider.pathway.steps import move_case, terms_of


def in_line_again(case: Case, place: Place, *, missed: bool, by: Actor, now: datetime) -> None:
    """Put a case in line for another session of the course it had a place in; a text says so.

    Who could not help it has their turn as it was, who missed it comes last. Where nobody knows how they are reached,
    or the course is not for them any more, somebody sees to it instead. Who has something coming keeps that.
    """
    if coming_place(case.id) is not None or waiting_of(case.id) or booked_appointment(case.id) is not None:
        return
    course_id = db.session.get_one(CourseSession, place.session_id).course_id
    hold_course(course_id)
    if not (number_works(case, now=now) and is_for(case, course_id, now=now)):
        raise_task("place", case_id=case.id, due_at=now, now=now)
        return
    waiting = join_waiting_list(case.id, course_id=course_id, now=now)
    waiting.after_place_id = place.id
    put_in_turn(case, place, missed=missed, now=now)
    case.course_id = course_id
    move_case(case, Status.WAITING, by=by, now=now)
    record("place.in_line_again", "place", place.id, by=by, now=now, person_id=case.person_id)
    reminding.say_another_follows(case.id, place.id, missed=missed, terms=terms_of(case), now=now)


def put_in_turn(case: Case, place: Place, *, missed: bool, now: datetime) -> None:
    """Where in line somebody is who waits because of a place: last if they missed it, or else where they were."""
    waiting = waiting_of(case.id)
    if waiting is not None and waiting.after_place_id == place.id:
        waiting.joined_at = now if missed else turn_of(place, waiting.course_id)
