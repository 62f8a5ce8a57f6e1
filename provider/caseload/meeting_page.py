"""The page of a session's meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from provider.caseload.meeting_state import MeetingState, meeting_state
from provider.domain.courses.models import Course, CourseSession
from provider.kernel.database import db
from provider.kernel.errors import NotFound


@dataclass(frozen=True)
class MeetingPage:
    """``state`` is None where everybody is given the link that was typed. ``over``: nobody joins it any more."""

    session_id: int
    course: str
    starts_at: datetime
    join_url: str
    held_at: str | None
    over: bool
    state: MeetingState | None


def meeting_page(session_id: int, *, reader_id: int, now: datetime) -> MeetingPage:
    """Four queries. Raises NotFound."""
    session = db.session.get(CourseSession, session_id)
    if session is None:
        raise NotFound
    ends_at = session.starts_at + timedelta(minutes=session.minutes)
    return MeetingPage(
        session_id=session.id,
        course=db.session.get_one(Course, session.course_id).name,
        starts_at=session.starts_at,
        join_url=session.join_url,
        held_at=session.held_at,
        over=session.state != "open" or ends_at <= now,
        state=meeting_state(session, reader_id=reader_id),
    )
