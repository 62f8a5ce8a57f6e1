"""A place in a session of a course, given, moved and given back; and the waiting list where there is none.

What is offered to those who wait stands in ``offering``, sessions called off in ``scheduling``.
"""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.places import coming_place, release_place, take_place
from provider.domain.courses.waiting import join_waiting_list, leave_waiting_list, waiting_of
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reminding
from provider.pathway.offering import let_offer_go, offer_free_places
from provider.pathway.placing import (
    NotPlaceable,
    hold_course,
    keep_open,
    placed,
    require_course,
    require_placeable,
    session_for,
)
from provider.pathway.steps import lock_case, move_case


class SessionBegun(Refusal):
    code = "session_begun"
    sentence = "That session has begun: what follows from it is said on its register."


class NothingHeld(Refusal):
    code = "nothing_held"
    sentence = "There is no place to give back any more."


class NotWaiting(Refusal):
    code = "not_waiting"
    sentence = "They are not on the waiting list any more."


def give_place(case_id: int, session_id: int, *, by: Actor, now: datetime) -> Place:
    """Give a place in a session, and take the case off the waiting list.

    A place they were offered is let go for it. Raises SessionFull (wait_for_place is then the way), SessionNotOpen,
    AlreadyPlaced, NotPlaceable or WrongAge.
    """
    keep_open(session_id)
    case = lock_case(case_id)
    require_placeable(case)
    session = session_for(case, session_id)
    let_go = let_offer_go(case_id, now=now)
    place = take_place(session_id, case_id=case_id, by=by, now=now)
    placed(case, place, session, booked="course_booked", by=by, now=now)
    if let_go is not None:
        offer_free_places(let_go, by=by, now=now)
    return place


def move_place(case_id: int, session_id: int, *, by: Actor, now: datetime) -> Place:
    """Give a place in another session for the one they have, which goes to the next who waits.

    Raises what give_back_place and give_place raise; then the old place still stands.
    """
    keep_open(session_id)
    case = lock_case(case_id)
    old = _place_to_come(case_id, now=now)
    session = session_for(case, session_id)
    release_place(old, because="moved", now=now)
    reminding.forget_place(old, because="moved", now=now)
    place = take_place(session_id, case_id=case_id, by=by, now=now)
    placed(case, place, session, booked="course_moved", by=by, now=now)
    record("place.moved", "place", old.id, by=by, now=now, person_id=case.person_id, to=place.id)
    offer_free_places(old.session_id, by=by, now=now)
    return place


def give_back_place(case_id: int, *, because: str, by: Actor, now: datetime) -> None:
    """Release the place a case has coming, and offer it to the next who waits. The case needs another.

    Raises NothingHeld where there is none any more, SessionBegun once its session has begun.
    """
    case = lock_case(case_id)
    place = _place_to_come(case_id, now=now)
    let_place_go(case, place, because=because, by=by, now=now)
    raise_task("place", case_id=case_id, due_at=now, now=now)
    offer_free_places(place.session_id, by=by, now=now)


def let_place_go(case: Case, place: Place, *, because: str, by: Actor, now: datetime) -> None:
    """Release a place that is to come, with what is planned around it. The case needs another."""
    release_place(place, because=because, now=now)
    reminding.forget_place(place, because="released", now=now)
    move_case(case, Status.ASSESSED, by=by, now=now)
    record("place.given_back", "place", place.id, by=by, now=now, person_id=case.person_id, because=because)


def wait_for_place(case_id: int, course_id: int, *, by: Actor, now: datetime) -> Waiting:
    """Put the case on the waiting list of a course; who is on it keeps their turn, who waits for another leaves that.

    Raises NotPlaceable, NoSuchCourse or WrongAge.
    """
    hold_course(course_id)
    case = lock_case(case_id)
    require_placeable(case)
    require_course(case, course_id, now=now)
    before = waiting_of(case_id)
    let_go = None
    if before is not None and before.course_id != course_id:
        let_go = leave_list(case_id, because="another_course", now=now)
    elif coming_place(case_id) is not None:
        raise NotPlaceable("They already have a place.")
    waiting = join_waiting_list(case_id, course_id=course_id, now=now)
    case.course_id = course_id
    move_case(case, Status.WAITING, by=by, now=now)
    finish_tasks(case_id, kinds=("place",), by=str(by), now=now)
    key = f"waiting:{waiting.id}:joined"
    reminding.tell_at_once("waiting_list_joined", case_id=case_id, once_key=key, now=now)
    if let_go is not None:
        offer_free_places(let_go, by=by, now=now)
    return waiting


def stop_waiting(case_id: int, *, by: Actor, now: datetime) -> None:
    """Take a case off the waiting list; it needs a place all the same. Raises NotWaiting."""
    case = lock_case(case_id)
    if waiting_of(case_id) is None:
        raise NotWaiting
    let_go = leave_list(case_id, because="asked", now=now)
    move_case(case, Status.ASSESSED, by=by, now=now)
    raise_task("place", case_id=case_id, due_at=now, now=now)
    if let_go is not None:
        offer_free_places(let_go, by=by, now=now)


def leave_list(case_id: int, *, because: str, now: datetime) -> int | None:
    """Give up the turn on the waiting list, if there is one, and the offer that is open.

    Answers the id of the session in which a place is free again by it, or None.
    """
    let_go = let_offer_go(case_id, now=now)
    waiting = waiting_of(case_id)
    if waiting is not None:
        leave_waiting_list(waiting, because=because, now=now)
    return let_go


def held_place(case_id: int) -> Place:
    """The place a case has coming, which is no offer. Raises NothingHeld."""
    place, waiting = coming_place(case_id), waiting_of(case_id)
    if place is None or (waiting is not None and waiting.offered_place_id == place.id):
        raise NothingHeld
    return place


def _place_to_come(case_id: int, *, now: datetime) -> Place:
    place = held_place(case_id)
    if db.session.get_one(CourseSession, place.session_id).starts_at <= now:
        raise SessionBegun
    return place
