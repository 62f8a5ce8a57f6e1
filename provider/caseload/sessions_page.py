"""The sessions of every course: coming and recent, with their places and their registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.facilitators import Facilitator, facilitators_of
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Permission, Role, may
from provider.domain.courses.models import Course, CourseSession, Place, Waiting
from provider.kernel.database import db
from provider.kernel.errors import NotFound

RECENT = timedelta(days=28)
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
    """One session in a list. ``held`` places have a holder; ``offered`` ones are kept for somebody who is asked."""

    id: int
    course: str
    starts_at: datetime
    minutes: int
    capacity: int
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
        return max(self.capacity - self.held - self.offered, 0)

    @property
    def register_words(self) -> str:
        return REGISTERS[self.register]


@dataclass(frozen=True)
class CourseQueue:
    course: str
    waiting: int


@dataclass(frozen=True)
class SessionsPage:
    """``cut``: there are more sessions than are shown, later than the last."""

    coming: tuple[SessionLine, ...]
    recent: tuple[SessionLine, ...]
    queues: tuple[CourseQueue, ...]
    cut: bool


@dataclass(frozen=True)
class SessionChoices:
    """What a new session can be of, and who can run it: ids with their words."""

    courses: tuple[tuple[int, str, int], ...]
    facilitators: tuple[tuple[int, str], ...]


def sessions_page(*, reader_id: int, now: datetime) -> SessionsPage:
    """Coming sessions, soonest first, and those of the last four weeks, latest first. Four queries."""
    lines = _lines(CourseSession.starts_at > now - RECENT, reader_id=reader_id, now=now)
    cut = len(lines) > MOST
    lines = lines[:MOST]
    over = [line for line in lines if line.starts_at + timedelta(minutes=line.minutes) <= now]
    coming = [line for line in lines if line not in over]
    return SessionsPage(tuple(coming), tuple(reversed(over)), _queues(), cut)


def session_line(session_id: int, *, reader_id: int, now: datetime) -> SessionLine:
    """One session with its places. Raises NotFound."""
    found = _lines(CourseSession.id == session_id, reader_id=reader_id, now=now)
    if not found:
        raise NotFound
    return found[0]


def session_choices() -> SessionChoices:
    """Courses that are run (id, name, minutes) and people who may run one, by name."""
    courses = db.session.execute(
        sa.select(Course.id, Course.name, Course.minutes)
        .where(Course.active)
        .order_by(Course.name, Course.id)
    )
    roles = [role for role in Role if may(role, Permission.RUN_REGISTER)]
    people = db.session.execute(
        sa.select(Account.id, Account.name)
        .where(Account.active, Account.role.in_(roles))
        .order_by(Account.name, Account.id)
    )
    return SessionChoices(
        courses=tuple((row[0], row[1], row[2]) for row in courses),
        facilitators=tuple((row[0], row[1]) for row in people),
    )


def register_state(session: CourseSession, *, now: datetime) -> str:
    """A key of ``REGISTERS``: where the register of a session stands."""
    if session.state == "cancelled":
        return "cancelled"
    if session.confirmed_at is not None:
        return "confirmed"
    if now < session.starts_at - MARKING_OPENS:
        return "coming"
    return "open" if now < session.starts_at + timedelta(minutes=session.minutes) else "to_confirm"


def _lines(which: sa.ColumnElement[bool], *, reader_id: int, now: datetime) -> list[SessionLine]:
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
            course=course,
            starts_at=session.starts_at,
            minutes=session.minutes,
            capacity=session.capacity,
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


def _queues() -> tuple[CourseQueue, ...]:
    rows = db.session.execute(
        sa.select(Course.name, sa.func.count())
        .join(Waiting, Waiting.course_id == Course.id)
        .where(Waiting.left_at.is_(None))
        .group_by(Course.id, Course.name)
        .order_by(Course.name, Course.id)
    ).all()
    return tuple(CourseQueue(row[0], row[1]) for row in rows)
