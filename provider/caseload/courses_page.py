"""The kinds of course there are: whom each is for, what is coming of it, who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.kinds import CourseKind, kind_of
from provider.domain.courses.models import Course, CourseSession, Waiting
from provider.domain.courses.topics import Topic
from provider.kernel.database import db
from provider.kernel.errors import NotFound


@dataclass(frozen=True)
class CourseLine:
    """One kind of course; ``coming`` counts its sessions that are still to be held, ``waiting`` who wants a place."""

    id: int
    kind: CourseKind
    active: bool
    coming: int
    waiting: int

    @property
    def ages(self) -> str:
        return ages_in_words(self.kind)

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(topic.label for topic in Topic if topic in self.kind.topics)


def courses_page(*, now: datetime) -> tuple[CourseLine, ...]:
    """Every kind of course: those that are run first, by name. One query."""
    return _lines(sa.true(), now=now)


def course_line(course_id: int, *, now: datetime) -> CourseLine:
    """One kind of course. Raises NotFound."""
    found = _lines(Course.id == course_id, now=now)
    if not found:
        raise NotFound
    return found[0]


def ages_in_words(kind: CourseKind) -> str:
    """``18 and over``, ``10 to 17``"""
    return f"{kind.age_from} and over" if kind.age_to is None else f"{kind.age_from} to {kind.age_to}"


def _lines(which: sa.ColumnElement[bool], *, now: datetime) -> tuple[CourseLine, ...]:
    coming = sa.select(sa.func.count()).where(
        CourseSession.course_id == Course.id, CourseSession.state == "open", CourseSession.starts_at > now
    )
    waiting = sa.select(sa.func.count()).where(Waiting.course_id == Course.id, Waiting.left_at.is_(None))
    rows = db.session.execute(
        sa.select(
            Course, coming.scalar_subquery().label("coming"), waiting.scalar_subquery().label("waiting")
        )
        .where(which)
        .order_by(Course.active.desc(), Course.name, Course.id)
    )
    return tuple(
        CourseLine(row.Course.id, kind_of(row.Course), row.Course.active, row.coming, row.waiting)
        for row in rows
    )
