"""The waiting list of a course: in order of joining."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.numbering import places_sold
from provider.kernel.actors import Actor
from provider.kernel.database import db


class Ahead(StrEnum):
    """Why somebody is put ahead of who joined before them. What each says stands in ``AHEAD``."""

    TURNING_18 = "turning_18"
    DEADLINE = "deadline"
    OUR_FAULT = "our_fault"
    ACCESS = "access"
    SESSION_MOVED = "session_moved"


AHEAD: Mapping[Ahead, str] = {
    Ahead.TURNING_18: "Turns 18 soon",
    Ahead.DEADLINE: "A deadline of the scheme or of a court is near",
    Ahead.OUR_FAULT: "Lost a place through a fault of ours",
    Ahead.ACCESS: "Few sessions suit what they need to take part",
    Ahead.SESSION_MOVED: "Their session was moved or called off",
}

IN_TURN = (Waiting.rank, Waiting.joined_at, Waiting.id)
"""The order of a list: who was put ahead, then everybody, by when they joined."""


def join_waiting_list(case_id: int, *, course_id: int, now: datetime) -> Waiting:
    """Put a case on the list; one that is already on it keeps its turn."""
    waiting = waiting_of(case_id)
    if waiting is None:
        waiting = Waiting(case_id=case_id, course_id=course_id, joined_at=now)
        db.session.add(waiting)
        db.session.flush()
    return waiting


def turn_of(place: Place, course_id: int) -> datetime:
    """Since when its holder has been in line: since they joined the list that led here, or since they had the place."""
    led_here = sa.select(Waiting.joined_at).where(
        Waiting.case_id == place.case_id,
        Waiting.course_id == course_id,
        Waiting.left_because == "placed",
        Waiting.left_at >= place.created_at,
    )
    joined = db.session.scalars(led_here.order_by(Waiting.id.desc()).limit(1)).first()
    return joined or place.created_at


def put_ahead(waiting: Waiting, *, because: Ahead, by: Actor, now: datetime) -> None:
    """Among those who were put ahead the order is that of joining, too."""
    waiting.rank, waiting.ahead_because = 0, because
    waiting.ahead_by, waiting.ahead_at = str(by), now
    db.session.flush()


def put_in_order(waiting: Waiting) -> None:
    waiting.rank = 1
    waiting.ahead_because = waiting.ahead_by = waiting.ahead_at = None
    db.session.flush()


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


def able_to_come(not_cases: Collection[int], *, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether somebody on the list can be asked to come at short notice, and was not about a session still to come."""
    to_come = sa.select(CourseSession.id).where(CourseSession.starts_at > now)
    asked = Waiting.asked_session_id
    return (
        *free_to_ask(not_cases),
        Waiting.short_notice_until > now,
        sa.or_(asked.is_(None), asked.not_in(to_come)),
    )


def asked_to_come(session_id: int) -> int:
    """How many on the list were asked about this session, and have not answered by taking a place."""
    asked = sa.select(sa.func.count()).where(
        Waiting.asked_session_id == session_id, Waiting.left_at.is_(None)
    )
    return db.session.scalars(asked).one()


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
