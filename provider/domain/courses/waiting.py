"""The waiting list of a course: in order of joining."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.numbering import places_sold
from provider.kernel.database import db


def join_waiting_list(case_id: int, *, course_id: int, now: datetime) -> Waiting:
    """Put a case on the list; one that is already on it keeps its turn."""
    waiting = waiting_of(case_id)
    if waiting is None:
        waiting = Waiting(case_id=case_id, course_id=course_id, joined_at=now)
        db.session.add(waiting)
        db.session.flush()
    return waiting


def leave_waiting_list(waiting: Waiting, *, because: str, now: datetime) -> None:
    waiting.left_at = now
    waiting.left_because = because
    db.session.flush()


def waiting_of(case_id: int) -> Waiting | None:
    return db.session.scalars(
        sa.select(Waiting).where(Waiting.case_id == case_id, Waiting.left_at.is_(None))
    ).one_or_none()


def free_to_ask(not_cases: Collection[int]) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether somebody on the list can be offered a place: still waiting, no offer open, and not one of these cases."""
    return (
        Waiting.left_at.is_(None),
        Waiting.offered_place_id.is_(None),
        Waiting.case_id.not_in(sorted(not_cases)),
    )


def free_places(session_ids: list[int]) -> dict[int, int]:
    """How many places are free in each of these sessions, by session id."""
    held = (
        sa.select(Place.session_id, sa.func.count().label("held"))
        .where(Place.session_id.in_(session_ids), Place.released_at.is_(None))
        .group_by(Place.session_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(CourseSession.id, places_sold() - sa.func.coalesce(held.c.held, 0))
        .outerjoin(held, held.c.session_id == CourseSession.id)
        .where(CourseSession.id.in_(session_ids))
    )
    return {session_id: max(free, 0) for session_id, free in rows}
