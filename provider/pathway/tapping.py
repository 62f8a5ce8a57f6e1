"""One press on an open register: somebody came, came late, left, came back. By more than one facilitator at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.comings import NOTHING_NOTED, Tap, minute_of, tapped
from provider.domain.courses.models import AttendanceMark, Course, CourseSession, MarkTakenBack
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway.attending import How, PlaceGone, RegisterClosed, mark
from provider.pathway.registering import RegisterChanged, overtaken_by, stand_still


@dataclass(frozen=True)
class Press:
    """``seen`` is the id of the mark that stood there when it was pressed, ``at`` when that was, which may be a while
    ago where the line was down. One that is sent again has the same ``token``."""

    place_id: int
    tap: Tap
    seen: int | None
    at: datetime
    token: str | None = None


def tap(session_id: int, press: Press, *, by: Actor, now: datetime) -> bool:
    """Mark what was pressed; False where somebody else marked otherwise since, and that stands.

    Raises RegisterNotOpen, RegisterClosed, PlaceGone.
    """
    standing = stand_still(session_id)
    if press.token is not None and _is_here(press.token):
        return True
    _require_open(session_id)
    if press.place_id not in standing:
        raise PlaceGone
    latest = standing[press.place_id]
    session = db.session.get_one(CourseSession, session_id)
    course = db.session.get_one(Course, session.course_id)
    came_to = tapped(
        press.tap,
        latest.stay if latest is not None else NOTHING_NOTED,
        minute=minute_of(press.at, starts_at=session.starts_at, minutes=session.minutes),
        minimum_minutes=course.minimum_minutes,
    )
    if overtaken_by(latest, seen=press.seen):
        return latest is not None and latest.code == came_to.code
    how = How(came_to.stay, press.token)
    mark(press.place_id, came_to.code, minutes=came_to.minutes, how=how, by=by, now=now)
    return True


def unmark(session_id: int, place_id: int, *, seen: int, by: Actor, now: datetime) -> None:
    """Take the mark that stands back; the one before stands again, or none. It is kept, as taken back.

    Raises RegisterChanged where another stands by now, RegisterClosed, PlaceGone.
    """
    standing = stand_still(session_id)
    if place_id not in standing:
        raise PlaceGone
    latest = standing[place_id]
    if latest is None or latest.id != seen:
        raise RegisterChanged("Somebody has marked them since you looked.")
    take_marks_back([latest], session_id=session_id, by=by, now=now)


def take_marks_back(marks: list[AttendanceMark], *, session_id: int, by: Actor, now: datetime) -> None:
    """The marks count for nothing any more. The register stands still. Raises RegisterClosed."""
    _require_open(session_id)
    for entry in marks:
        db.session.add(MarkTakenBack(mark_id=entry.id, at=now, by=str(by)))
        record("attendance.taken_back", "place", entry.place_id, by=by, now=now, code=entry.code)
    db.session.flush()


def _require_open(session_id: int) -> None:
    if db.session.get_one(CourseSession, session_id).confirmed_at is not None:
        raise RegisterClosed


def _is_here(token: str) -> bool:
    found = sa.select(AttendanceMark.id).where(AttendanceMark.token == token)
    return db.session.execute(found).first() is not None
