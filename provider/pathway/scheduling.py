"""Sessions are put on and called off; who waits for a place hears of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.places import SessionNotOpen, release_place
from provider.domain.courses.sessions import PlannedSession, coming_sessions, put_on
from provider.domain.courses.waiting import join_waiting_list, turn_of, waiting_of
from provider.domain.diary.cells import free_session
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reminding
from provider.pathway.facilitating import put_all_to
from provider.pathway.offering import offer_free_places, take_back
from provider.pathway.overbooking import overbook
from provider.pathway.placing import hold_course, is_for
from provider.pathway.steps import lock_case, move_case


class SessionInThePast(Refusal):
    code = "session_in_the_past"
    sentence = "A session is put on before it begins. Choose a later time."


def put_session_on(planned: PlannedSession, *, by: Actor, now: datetime) -> CourseSession:
    """Add a session, and offer its places to those who wait, in their order.

    Raises SessionInThePast, FacilitatorBusy or FacilitatorRings.
    """
    session = _put_on(planned, by=by, now=now)
    put_all_to({session: planned.roles}, by=by, now=now)
    return session


def put_sessions_on(planned: Sequence[PlannedSession], *, by: Actor, now: datetime) -> int:
    """Add all of these sessions, or none; answers how many. Raises what ``put_session_on`` raises."""
    in_order = sorted(planned, key=lambda one: one.starts_at)
    put_all_to({_put_on(one, by=by, now=now): one.roles for one in in_order}, by=by, now=now)
    return len(planned)


def _put_on(planned: PlannedSession, *, by: Actor, now: datetime) -> CourseSession:
    if planned.starts_at <= now:
        raise SessionInThePast
    session = put_on(planned)
    overbook(session, now=now)
    about = {"course": planned.course_id, "places": planned.capacity}
    record("session.added", "session", session.id, by=by, now=now, **about)
    offer_free_places(session.id, now=now, by=by)
    return session


def call_session_off(session_id: int, *, by: Actor, now: datetime) -> int:
    """Cancel a session: everyone is told and offered what is free in the other sessions; answers how many held a place.

    Raises SessionNotOpen where it is past, closed or cancelled already.
    """
    held = _cancel(session_id, by=by, now=now)
    offer_course_places(db.session.get_one(CourseSession, session_id).course_id, by=by, now=now)
    free_session(session_id)
    return held


def offer_course_places(course_id: int, *, by: Actor, now: datetime) -> int:
    """Offer every free place of a course to those who wait, the soonest session first; answers how many."""
    return sum(
        offer_free_places(session_id, now=now, by=by) for session_id in coming_sessions(course_id, now=now)
    )


def cancel_session(session_id: int, *, by: Actor, now: datetime) -> int:
    """The provider calls a session off: everyone is told, keeps their chances, and is put first in line for another.

    For whom the course is no more, because it is not run or they are of another age by now, somebody finds another.

    Answers how many held a place. Raises SessionNotOpen where it is past, closed or cancelled already.
    """
    held = _cancel(session_id, by=by, now=now)
    free_session(session_id)
    return held


def _cancel(session_id: int, *, by: Actor, now: datetime) -> int:
    """The time of whoever runs it is given back by the caller, once no more cases are locked."""
    found = db.session.get(CourseSession, session_id)
    if found is not None:
        hold_course(found.course_id)
    session = db.session.get(CourseSession, session_id, populate_existing=True, with_for_update=True)
    if session is None or session.state != "open" or session.starts_at <= now:
        raise SessionNotOpen
    session.state = "cancelled"
    held = db.session.scalars(
        sa.select(Place)
        .where(Place.session_id == session_id, Place.released_at.is_(None))
        .order_by(Place.number)
    ).all()
    for place in held:
        _called_off(place, session, by=by, now=now)
    record("session.cancelled", "session", session_id, by=by, now=now, places=len(held))
    return len(held)


def _called_off(place: Place, session: CourseSession, *, by: Actor, now: datetime) -> None:
    case = lock_case(place.case_id)
    db.session.refresh(place)
    if place.released_at is not None:
        # Moved, given back or withdrawn while the session was being called off.
        return
    waiting = waiting_of(case.id)
    if waiting is not None and waiting.offered_place_id == place.id:
        take_back(waiting, place, because="session_cancelled", now=now)
        return
    release_place(place, because="session_cancelled", now=now)
    reminding.forget_place(place, because="session_cancelled", now=now)
    move_case(case, Status.ASSESSED, by=by, now=now)
    reminding.tell_at_once(
        "course_cancelled",
        case_id=case.id,
        place_id=place.id,
        once_key=f"place:{place.id}:called_off",
        starts_at=session.starts_at,
        now=now,
    )
    if not is_for(case, session.course_id, now=now):
        raise_task("place", case_id=case.id, due_at=now, now=now)
        return
    join_waiting_list(case.id, course_id=session.course_id, now=turn_of(place, session.course_id))
    move_case(case, Status.WAITING, by=by, now=now)
