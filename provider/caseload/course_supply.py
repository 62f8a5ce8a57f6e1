"""Whether there are places enough: who waits for each course, and what its coming sessions have free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.domain.courses.numbering import places_sold
from provider.kernel.database import db

AHEAD = timedelta(days=28)


@dataclass(frozen=True)
class CourseLine:
    """Who waits for a course, and what the sessions of the next four weeks have free."""

    course: str
    waiting: int
    sessions: int
    free: int

    @property
    def short(self) -> bool:
        return self.waiting > self.free or not self.free


def course_supply(*, now: datetime) -> tuple[CourseLine, ...]:
    """The courses that are run, by name; those that are short of places come first. One query."""
    coming = sa.and_(
        CourseSession.state == "open", CourseSession.starts_at > now, CourseSession.starts_at < now + AHEAD
    )
    held = sa.select(sa.func.count()).where(Place.session_id == CourseSession.id, Place.released_at.is_(None))
    free = places_sold() - held.correlate(CourseSession).scalar_subquery()
    sessions = (
        sa.select(CourseSession.course_id, sa.func.count().label("sessions"), sa.func.sum(free).label("free"))
        .where(coming)
        .group_by(CourseSession.course_id)
        .subquery()
    )
    waiting = sa.select(sa.func.count()).where(Waiting.course_id == Course.id, Waiting.left_at.is_(None))
    rows = db.session.execute(
        sa.select(
            Course.name, waiting.scalar_subquery().label("waiting"), sessions.c.sessions, sessions.c.free
        )
        .outerjoin(sessions, sessions.c.course_id == Course.id)
        .where(Course.active)
        .order_by(Course.name, Course.id)
    )
    lines = [CourseLine(row.name, row.waiting, row.sessions or 0, max(int(row.free or 0), 0)) for row in rows]
    return tuple(sorted(lines, key=lambda line: not line.short))
