"""One session as every list, calendar and page of sessions shows it: its places, its register, who runs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.facilitators import Facilitator, facilitators_of
from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.kernel.database import db
from provider.kernel.errors import NotFound

MOST = 300
MARKING_OPENS = timedelta(minutes=15)

REGISTERS = {
    "confirmed": "Register confirmed",
    "cancelled": "Cancelled",
    "coming": "Not begun",
    "open": "Register open",
    "to_confirm": "Register to confirm",
}


@dataclass(frozen=True)
class SessionLine:
    """One session in a list, with so many ``extra`` places beyond its ``capacity``. ``held`` places have a holder;
    ``offered`` ones are kept for somebody who is asked.
    """

    id: int
    course_id: int
    course: str
    starts_at: datetime
    closes_at: datetime | None
    minutes: int
    capacity: int
    extra: int
    held: int
    offered: int
    facilitators: tuple[Facilitator, ...]
    held_at: str | None
    mine: bool
    begun: bool
    register: str

    @property
    def cancellable(self) -> bool:
        return not self.begun and self.register in {"coming", "open"}

    @property
    def free(self) -> int:
        return max(self.capacity + self.extra - self.held - self.offered, 0)

    @property
    def register_words(self) -> str:
        return REGISTERS[self.register]


def session_line(session_id: int, *, reader_id: int, now: datetime) -> SessionLine:
    """One session with its places. Raises NotFound."""
    found = session_lines(CourseSession.id == session_id, reader_id=reader_id, now=now)
    if not found:
        raise NotFound
    return found[0]


def register_state(session: CourseSession, *, now: datetime) -> str:
    """A key of ``REGISTERS``: where the register of a session stands."""
    if session.state == "cancelled":
        return "cancelled"
    if session.confirmed_at is not None:
        return "confirmed"
    if now < session.starts_at - MARKING_OPENS:
        return "coming"
    return "open" if now < session.starts_at + timedelta(minutes=session.minutes) else "to_confirm"


def session_lines(which: sa.ColumnElement[bool], *, reader_id: int, now: datetime) -> list[SessionLine]:
    """Those sessions by when they begin, ``MOST`` of them and one more where there are. Two queries."""
    taken = _taken(which)
    rows = db.session.execute(
        sa.select(CourseSession, Course.name, taken.c.held, taken.c.offered)
        .join(Course, Course.id == CourseSession.course_id)
        .outerjoin(taken, taken.c.session_id == CourseSession.id)
        .where(which)
        .order_by(CourseSession.starts_at, CourseSession.id)
        .limit(MOST + 1)
    ).all()
    run_by = facilitators_of([row[0].id for row in rows])
    return [
        SessionLine(
            id=session.id,
            course_id=session.course_id,
            course=course,
            starts_at=session.starts_at,
            closes_at=session.closes_at,
            minutes=session.minutes,
            capacity=session.capacity,
            extra=session.extra_places,
            held=held or 0,
            offered=offered or 0,
            facilitators=run_by.get(session.id, ()),
            held_at=session.held_at,
            mine=any(one.account_id == reader_id for one in run_by.get(session.id, ())),
            begun=session.starts_at <= now,
            register=register_state(session, now=now),
        )
        for session, course, held, offered in rows
    ]


def _taken(which: sa.ColumnElement[bool]) -> sa.Subquery:
    """Places taken by session: those somebody holds, and those kept for somebody who was offered one."""
    offered = sa.case((Waiting.id.is_not(None), 1), else_=0)
    return (
        sa.select(
            Place.session_id,
            sa.func.sum(1 - offered).label("held"),
            sa.func.sum(offered).label("offered"),
        )
        .join(CourseSession, CourseSession.id == Place.session_id)
        .outerjoin(Waiting, sa.and_(Waiting.offered_place_id == Place.id, Waiting.left_at.is_(None)))
        .where(Place.released_at.is_(None), which)
        .group_by(Place.session_id)
        .subquery()
    )
