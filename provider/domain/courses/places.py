"""Gives and frees numbered places. The database allows a number of a session to one holder at a time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.sessions import is_open
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class SessionFull(Refusal):
    code = "session_full"
    sentence = "Every place in that session is taken."


class SessionNotOpen(Refusal):
    code = "session_not_open"
    sentence = "That session is no longer open. Choose another."


class AlreadyPlaced(Refusal):
    code = "already_placed"
    sentence = "They already have a place in a coming session. Release it first."


def take_place(session_id: int, *, case_id: int, by: Actor, now: datetime) -> Place:
    """Take the lowest free number. Raises SessionFull, SessionNotOpen or AlreadyPlaced.

    Two who reach for the same number cannot both have it: the loser looks again at what is left.
    """
    if coming_place(case_id) is not None:
        raise AlreadyPlaced
    session = _open_session(session_id)
    if session is None or not is_open(session, now):
        raise SessionNotOpen
    for _ in range(session.capacity + 1):
        number = _lowest_free(range(1, session.capacity + 1), session_id)
        if number is None:
            raise SessionFull
        place = Place(
            session_id=session_id,
            number=number,
            case_id=case_id,
            alias="p" + secrets.token_hex(8),
            created_at=now,
            created_by=str(by),
        )
        try:
            with db.session.begin_nested():
                db.session.add(place)
                db.session.flush()
        except IntegrityError:
            if coming_place(case_id) is not None:
                raise AlreadyPlaced from None
            continue
        return place
    raise SessionFull


def _open_session(session_id: int) -> CourseSession | None:
    """Read under a shared lock: whoever cancels a session waits for places being taken, and the other way round."""
    return db.session.scalars(
        sa.select(CourseSession)
        .where(CourseSession.id == session_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _lowest_free(numbers: Iterable[int], session_id: int) -> int | None:
    taken = set(
        db.session.scalars(
            sa.select(Place.number).where(Place.session_id == session_id, Place.released_at.is_(None))
        )
    )
    return next((number for number in numbers if number not in taken), None)


def release_place(place: Place, *, because: str, now: datetime) -> None:
    """Free a place. Its row stays: who had held it, until when, and why not any more."""
    place.released_at = now
    place.released_because = because
    db.session.flush()


def coming_place(case_id: int) -> Place | None:
    """The place a case holds whose attendance is not settled yet, if it has one."""
    return db.session.scalars(
        sa.select(Place).where(
            Place.case_id == case_id, Place.released_at.is_(None), Place.attendance.is_(None)
        )
    ).one_or_none()
