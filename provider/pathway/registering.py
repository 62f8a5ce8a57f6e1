"""Marks on an open register, many at once and by more than one facilitator."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import AttendanceMark, CourseSession, Place
from provider.domain.courses.queries import on_the_register
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal
from provider.pathway.attending import confirm_register, latest_marks, mark

Standing = Mapping[int, AttendanceMark | None]
"""Every place on a register, in its order, with the mark that stands."""


class RegisterChanged(Refusal):
    code = "register_changed"
    sentence = "Somebody has changed the register since you looked. Look at it again, and then confirm it."


@dataclass(frozen=True)
class Line:
    """One line of a register as it was sent; ``seen`` is the id of the mark that stood there when it was opened."""

    place_id: int
    code: Attendance
    minutes: int | None
    seen: int | None


@dataclass(frozen=True)
class Overtaken:
    """A line that somebody else marked otherwise since it was opened: it was left as they marked it."""

    place_id: int
    code: Attendance
    by_id: int
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of a register that was sent. ``gone``: places that are no longer on it, withdrawn in the meantime."""

    written: int
    overtaken: tuple[Overtaken, ...]
    gone: tuple[int, ...]


def mark_lines(
    session_id: int, lines: Sequence[Line], *, rest: Attendance | None, by: Actor, now: datetime
) -> Outcome:
    """Mark what was changed on a register; then, with ``rest``, everybody whom nobody has marked yet.

    A line nobody touched is left alone, and so is one that somebody else marked otherwise in the meantime: that is
    answered as overtaken. Raises RegisterNotOpen or RegisterClosed.
    """
    standing = stand_still(session_id)
    changed = _changed(lines, standing)
    overtaken = []
    for line in changed:
        latest = standing[line.place_id]
        if latest is not None and overtaken_by(latest, seen=line.seen):
            overtaken.append(Overtaken(line.place_id, Attendance(latest.code), latest.by_id, latest.at))
        else:
            mark(line.place_id, line.code, minutes=line.minutes, by=by, now=now)
    written = len(changed) - len(overtaken)
    if rest is not None:
        written += _mark_rest(standing, {line.place_id for line in changed}, rest, by=by, now=now)
    gone = tuple(line.place_id for line in lines if line.place_id not in standing)
    return Outcome(written, tuple(overtaken), gone)


def _mark_rest(
    standing: Standing, touched: Collection[int], code: Attendance, *, by: Actor, now: datetime
) -> int:
    unmarked = [one for one, latest in standing.items() if latest is None and one not in touched]
    for place_id in unmarked:
        mark(place_id, code, minutes=None, by=by, now=now)
    return len(unmarked)


def confirm_as_seen(session_id: int, *, seen: str, by: Actor, now: datetime) -> None:
    """Confirm a register as it stood when it was last looked at; ``seen`` is what ``as_it_stands`` said of it then.

    Raises RegisterChanged, and all that confirm_register raises.
    """
    standing = stand_still(session_id)
    if as_it_stands({one: latest.id if latest else None for one, latest in standing.items()}) != seen:
        raise RegisterChanged
    confirm_register(session_id, by=by, now=now)


def as_it_stands(marks: Mapping[int, int | None]) -> str:
    """A digest of the mark that stands by each place, by their ids: another where one was made or taken back."""
    return sha256(repr(sorted(marks.items())).encode()).hexdigest()


def _changed(lines: Sequence[Line], standing: Standing) -> list[Line]:
    """Lines on the register that say something other than what was seen, and than what stands now."""
    seen = _marks_seen(lines)
    return [
        line
        for line in lines
        if line.place_id in standing
        and not _says(seen.get(line.seen), line)
        and not _says(standing[line.place_id], line)
    ]


def stand_still(session_id: int) -> Standing:
    """Every place on the register with the mark that stands, while no other facilitator can mark."""
    if db.session.get(CourseSession, session_id, with_for_update=True, populate_existing=True) is None:
        raise NotFound
    ids = db.session.scalars(
        sa.select(Place.id).where(on_the_register(session_id)).order_by(Place.number)
    ).all()
    marks = latest_marks(ids)
    return {place_id: marks.get(place_id) for place_id in ids}


def overtaken_by(latest: AttendanceMark | None, *, seen: int | None) -> bool:
    """Whether somebody else has marked since ``seen`` stood there."""
    return latest is not None and latest.id != seen


def _marks_seen(lines: Sequence[Line]) -> dict[int | None, AttendanceMark]:
    ids = [line.seen for line in lines if line.seen is not None]
    entries = db.session.scalars(sa.select(AttendanceMark).where(AttendanceMark.id.in_(ids)))
    return {entry.id: entry for entry in entries}


def _says(entry: AttendanceMark | None, line: Line) -> bool:
    return entry is not None and (entry.code, entry.minutes_present) == (line.code, line.minutes)
