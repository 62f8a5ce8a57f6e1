"""A session that is on is changed: how many places it has, when it closes, where people join, who runs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.facilitating import FacilitatorRole, facilitators
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.places import SessionNotOpen
from provider.domain.courses.waiting import waiting_of
from provider.domain.diary.turns import hold_diaries
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import facilitating, reminding
from provider.pathway.offering import answer_by, offer_free_places
from provider.pathway.overbooking import overbook
from provider.pathway.shifting import keep_offer
from provider.pathway.steps import lock_case


class PlacesHeld(Refusal):
    code = "places_held"

    def __init__(self, held: int, capacity: int) -> None:
        free = held - capacity
        them = "1 place" if free == 1 else f"{free} places"
        super().__init__(f"{held} places are held or offered: {them} must be free first.")


class NobodyLeads(Refusal):
    code = "nobody_leads"
    sentence = "Somebody must run a session: say who covers for them."


@dataclass(frozen=True)
class Altered:
    """What a session is to be from now on; see ``CourseSession`` for the fields."""

    capacity: int
    closes_at: datetime | None
    join_url: str
    meeting_number: str | None
    held_at: str | None
    dial_in: str | None


def alter_session(session_id: int, to: Altered, *, by: Actor, now: datetime) -> int:
    """Change a session that has not begun; places that are new are offered to who waits. Answers how many were.

    Raises PlacesHeld where more are held than it is to have, SessionNotOpen where it has begun or is not held.
    """
    session = _before_it_begins(session_id, now=now)
    before = {name: getattr(session, name) for name in vars(to)}
    for name, value in vars(to).items():
        setattr(session, name, value)
    changed = sorted(name for name, value in vars(to).items() if value != before[name])
    if {"capacity", "held_at"} & set(changed):
        overbook(session, now=now)
        _require_room(session)
    if "closes_at" in changed:
        _trim_offers(session, now=now)
    record(
        "session.changed",
        "session",
        session_id,
        by=by,
        now=now,
        changed=", ".join(changed),
        places=to.capacity,
    )
    return offer_free_places(session_id, by=by, now=now)


def put_to(session_id: int, account_id: int, *, by: Actor, now: datetime) -> None:
    """One more facilitator: leads where nobody does, helps otherwise.

    Raises FacilitatorBusy, FacilitatorRings, FacilitatingAlready or SessionNotOpen.
    """
    session = _while_it_is_held(session_id)
    role = FacilitatorRole.SECOND if facilitators(session_id) else FacilitatorRole.LEAD
    facilitating.put_to(session, account_id, role, by=by, now=now)
    record("session.facilitator_added", "session", session_id, by=by, now=now, account=account_id)


def take_off(
    session_id: int, account_id: int, *, cover_id: int | None, because: str, by: Actor, now: datetime
) -> None:
    """Somebody does not run a session after all; ``cover_id`` does instead, or the others by themselves.

    Raises NobodyLeads where there are none, and what ``put_to`` raises; NotFacilitating where they do not run it.
    """
    session = _while_it_is_held(session_id)
    hold_diaries([account_id] if cover_id is None else [account_id, cover_id])
    covered = facilitating.stand_down(session_id, account_id, because=because, now=now)
    if cover_id is not None:
        facilitating.put_to(session, cover_id, FacilitatorRole.COVER, covers=covered, by=by, now=now)
    elif not facilitators(session_id):
        raise NobodyLeads
    record("session.covered", "session", session_id, by=by, now=now, account=account_id, cover=cover_id)


def _before_it_begins(session_id: int, *, now: datetime) -> CourseSession:
    session = _while_it_is_held(session_id)
    if session.starts_at <= now:
        raise SessionNotOpen("That session has begun: nothing of it can be changed any more.")
    return session


def _while_it_is_held(session_id: int) -> CourseSession:
    """The session, from whom nobody takes a place until this transaction ends."""
    session = db.session.get(CourseSession, session_id, populate_existing=True, with_for_update=True)
    if session is None or session.state != "open":
        raise SessionNotOpen
    return session


def _trim_offers(session: CourseSession, *, now: datetime) -> None:
    """No offer is open for longer than the session is: whose ends sooner now is told so."""
    found = sa.select(Waiting.case_id, Place.id).join(Place, Place.id == Waiting.offered_place_id)
    over = found.where(
        Place.session_id == session.id, Waiting.left_at.is_(None), Waiting.offer_ends_at > answer_by(session)
    )
    for case_id, place_id in db.session.execute(over.order_by(Waiting.case_id)).all():
        case, place = lock_case(case_id), db.session.get_one(Place, place_id)
        waiting = waiting_of(case_id)
        if waiting is not None:
            db.session.refresh(waiting)
            if waiting.offered_place_id == place_id:
                reminding.forget_place(place, because="session_changed", now=now)
                keep_offer(waiting, place, case, session, now=now)


def _require_room(session: CourseSession) -> None:
    held = db.session.scalar(
        sa.select(sa.func.count()).where(Place.session_id == session.id, Place.released_at.is_(None))
    )
    given = session.capacity + session.extra_places
    if held is not None and held > given:
        raise PlacesHeld(held, given)


def closing_time(starts_at: datetime, hours_before: int | None) -> datetime | None:
    """When a session closes that closes so many hours before it begins; None with its start."""
    return starts_at - timedelta(hours=hours_before) if hours_before else None
