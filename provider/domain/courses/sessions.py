"""Sessions are put on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession
from provider.kernel.database import db
from provider.kernel.errors import Refusal

LONGEST = timedelta(hours=12)


class FacilitatorBusy(Refusal):
    code = "facilitator_busy"
    sentence = "That facilitator runs another session at that time. Choose another facilitator or time."


@dataclass(frozen=True)
class PlannedSession:
    """A session as somebody wants it: ``starts_at`` aware, ``minutes`` its length, ``capacity`` its places.

    ``held_at`` is the address of its room; one in a room needs no ``join_url``.
    """

    course_id: int
    starts_at: datetime
    minutes: int
    capacity: int
    facilitator_id: int | None
    join_url: str
    meeting_number: str | None = None
    held_at: str | None = None
    dial_in: str | None = None


def put_on(planned: PlannedSession) -> CourseSession:
    """Add an open session. Raises FacilitatorBusy where its facilitator would have to be in two at once."""
    if planned.facilitator_id is not None and _busy(planned.facilitator_id, planned):
        raise FacilitatorBusy
    session = CourseSession(**vars(planned), state="open")
    db.session.add(session)
    db.session.flush()
    return session


def _busy(facilitator_id: int, planned: PlannedSession) -> bool:
    ends_at = planned.starts_at + timedelta(minutes=planned.minutes)
    near = db.session.execute(
        sa.select(CourseSession.starts_at, CourseSession.minutes).where(
            CourseSession.facilitator_id == facilitator_id,
            CourseSession.state == "open",
            CourseSession.starts_at < ends_at,
            CourseSession.starts_at > planned.starts_at - LONGEST,
        )
    )
    return any(starts_at + timedelta(minutes=minutes) > planned.starts_at for starts_at, minutes in near)


def coming_sessions(course_id: int, *, now: datetime) -> tuple[int, ...]:
    """Ids of the open sessions of a course that have not begun, soonest first."""
    found = sa.select(CourseSession.id).where(
        CourseSession.course_id == course_id, CourseSession.state == "open", CourseSession.starts_at > now
    )
    return tuple(db.session.scalars(found.order_by(CourseSession.starts_at, CourseSession.id)))
