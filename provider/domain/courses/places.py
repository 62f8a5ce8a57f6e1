"""Gives and frees numbered places. The database allows a number of a session to one holder at a time."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.numbering import free_numbers, places_sold
from provider.domain.courses.sessions import is_open
from provider.kernel.actors import Actor
from provider.kernel.database import db, insert_or, one_number, one_unclaimed
from provider.kernel.errors import Refusal

ASKED = "asked"
"""Why a place is free again that somebody gave back."""


class SessionFull(Refusal):
    code = "session_full"
    sentence = "Every place in that session is taken."


class SessionNotOpen(Refusal):
    code = "session_not_open"
    sentence = "That session is no longer open. Choose another."


class AlreadyPlaced(Refusal):
    code = "already_placed"
    sentence = "They already have a place in a coming session. Release it first."


def take_place(session_id: int, *, case_id: int, by: Actor, now: datetime, wait: bool = True) -> Place:
    """Take the lowest number that nobody has or reaches for. Raises SessionFull, SessionNotOpen or AlreadyPlaced.

    Where others reach for all that are left it waits for what becomes of those, and looks again. Whoever takes more
    than one place in a transaction never does (``wait`` is False): two could wait for each other for ever.
    """
    sold, seen = _sold(session_id, now=now), list[int]()
    while free := free_numbers(_taken(session_id), sold=sold):
        reached_for = free == seen
        if reached_for and (not wait or coming_place(case_id) is not None):
            break
        number = one_number(free[0]) if reached_for else one_unclaimed(session_id, free)
        place = _insert(number, session_id, case_id=case_id, by=by, now=now)
        if place is not None:
            return place
        seen = free
    raise SessionFull if coming_place(case_id) is None else AlreadyPlaced


def _sold(session_id: int, *, now: datetime) -> int:
    """How many places the session sells, under a shared lock.

    Whoever cancels a session, or changes how many it has, waits for places being taken, and the other way round.
    """
    found = db.session.execute(
        sa.select(CourseSession, places_sold().label("sold"))
        .where(CourseSession.id == session_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None or not is_open(found[0], now):
        raise SessionNotOpen
    return int(found.sold)


def _taken(session_id: int) -> set[int]:
    return set(
        db.session.scalars(
            sa.select(Place.number).where(Place.session_id == session_id, Place.released_at.is_(None))
        )
    )


def _insert(
    number: sa.Select[int], session_id: int, *, case_id: int, by: Actor, now: datetime
) -> Place | None:
    """The place, unless there is no number, or somebody else has it: the database says so, once they have committed."""
    row = {
        "session_id": session_id,
        "case_id": case_id,
        "alias": "p" + secrets.token_hex(8),
        "created_at": now,
        "created_by": str(by),
    }
    columns = Place.__table__.c
    values = (sa.literal(value, columns[name].type) for name, value in row.items())
    insert = insert_or(Place).from_select(["number", *row], number.add_columns(*values))
    made = insert.on_conflict_do_nothing().returning(*columns)
    return db.session.scalars(sa.select(Place).from_statement(made)).one_or_none()


def release_place(place: Place, *, because: str, now: datetime) -> None:
    """Free a place. Its row stays: who had held it, until when, and why not any more."""
    place.released_at = now
    place.released_because = because
    db.session.flush()


def times_given_back(case_id: int) -> int:
    """How many places of a case were given back because the person asked."""
    given = sa.select(sa.func.count()).where(Place.case_id == case_id, Place.released_because == ASKED)
    return db.session.scalars(given).one()


def coming_place(case_id: int) -> Place | None:
    """The place a case holds whose attendance is not settled yet, if it has one."""
    return db.session.scalars(
        sa.select(Place).where(
            Place.case_id == case_id, Place.released_at.is_(None), Place.attendance.is_(None)
        )
    ).one_or_none()
