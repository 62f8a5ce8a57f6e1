"""A session gives more places than it has seats, by how many of those placed have come to its course so far.

Off for a course until somebody sets how many more there may be at most. One in a room has no more than its seats.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.forecast import extra_places
from provider.domain.courses.models import Course, CourseSession
from provider.kernel.database import db
from provider.reporting.pipeline import show_rates

LEAST_SEEN = 40
"""So many places have to have shown how many come, before anything rests on it."""


def overbook(session: CourseSession, *, now: datetime) -> None:
    """Let a session give as many places as its course's show rate allows now, instead of what it gave before.

    Places that are held stay held, also where fewer are given than before. The session is locked by whoever calls.
    """
    session.extra_places = _extra(session, now=now)
    db.session.flush()


def overbook_coming(course_id: int, *, now: datetime) -> None:
    """The same for every session of a course that is still to come, after its setting was changed."""
    coming = sa.select(CourseSession).where(
        CourseSession.course_id == course_id, CourseSession.state == "open", CourseSession.starts_at > now
    )
    for session in db.session.scalars(coming.order_by(CourseSession.id).with_for_update()):
        session.extra_places = _extra(session, now=now)
    db.session.flush()


def _extra(session: CourseSession, *, now: datetime) -> int:
    course = db.session.get_one(Course, session.course_id)
    if not course.most_extra or session.held_at is not None:
        return 0
    shown = show_rates(now=now).get(course.id)
    if shown is None or shown.places < LEAST_SEEN or not shown.came:
        return 0
    return extra_places(session.capacity, show_rate=shown.came / shown.places, most=course.most_extra)
