"""The sessions of every course: coming and recent, with their places and their registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.registers_to_confirm import unconfirmed
from provider.caseload.session_filter import NO_FILTER, SessionFilter, chosen
from provider.caseload.session_lines import MOST, SessionLine, session_lines
from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Permission, Role, may
from provider.domain.courses.models import Course, CourseSession, Waiting
from provider.kernel.database import db

RECENT = timedelta(days=28)


@dataclass(frozen=True)
class CourseQueue:
    course_id: int
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


def sessions_page(*, reader_id: int, now: datetime, only: SessionFilter = NO_FILTER) -> SessionsPage:
    """Coming sessions, soonest first, and those of the last four weeks, latest first. Four queries.

    One whose register nobody has confirmed is among them however long ago it was.
    """
    shown = sa.or_(CourseSession.starts_at > now - RECENT, unconfirmed())
    which = sa.and_(shown, *chosen(only, now=now))
    lines = session_lines(which, reader_id=reader_id, now=now)
    cut = len(lines) > MOST
    lines = lines[:MOST]
    over = [line for line in lines if line.starts_at + timedelta(minutes=line.minutes) <= now]
    coming = [line for line in lines if line not in over]
    return SessionsPage(tuple(coming), tuple(reversed(over)), _queues(), cut)


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


def _queues() -> tuple[CourseQueue, ...]:
    rows = db.session.execute(
        sa.select(Course.id, Course.name, sa.func.count())
        .join(Waiting, Waiting.course_id == Course.id)
        .where(Waiting.left_at.is_(None))
        .group_by(Course.id, Course.name)
        .order_by(Course.name, Course.id)
    ).all()
    return tuple(CourseQueue(row[0], row[1], row[2]) for row in rows)
