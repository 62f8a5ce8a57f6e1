"""Join is pressed on a person's page; Zoom tells who came into the meeting, and who left it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.places import coming_place
from provider.domain.courses.waiting import waiting_of
from provider.domain.meetings.ledger import keep_told, note_run
from provider.domain.meetings.models import JoinPress, Meeting, MeetingJoin, MeetingRun, Registrant
from provider.domain.meetings.stays import Fact
from provider.domain.meetings.zoom_events import MeetingEvent, read_event
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal

LET_IN = timedelta(minutes=15)
"""How long before a session whoever presses Join is let in; before that they hear when to come back."""

AROUND = timedelta(hours=12)
"""A meeting's number may serve more than one session: what is told of it is about the one that is near."""


class MeetingIsOver(Refusal):
    code = "meeting_is_over"
    sentence = "That session is over, or called off: nobody joins it any more."


@dataclass(frozen=True)
class Pressed:
    """What came of it: ``in``, with their own link or the session's plain one; ``early``, until ``opens_at``;
    ``no_link`` where theirs is not made yet; ``over``. Without a coming session all else is None.
    """

    came_to: Literal["in", "early", "no_link", "over"]
    starts_at: datetime | None = None
    opens_at: datetime | None = None
    plain_link: str | None = None
    sealed_link: str | None = None


def press(case_id: int, *, by: Actor, now: datetime) -> Pressed:
    """Somebody wants to join what is coming for them. That they pressed is kept, whatever comes of it."""
    place, waiting = coming_place(case_id), waiting_of(case_id)
    if place is None or (waiting is not None and waiting.offered_place_id == place.id):
        return Pressed("over")
    session = db.session.get_one(CourseSession, place.session_id)
    pressed = _pressed(place, session, now=now)
    db.session.add(JoinPress(place_id=place.id, at=now, came_to=pressed.came_to))
    db.session.flush()
    record("place.join_pressed", "place", place.id, by=by, now=now, came_to=pressed.came_to)
    return pressed


def _pressed(place: Place, session: CourseSession, *, now: datetime) -> Pressed:
    starts_at, opens_at = session.starts_at, session.starts_at - LET_IN
    if session.state != "open" or starts_at + timedelta(minutes=session.minutes) <= now:
        return Pressed("over", starts_at)
    if now < opens_at:
        return Pressed("early", starts_at, opens_at)
    if session.join_url:
        return Pressed("in", starts_at, opens_at, plain_link=session.join_url)
    own = db.session.scalars(sa.select(Registrant.sealed_link).where(Registrant.place_id == place.id)).first()
    return Pressed("in" if own else "no_link", starts_at, opens_at, sealed_link=own)


def heard(raw: str, *, now: datetime) -> None:
    """Keep what one of Zoom's messages tells of a session of ours. One that is about no such session tells nothing."""
    event = read_event(raw)
    session_id = None if event is None else _about(event)
    if event is None or session_id is None:
        return
    if event.participant is None:
        moment = {"started_at" if event.what == "began" else "ended_at": event.at}
        note_run(session_id, event.run, **moment)
        return
    keep_told(session_id, [_fact(event)], now=now)


def _about(event: MeetingEvent) -> int | None:
    """The session that an event is about: who leaves, leaves what they joined, and a meeting is over that began."""
    if event.what in ("began", "joined"):
        return session_held_in(event.number, event.at)
    near = _near(event.number, event.at)
    known = _where_told(event, [one.id for one in near])
    begun = [one for one in near if one.id in known] or near
    return min(begun, key=lambda one: (one.starts_at > event.at, one.off(event.at))).id if begun else None


def session_held_in(number: str, at: datetime) -> int | None:
    """The session for which somebody came into this meeting, or began it: where its number serves several, the one that
    is on, else the next of those not over, else the last.
    """
    near = _near(number, at)
    return min(near, key=lambda one: (one.ends_at < at, one.off(at))).id if near else None


@dataclass(frozen=True)
class _Near:
    """A session that a meeting's number serves."""

    id: int
    starts_at: datetime
    ends_at: datetime

    def off(self, at: datetime) -> timedelta:
        """How far from it a moment is; nothing for one that is in it."""
        return max(self.starts_at - at, at - self.ends_at, timedelta(0))


def _near(number: str, at: datetime) -> list[_Near]:
    typed = sa.func.replace(CourseSession.meeting_number, " ", "")
    rows = db.session.execute(
        sa.select(CourseSession.id, CourseSession.starts_at, CourseSession.minutes)
        .outerjoin(Meeting, Meeting.session_id == CourseSession.id)
        .where(
            sa.or_(Meeting.number == number, typed == number),
            CourseSession.state != "cancelled",
            CourseSession.starts_at.between(at - AROUND, at + AROUND),
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    return [_Near(id_, starts_at, starts_at + timedelta(minutes=minutes)) for id_, starts_at, minutes in rows]


def _where_told(event: MeetingEvent, session_ids: list[int]) -> set[int]:
    """The sessions of which the same run was told; for somebody who leaves, that their device came into it."""
    ours = MeetingJoin.session_id.in_(session_ids) & (MeetingJoin.run == event.run)
    joined = sa.select(MeetingJoin.session_id).where(ours, MeetingJoin.joined_at <= event.at)
    if event.participant is not None:
        device = MeetingJoin.connection == event.participant.connection
        return set(db.session.scalars(joined.where(device)))
    began = sa.select(MeetingRun.session_id).where(
        MeetingRun.session_id.in_(session_ids), MeetingRun.run == event.run
    )
    return set(db.session.scalars(joined.union(began)))


def _fact(event: MeetingEvent) -> Fact:
    who = event.participant
    assert who is not None
    joined = event.what == "joined"
    return Fact(
        id=0,
        source="webhook",
        name=who.name,
        original_name=None,
        email=who.email,
        registrant=who.registrant,
        run=event.run,
        connection=who.connection,
        joined_at=event.at if joined else None,
        left_at=None if joined else event.at,
        minutes=0,
        waiting_room=event.waiting_room,
    )


def use_link(session_id: int, address: str, *, by: Actor, now: datetime) -> None:
    """Everybody joins by this link from now on; an empty one: by links of their own, which Zoom is asked for.

    Raises NotFound, or MeetingIsOver where nobody joins it any more.
    """
    session = db.session.get(CourseSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotFound
    if session.state != "open" or session.starts_at + timedelta(minutes=session.minutes) <= now:
        raise MeetingIsOver
    session.join_url = address
    record("session.link_typed" if address else "session.link_left", "session", session_id, by=by, now=now)
