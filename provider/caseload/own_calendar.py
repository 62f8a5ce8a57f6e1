"""What a worker has in their own diary, for their own calendar: when, and which kind of thing, and nobody's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.domain.diary.models import Absence, Appointment
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db

BEHIND = timedelta(weeks=4)
AHEAD = timedelta(weeks=26)
CALLS_SHOWN = ("booked", "took_place", "did_not_answer")
SESSIONS_SHOWN = ("open", "closed")


class Kind(StrEnum):
    CALL = "call"
    SESSION = "session"
    AWAY = "away"


@dataclass(frozen=True)
class Entry:
    """``number`` is the same for as long as it is the same thing of its kind, whatever time it is moved to.

    ``moves`` counts how often it was moved; ``changed_at`` is when something about it last changed.
    """

    kind: Kind
    number: int
    starts_at: datetime
    ends_at: datetime
    moves: int
    changed_at: datetime


def own_calendar(worker_id: int, *, now: datetime) -> tuple[Entry, ...]:
    """Four weeks back and 26 ahead, by London's days, in the order they begin. Three queries, each by an index.

    What was moved stands once, at its new time; what was called off, or is somebody else's by now, not at all.
    """
    today = london_date(now)
    begins, ends = (at_london(day, time(0)) for day in (today - BEHIND, today + AHEAD))
    found = (read(worker_id, begins, ends) for read in (_calls, _sessions, _away))
    return tuple(sorted((entry for some in found for entry in some), key=_when))


def _when(entry: Entry) -> tuple[datetime, str, int]:
    return entry.starts_at, entry.kind.value, entry.number


def _calls(worker_id: int, begins: datetime, ends: datetime) -> Iterator[Entry]:
    """A call that was moved is a chain of appointments: it goes by the first of them, which was booked before all.

    One of which it was corrected how it went stands by itself, and whatever came instead of it begins a chain.
    """
    shown = (
        sa.select(Appointment.id, Appointment.id.label("first_id"), sa.literal(0).label("moves"))
        .where(Appointment.worker_id == worker_id, Appointment.state.in_(CALLS_SHOWN))
        .where(Appointment.starts_at >= begins, Appointment.starts_at < ends)
        .cte("chain", recursive=True)
    )
    before = aliased(Appointment)
    chain = shown.union_all(
        sa.select(shown.c.id, before.id, shown.c.moves + 1).join(
            before,
            sa.and_(before.replaced_by_id == shown.c.first_id, before.state.not_in(CALLS_SHOWN)),
        )
    )
    rows = db.session.execute(
        sa.select(Appointment.starts_at, Appointment.minutes, Appointment.state_at)
        .add_columns(
            sa.func.min(chain.c.first_id).label("first_id"), sa.func.max(chain.c.moves).label("moves")
        )
        .join(chain, chain.c.id == Appointment.id)
        .group_by(Appointment.id)
    )
    for row in rows:
        over = row.starts_at + timedelta(minutes=row.minutes)
        yield Entry(Kind.CALL, row.first_id, row.starts_at, over, row.moves, row.state_at)


def _sessions(worker_id: int, begins: datetime, ends: datetime) -> Iterator[Entry]:
    """Those they run, and those they cover."""
    rows = db.session.execute(
        sa.select(CourseSession.id, CourseSession.starts_at, CourseSession.minutes)
        .add_columns(CourseSession.times_moved, CourseSession.moved_at, SessionFacilitator.since)
        .join(SessionFacilitator, SessionFacilitator.session_id == CourseSession.id)
        .where(SessionFacilitator.account_id == worker_id, SessionFacilitator.ended_at.is_(None))
        .where(CourseSession.starts_at >= begins, CourseSession.starts_at < ends)
        .where(CourseSession.state.in_(SESSIONS_SHOWN))
    )
    for row in rows:
        over = row.starts_at + timedelta(minutes=row.minutes)
        changed_at = max(row.since, row.moved_at or row.since)
        yield Entry(Kind.SESSION, row.id, row.starts_at, over, row.times_moved, changed_at)


def _away(worker_id: int, begins: datetime, ends: datetime) -> Iterator[Entry]:
    """Whoever is back early was away for less."""
    rows = db.session.scalars(
        sa.select(Absence)
        .where(Absence.worker_id == worker_id, Absence.starts_at < ends, Absence.ends_at > begins)
        .where(Absence.ends_at > Absence.starts_at)
    )
    for row in rows:
        early = row.ended_at is not None
        changed_at = row.ended_at or row.entered_at
        yield Entry(Kind.AWAY, row.id, row.starts_at, row.ends_at, int(early), changed_at)
