"""Who is in the meeting of a session at this moment, for the register while the session runs. Credits nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.meeting_matches import Match, meeting_of
from provider.domain.courses.models import CourseSession, Place
from provider.domain.meetings.models import JoinPress
from provider.kernel.database import db
from provider.kernel.errors import NotFound


@dataclass(frozen=True)
class LivePlace:
    """A place's holder now: ``minutes`` of the session so far, whether they are ``here``, when they last pressed Join.

    Minutes count who came by the place's own link, and what a named person confirmed.
    """

    minutes: int
    here: bool
    pressed_at: datetime | None


@dataclass(frozen=True)
class LivePresence:
    """``places`` by place id: only those of whom anything is known. ``others`` are not settled: shown, not guessed."""

    places: Mapping[int, LivePlace]
    others: tuple[Match, ...]


def live_presence(session_id: int, *, now: datetime) -> LivePresence:
    """A session's meeting as it stands, in six queries. Raises NotFound."""
    session = db.session.get(CourseSession, session_id)
    if session is None:
        raise NotFound
    meeting = meeting_of(session, lasting_until=now)
    pressed = last_pressed(session_id)
    known = sorted({*meeting.minutes_by_place, *pressed})
    return LivePresence(
        places={
            place_id: LivePlace(
                minutes=meeting.minutes_by_place.get(place_id, 0),
                here=place_id in meeting.here,
                pressed_at=pressed.get(place_id),
            )
            for place_id in known
        },
        others=tuple(match for match in meeting.matches if not match.own_link),
    )


def last_pressed(session_id: int) -> dict[int, datetime]:
    """When the holder of each place last pressed Join and was let in, by place id."""
    rows = db.session.execute(
        sa.select(JoinPress.place_id, sa.func.max(JoinPress.at, type_=JoinPress.at.type))
        .join(Place, Place.id == JoinPress.place_id)
        .where(Place.session_id == session_id, JoinPress.came_to == "in")
        .group_by(JoinPress.place_id)
    )
    return {row[0]: row[1] for row in rows}
