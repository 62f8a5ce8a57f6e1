"""Marks on an open register, many at once and by more than one facilitator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import AttendanceMark, CourseSession, Place
from provider.domain.courses.queries import on_the_register
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway.attending import PlaceGone, latest_marks, mark


@dataclass(frozen=True)
class Line:
    """One line of a register as it was sent; ``seen`` is the id of the mark that stood there when it was opened."""

    place_id: int
    code: Attendance | None
    minutes: int | None
    seen: int | None


@dataclass(frozen=True)
class Overtaken:
    """A line that somebody else marked otherwise since it was opened: it was left as they marked it."""

    place_id: int
    code: Attendance
    by_id: int
    at: datetime


def mark_lines(
    session_id: int, lines: Sequence[Line], *, by: Actor, now: datetime
) -> tuple[int, tuple[Overtaken, ...]]:
    """Mark what was changed on a register; a line nobody touched is left alone.

    Answers how many were marked, and the lines overtaken by somebody else's mark. Raises RegisterNotOpen,
    RegisterClosed, or PlaceGone for a place that is not on this register.
    """
    standing = _stand_still(session_id)
    seen = _marks_seen(lines)
    marked, overtaken = 0, []
    for line in lines:
        if line.place_id not in standing:
            raise PlaceGone
        latest = standing[line.place_id]
        if line.code is None or _says(seen.get(line.seen), line) or _says(latest, line):
            continue
        if latest is not None and latest.id != line.seen:
            overtaken.append(Overtaken(line.place_id, Attendance(latest.code), latest.by_id, latest.at))
            continue
        mark(line.place_id, line.code, minutes=line.minutes, by=by, now=now)
        marked += 1
    return marked, tuple(overtaken)


def mark_the_rest(session_id: int, code: Attendance, *, by: Actor, now: datetime) -> int:
    """Mark everybody who is not marked yet; answers how many. Raises RegisterNotOpen or RegisterClosed."""
    unmarked = [place_id for place_id, latest in _stand_still(session_id).items() if latest is None]
    for place_id in unmarked:
        mark(place_id, code, minutes=None, by=by, now=now)
    return len(unmarked)


def _stand_still(session_id: int) -> dict[int, AttendanceMark | None]:
    """Every place on the register with the mark that stands, while no other facilitator can mark."""
    db.session.get_one(CourseSession, session_id, with_for_update=True, populate_existing=True)
    ids = db.session.scalars(
        sa.select(Place.id).where(on_the_register(session_id)).order_by(Place.number)
    ).all()
    marks = latest_marks(ids)
    return {place_id: marks.get(place_id) for place_id in ids}


def _marks_seen(lines: Sequence[Line]) -> dict[int | None, AttendanceMark]:
    ids = [line.seen for line in lines if line.seen is not None]
    entries = db.session.scalars(sa.select(AttendanceMark).where(AttendanceMark.id.in_(ids)))
    return {entry.id: entry for entry in entries}


def _says(entry: AttendanceMark | None, line: Line) -> bool:
    return entry is not None and (entry.code, entry.minutes_present) == (line.code, line.minutes)
