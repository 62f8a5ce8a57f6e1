"""A session is held at another time: who holds a place keeps it, and is told at once how to get another."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.places import SessionNotOpen, release_place
from provider.domain.courses.waiting import waiting_of
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.domain.schemes.terms import Terms
from provider.kernel.actors import Actor
from provider.kernel.calendar import next_polite
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reminding
from provider.pathway.calling_up import ask_no_more
from provider.pathway.facilitating import keep_time
from provider.pathway.offering import AN_HOUR, answer_by, offer_free_places, take_back
from provider.pathway.placing import fits
from provider.pathway.scheduling import SessionInThePast
from provider.pathway.steps import lock_case, move_case, terms_of


class SessionHasBegun(Refusal):
    code = "session_has_begun"
    sentence = "A session that has begun, or is over, is never moved."


class SameTime(Refusal):
    code = "same_time"
    sentence = "It is held at that time already. Choose another."


def move_session(session_id: int, *, starts_at: datetime, by: Actor, now: datetime) -> int:
    """Hold a session at another time: everybody in it is told, and reminded anew; answers how many are.

    Booking closes as long before it as it did. An offer stands, for the new time, where that leaves time to answer.
    Whoever is of another age by then loses the place, and is a task for their worker.

    Raises SessionHasBegun, SessionNotOpen where it is not held, SessionInThePast, SameTime, FacilitatorBusy or
    FacilitatorRings.
    """
    session = _movable(session_id, starts_at, now=now)
    before = session.starts_at
    if session.closes_at is not None:
        session.closes_at -= before - starts_at
    session.starts_at = starts_at
    session.times_moved, session.moved_at = session.times_moved + 1, now
    ask_no_more(session_id, now=now)
    db.session.flush()
    kept = [found for place in _taken(session_id) if (found := _keep(place, session, by=by, now=now))]
    # Named by this moment too: a session may be moved there and back.
    reminding.remind_of_places(kept, session, booked="course_moved", now=now, again=f":{now.isoformat()}")
    record(
        "session.moved",
        "session",
        session_id,
        by=by,
        now=now,
        places=len(kept),
        was=before.isoformat(),
        to=starts_at.isoformat(),
    )
    offer_free_places(session_id, by=by, now=now)
    keep_time(session)
    return len(kept)


def _movable(session_id: int, starts_at: datetime, *, now: datetime) -> CourseSession:
    """The session, from whom nobody takes a place until this transaction ends."""
    session = db.session.get(CourseSession, session_id, populate_existing=True, with_for_update=True)
    if session is None or session.state == "cancelled":
        raise SessionNotOpen
    if session.starts_at <= now or session.state != "open":
        raise SessionHasBegun
    if starts_at <= now:
        raise SessionInThePast("A session is moved to a time that is still to come. Choose a later one.")
    if starts_at == session.starts_at:
        raise SameTime
    return session


def _taken(session_id: int) -> list[Place]:
    held = sa.select(Place).where(Place.session_id == session_id, Place.released_at.is_(None))
    return list(db.session.scalars(held.order_by(Place.number)))


def _keep(place: Place, session: CourseSession, *, by: Actor, now: datetime) -> tuple[Place, Terms] | None:
    """What is planned for a place is forgotten; the place itself where it is held on, and the terms it is under."""
    case = lock_case(place.case_id)
    db.session.refresh(place)
    if place.released_at is not None:
        # Moved, given back or withdrawn while the session was being moved.
        return None
    reminding.forget_place(place, because="session_moved", now=now)
    waiting = waiting_of(case.id)
    if waiting is not None and waiting.offered_place_id == place.id:
        keep_offer(waiting, place, case, session, now=now)
        return None
    if not fits(case, session):
        release_place(place, because="session_moved", now=now)
        move_case(case, Status.ASSESSED, by=by, now=now)
        raise_task("place", case_id=case.id, due_at=now, now=now)
        return None
    return place, terms_of(case)


def keep_offer(waiting: Waiting, place: Place, case: Case, session: CourseSession, *, now: datetime) -> None:
    """An offer is made anew, for when the session is now, or closes; what is planned of it is forgotten already.

    Taken back where they cannot come any more, or would have less than an hour to answer because of it.
    """
    assert waiting.offer_ends_at is not None
    ends_at = min(waiting.offer_ends_at, answer_by(session))
    in_time = ends_at == waiting.offer_ends_at > now or ends_at >= next_polite(now) + AN_HOUR
    if not (in_time and fits(case, session)):
        take_back(waiting, place, because="session_moved", now=now)
        return
    waiting.offer_ends_at = ends_at
    reminding.tell_at_once(
        "place_offered",
        case_id=case.id,
        place_id=place.id,
        once_key=f"place:{place.id}:offered:{now.isoformat()}",
        until=ends_at,
        now=now,
    )
