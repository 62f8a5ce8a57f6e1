"""A place in a session of a course; the waiting list where there is none; and an offer when one is freed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.domain.courses.places import (
    SessionFull,
    SessionNotOpen,
    coming_place,
    release_place,
    take_place,
)
from provider.domain.courses.waiting import free_to_ask, join_waiting_list, leave_waiting_list, waiting_of
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reminding
from provider.pathway.steps import lock_case, move_case, open_referrals, terms_of

PLACEABLE = frozenset({Status.ASSESSED, Status.WAITING, Status.PLACED})


class NotPlaceable(Refusal):
    code = "not_placeable"
    sentence = "A place can be given once the assessment is finished."


class WrongAge(Refusal):
    code = "wrong_age"
    sentence = "Young people and adults are never in one session. Choose a session for their age."


class NoOffer(Refusal):
    code = "no_offer"
    sentence = "That offer has ended. We will let you know of the next place."


def give_place(case_id: int, session_id: int, *, by: Actor, now: datetime) -> Place:
    """Give a place in a session, and take the case off the waiting list.

    A place they were offered is let go for it. Raises SessionFull (wait_for_place is then the way), SessionNotOpen,
    AlreadyPlaced, NotPlaceable or WrongAge.
    """
    case = lock_case(case_id)
    _require_placeable(case)
    session = db.session.get_one(CourseSession, session_id)
    _require_age(case, session)
    let_go = _let_offer_go(case_id, now=now)
    place = take_place(session_id, case_id=case_id, by=by, now=now)
    _placed(case, place, session, booked="course_booked", by=by, now=now)
    if let_go is not None:
        offer_free_places(let_go, by=by, now=now)
    return place


def wait_for_place(case_id: int, course_id: int, *, by: Actor, now: datetime) -> Waiting:
    """Put the case on the waiting list of a course. Raises NotPlaceable; keeps its turn where it has one."""
    case = lock_case(case_id)
    _require_placeable(case)
    if coming_place(case_id) is not None:
        raise NotPlaceable("They already have a place.")
    waiting = join_waiting_list(case_id, course_id=course_id, now=now)
    case.course_id = course_id
    move_case(case, Status.WAITING, by=by, now=now)
    finish_tasks(case_id, kind="place", by=str(by), now=now)
    reminding.tell_at_once(
        "waiting_list_joined", case_id=case_id, once_key=f"waiting:{waiting.id}:joined", now=now
    )
    return waiting


def give_back_place(case_id: int, *, because: str, by: Actor, now: datetime) -> None:
    """Release the place a case has coming, and offer it to the next who waits. The case needs another."""
    case = lock_case(case_id)
    place = coming_place(case_id)
    if place is None:
        raise NoOffer("There is no place to give back any more.")
    release_place(place, because=because, now=now)
    reminding.forget_place(place, because="released", now=now)
    move_case(case, Status.ASSESSED, by=by, now=now)
    raise_task("place", case_id=case_id, due_at=now, now=now)
    offer_free_places(place.session_id, by=by, now=now)


def move_place(case_id: int, session_id: int, *, by: Actor, now: datetime) -> Place:
    """Give a place in another session for the one they have, which goes to the next who waits.

    Raises NoOffer where there is none to give back, and all that give_place raises; then the old place still stands.
    """
    case = lock_case(case_id)
    old = coming_place(case_id)
    if old is None:
        raise NoOffer("There is no place to move any more.")
    session = db.session.get_one(CourseSession, session_id)
    _require_age(case, session)
    release_place(old, because="moved", now=now)
    reminding.forget_place(old, because="moved", now=now)
    place = take_place(session_id, case_id=case_id, by=by, now=now)
    _placed(case, place, session, booked="course_moved", by=by, now=now)
    offer_free_places(old.session_id, by=by, now=now)
    return place


def offer_free_places(session_id: int, *, now: datetime, by: Actor) -> int:
    """Hold each free place of a session for whoever waits next, and text them the offer; answers how many."""
    session = _stay_open(session_id)
    passed_over = set(_refused(session_id))
    offered = 0
    while session is not None and session.starts_at > now + timedelta(hours=1):
        waiting = next_in_line(session.course_id, not_cases=passed_over)
        if waiting is None:
            break
        passed_over.add(waiting.case_id)
        try:
            place = take_place(session_id, case_id=waiting.case_id, by=by, now=now)
        except SessionFull:
            break
        _offer(waiting, place, session, now=now)
        offered += 1
    return offered


def _stay_open(session_id: int) -> CourseSession | None:
    """The session, kept from being called off until the transaction ends; None where it is closed or just closing."""
    return db.session.scalars(
        sa.select(CourseSession)
        .where(CourseSession.id == session_id, CourseSession.state == "open")
        .with_for_update(read=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def next_in_line(course_id: int, *, not_cases: Collection[int]) -> Waiting | None:
    """Who waits longest and has no offer open, with their case locked.

    Whoever changes somebody's turn or place holds their case first. One that is being changed just now is passed over
    rather than waited for: two that wait for each other's case would never end.
    """
    gone = set(not_cases)
    while True:
        found = db.session.execute(
            sa.select(Waiting.id, Waiting.case_id)
            .join(Case, Case.id == Waiting.case_id)
            .where(Waiting.course_id == course_id, *free_to_ask(gone))
            .order_by(Waiting.joined_at, Waiting.id)
            .limit(1)
            .with_for_update(of=Case, skip_locked=True)
        ).one_or_none()
        if found is None:
            return None
        still = sa.select(Waiting).where(Waiting.id == found.id, *free_to_ask(gone))
        waiting = db.session.scalars(still.execution_options(populate_existing=True)).one_or_none()
        if waiting is not None:
            return waiting
        gone.add(found.case_id)


def _refused(session_id: int) -> frozenset[int]:
    """Who gave up a place in this session, or let its offer pass: it is not offered to them again."""
    gone = sa.select(Place.case_id).where(Place.session_id == session_id, Place.released_at.is_not(None))
    return frozenset(db.session.scalars(gone))


def _offer(waiting: Waiting, place: Place, session: CourseSession, *, now: datetime) -> None:
    case = db.session.get_one(Case, waiting.case_id)
    hours = timedelta(hours=terms_of(case).offer_hours)
    waiting.offered_place_id = place.id
    waiting.offer_ends_at = min(now + hours, session.starts_at - timedelta(hours=1))
    reminding.tell_at_once(
        "place_offered", case_id=case.id, place_id=place.id, once_key=f"place:{place.id}:offered", now=now
    )


def accept_offer(case_id: int, *, by: Actor, now: datetime) -> Place:
    """Take the place that is held. Raises NoOffer where it is held no longer."""
    case = lock_case(case_id)
    _waiting, place = _open_offer(case_id, now=now)
    session = db.session.get_one(CourseSession, place.session_id)
    _placed(case, place, session, booked="course_booked", by=by, now=now)
    return place


def refuse_offer(case_id: int, *, by: Actor, now: datetime) -> None:
    """No thanks: the place goes to the next, and the turn on the list stays. Raises NoOffer."""
    lock_case(case_id)
    waiting, place = _open_offer(case_id, now=now)
    _take_back(waiting, place, because="refused", now=now)
    record("offer.refused", "place", place.id, by=by, now=now)


def end_offer(waiting_id: int, *, now: datetime) -> int | None:
    """An offer whose time has passed: the place is free again. Answers the session's id, or None if it was settled."""
    found = db.session.get_one(Waiting, waiting_id)
    lock_case(found.case_id)
    db.session.refresh(found)
    place = db.session.get(Place, found.offered_place_id) if found.offered_place_id is not None else None
    if found.left_at is not None or place is None or found.offer_ends_at is None or found.offer_ends_at > now:
        return None
    _take_back(found, place, because="offer_passed", now=now)
    return place.session_id


def _let_offer_go(case_id: int, *, now: datetime) -> int | None:
    """Free the place that is kept for a case by an offer; answers its session's id, None where nothing is."""
    waiting = waiting_of(case_id)
    if waiting is None or waiting.offered_place_id is None:
        return None
    place = db.session.get_one(Place, waiting.offered_place_id)
    _take_back(waiting, place, because="another_given", now=now)
    return place.session_id


def _take_back(waiting: Waiting, place: Place, *, because: str, now: datetime) -> None:
    waiting.offered_place_id = None
    waiting.offer_ends_at = None
    release_place(place, because=because, now=now)
    reminding.forget_place(place, because=because, now=now)


def _open_offer(case_id: int, *, now: datetime) -> tuple[Waiting, Place]:
    waiting = waiting_of(case_id)
    if waiting is None or waiting.offered_place_id is None or waiting.offer_ends_at is None:
        raise NoOffer
    place = db.session.get_one(Place, waiting.offered_place_id)
    if waiting.offer_ends_at <= now or place.released_at is not None:
        raise NoOffer
    return waiting, place


def cancel_session(session_id: int, *, by: Actor, now: datetime) -> int:
    """The provider calls a session off: everyone is told, keeps their chances, and is put first in line for another.

    Answers how many held a place. Raises SessionNotOpen where it is past, closed or cancelled already.
    """
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
    waiting = waiting_of(case.id)
    if waiting is not None and waiting.offered_place_id == place.id:
        _take_back(waiting, place, because="session_cancelled", now=now)
        return
    release_place(place, because="session_cancelled", now=now)
    reminding.forget_place(place, because="session_cancelled", now=now)
    move_case(case, Status.ASSESSED, by=by, now=now)
    reminding.tell_at_once(
        "course_cancelled",
        case_id=case.id,
        place_id=place.id,
        once_key=f"place:{place.id}:called_off",
        now=now,
    )
    join_waiting_list(case.id, course_id=session.course_id, now=place.created_at)
    move_case(case, Status.WAITING, by=by, now=now)


def _placed(
    case: Case, place: Place, session: CourseSession, *, booked: str, by: Actor, now: datetime
) -> None:
    waiting = waiting_of(case.id)
    if waiting is not None:
        leave_waiting_list(waiting, because="placed", now=now)
    case.course_id = session.course_id
    move_case(case, Status.PLACED, by=by, now=now)
    finish_tasks(case.id, kind="place", by=str(by), now=now)
    finish_tasks(case.id, kind="rebook", by=str(by), now=now)
    reminding.forget_place(place, because="accepted", now=now)
    reminding.remind_of_place(place, session, terms=terms_of(case), booked=booked, now=now)


def _require_placeable(case: Case) -> None:
    referrals = open_referrals(case.id)
    if not referrals or any(referral.status not in PLACEABLE for referral in referrals):
        raise NotPlaceable


def _require_age(case: Case, session: CourseSession) -> None:
    course = db.session.get_one(Course, session.course_id)
    born = db.session.scalars(sa.select(Person.date_of_birth).where(Person.id == case.person_id)).one()
    if course.young_people != (age_on(born, london_date(session.starts_at)) < 18):
        raise WrongAge
