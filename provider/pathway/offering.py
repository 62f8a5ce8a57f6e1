"""A free place is offered to who waits longest: kept for them for a while, taken, refused, or let pass."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.places import SessionFull, release_place, take_place
from provider.domain.courses.waiting import IN_TURN, free_to_ask, waiting_of
from provider.domain.referrals.models import Case
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.calendar import next_polite
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reminding
from provider.pathway.calling_up import call_up
from provider.pathway.placing import fits, may_meet, placed
from provider.pathway.steps import lock_case, terms_of

AN_HOUR = timedelta(hours=1)


class NoOffer(Refusal):
    code = "no_offer"
    sentence = "That offer has ended. We will let you know of the next place."


def offer_free_places(session_id: int, *, now: datetime, by: Actor) -> int:
    """Hold each free place of a session for whoever waits next, and text them the offer; answers how many."""
    session = kept_open(session_id)
    passed_over = _gave_up(session_id)
    if session is not None:
        call_up(session, not_cases=passed_over, by=by, now=now)
    offered = 0
    while session is not None and _leaves_time(session, now):
        waiting = next_in_line(session.course_id, not_cases=passed_over)
        if waiting is None:
            break
        passed_over.add(waiting.case_id)
        case = db.session.get_one(Case, waiting.case_id)
        if not fits(case, session):
            # Eighteen since they joined the list, or by the day of the session: somebody finds them another.
            raise_task("place", case_id=case.id, due_at=now, now=now)
            continue
        if not may_meet(case, session_id, wait=False):
            # The next session may suit: they keep their turn.
            continue
        said_at = _said_at(waiting, now=now)
        if not _leaves_time(session, said_at):
            # They would hear of it too late: who heard nothing did not let it pass.
            continue
        try:
            place = take_place(session_id, case_id=case.id, by=by, now=now, wait=False)
        except SessionFull:
            break
        _offer(case, waiting, place, session, said_at=said_at, now=now)
        record("place.offered", "place", place.id, by=by, now=now, person_id=case.person_id)
        offered += 1
    return offered


def _leaves_time(session: CourseSession, now: datetime) -> bool:
    """Whether an hour is left to answer in once the text may arrive."""
    return answer_by(session) >= next_polite(now) + AN_HOUR


def answer_by(session: CourseSession) -> datetime:
    """The last moment to take an offer: an hour before the session begins, or when it closes if that is sooner."""
    return min(session.starts_at - AN_HOUR, session.closes_at or session.starts_at)


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
            .order_by(*IN_TURN)
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


def accept_offer(case_id: int, *, place_id: int | None = None, by: Actor, now: datetime) -> Place:
    """Take the place that is held: ``place_id`` alone, where they were shown that. Raises NoOffer where none is."""
    case = lock_case(case_id)
    _, place = _open_offer(case_id, place_id, now=now)
    session = db.session.get_one(CourseSession, place.session_id)
    placed(case, place, session, booked="course_booked", by=by, now=now)
    return place


def refuse_offer(case_id: int, *, place_id: int | None = None, by: Actor, now: datetime) -> None:
    """No thanks: the place goes to the next, and the turn on the list stays. Raises NoOffer."""
    lock_case(case_id)
    waiting, place = _open_offer(case_id, place_id, now=now)
    take_back(waiting, place, because="refused", now=now)
    record("offer.refused", "place", place.id, by=by, now=now)
    offer_free_places(place.session_id, by=by, now=now)


def end_offer(waiting_id: int, *, now: datetime) -> int | None:
    """An offer whose time has passed: the place is free again. Answers the session's id, or None if it was settled."""
    found = db.session.get_one(Waiting, waiting_id)
    lock_case(found.case_id)
    db.session.refresh(found)
    place = db.session.get(Place, found.offered_place_id) if found.offered_place_id is not None else None
    if found.left_at is not None or place is None or found.offer_ends_at is None or found.offer_ends_at > now:
        return None
    take_back(found, place, because="offer_passed", now=now)
    record("offer.passed", "place", place.id, by=SYSTEM, now=now)
    return place.session_id


def let_offer_go(case_id: int, *, now: datetime) -> int | None:
    """Free the place that is kept for a case by an offer; answers its session's id, None where nothing is."""
    waiting = waiting_of(case_id)
    if waiting is None or waiting.offered_place_id is None:
        return None
    place = db.session.get_one(Place, waiting.offered_place_id)
    take_back(waiting, place, because="another_given", now=now)
    return place.session_id


def take_back(waiting: Waiting, place: Place, *, because: str, now: datetime) -> None:
    """Free a place that was offered; the turn on the list stays."""
    waiting.offered_place_id = None
    waiting.offer_ends_at = None
    release_place(place, because=because, now=now)
    reminding.forget_place(place, because=because, now=now)


def kept_open(session_id: int) -> CourseSession | None:
    """The session, kept from being called off until the transaction ends; None where it is closed or just closing."""
    return db.session.scalars(
        sa.select(CourseSession)
        .where(CourseSession.id == session_id, CourseSession.state == "open")
        .with_for_update(read=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _gave_up(session_id: int) -> set[int]:
    """Who gave up a place in this session, or let its offer pass: it is not offered to them again."""
    gone = sa.select(Place.case_id).where(Place.session_id == session_id, Place.released_at.is_not(None))
    return set(db.session.scalars(gone))


def _said_at(waiting: Waiting, *, now: datetime) -> datetime:
    """Who was to hear that another session follows hears of this one instead, and no sooner."""
    after = waiting.after_place_id
    follows = reminding.another_follows_at(after) if after is not None else None
    return next_polite(max(now, follows or now))


def _offer(
    case: Case, waiting: Waiting, place: Place, session: CourseSession, *, said_at: datetime, now: datetime
) -> None:
    """Keep the place until they had their time to answer, which begins with the text."""
    after = waiting.after_place_id
    named = after is not None and reminding.name_the_next(after, now=now)
    ends_at = min(said_at + timedelta(hours=terms_of(case).offer_hours), answer_by(session))
    waiting.offered_place_id, waiting.offer_ends_at = place.id, ends_at
    reminding.tell_at_once(
        "place_offered_again" if named else "place_offered",
        case_id=case.id,
        place_id=place.id,
        once_key=f"place:{place.id}:offered",
        until=ends_at,
        now=said_at,
    )


def _open_offer(case_id: int, place_id: int | None, *, now: datetime) -> tuple[Waiting, Place]:
    waiting = waiting_of(case_id)
    if waiting is None or waiting.offered_place_id is None or waiting.offer_ends_at is None:
        raise NoOffer
    place = db.session.get_one(Place, waiting.offered_place_id)
    if place_id not in (None, place.id) or waiting.offer_ends_at <= now or place.released_at is not None:
        raise NoOffer
    return waiting, place
