"""Join is pressed on a person's page; Zoom tells who came into the meeting, and who left it."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession
from provider.domain.meetings.ledger import keep_told, note_run
from provider.domain.meetings.stays import Fact
from provider.domain.meetings.zoom_events import MeetingEvent, read_event
from provider.kernel.database import db

AROUND = timedelta(hours=12)
"""A meeting's number may serve more than one session: what is told of it is about the one that is near."""


def heard(raw: str, *, now: datetime) -> None:
    """Keep what one of Zoom's messages tells of a session of ours. One that is about no such session tells nothing."""
    event = read_event(raw)
    session_id = None if event is None else _session_of(event)
    if event is None or session_id is None:
        return
    if event.participant is None:
        moment = {"started_at" if event.what == "began" else "ended_at": event.at}
        note_run(session_id, event.run, **moment)
        return
    keep_told(session_id, [_fact(event)], now=now)


def _session_of(event: MeetingEvent) -> int | None:
    """The session that was held at the time in this meeting, the nearest where its number serves several."""
    near = db.session.execute(
        sa.select(CourseSession.id, CourseSession.starts_at).where(
            sa.func.replace(CourseSession.meeting_number, " ", "") == event.number,
            CourseSession.state != "cancelled",
            CourseSession.starts_at.between(event.at - AROUND, event.at + AROUND),
        )
    ).all()
    return min(near, key=lambda one: abs(one.starts_at - event.at)).id if near else None


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
