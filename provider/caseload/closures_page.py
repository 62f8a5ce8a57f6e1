"""Days on which the service is closed, and what is on those days all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from provider.caseload.actors import names_of
from provider.caseload.session_lines import SessionLine, session_lines
from provider.domain.accounts.models import Account
from provider.domain.courses.models import CourseSession
from provider.domain.diary.closures import closures
from provider.domain.diary.models import Appointment
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db

KEPT_IN_SIGHT = timedelta(days=28)
Days = tuple[date, date]


@dataclass(frozen=True)
class ClosureLine:
    """``to_come``: there is a day of it left, so that it can be ended."""

    id: int
    first_day: date
    last_day: date
    name: str | None
    entered_by: str
    to_come: bool


@dataclass(frozen=True)
class CallsThen:
    """So many calls are booked with somebody on days on which we are closed."""

    worker_id: int
    name: str
    calls: int


@dataclass(frozen=True)
class OnThoseDays:
    calls: tuple[CallsThen, ...]
    sessions: tuple[SessionLine, ...]

    @property
    def anything(self) -> bool:
        return bool(self.calls or self.sessions)


@dataclass(frozen=True)
class ClosuresPage:
    closures: tuple[ClosureLine, ...]
    still: OnThoseDays


def closures_page(*, reader_id: int, now: datetime) -> ClosuresPage:
    """Closures that are to come or were lately, and what stands on those to come. Five queries."""
    today = london_date(now)
    found = closures(since=today - KEPT_IN_SIGHT)
    names = names_of(row.entered_by for row in found)
    lines = tuple(
        ClosureLine(
            row.id, row.first_day, row.last_day, row.name, names[row.entered_by], row.last_day >= today
        )
        for row in found
    )
    days = [(line.first_day, line.last_day) for line in lines if line.to_come]
    return ClosuresPage(lines, on_those_days(days, reader_id=reader_id, now=now))


def on_those_days(days: Sequence[Days], *, reader_id: int, now: datetime) -> OnThoseDays:
    """Calls that are booked, by worker, and sessions to be held on these days. Three queries."""
    calls = db.session.execute(
        sa.select(Account.id, Account.name, sa.func.count().label("calls"))
        .join(Appointment, Appointment.worker_id == Account.id)
        .where(Appointment.state == "booked", _within(Appointment.starts_at, days, now))
        .group_by(Account.id, Account.name)
        .order_by(Account.name, Account.id)
    )
    which = sa.and_(CourseSession.state == "open", _within(CourseSession.starts_at, days, now))
    sessions = session_lines(which, reader_id=reader_id, now=now)
    return OnThoseDays(tuple(CallsThen(*row) for row in calls), tuple(sessions))


def _within(
    starts_at: InstrumentedAttribute[datetime], days: Sequence[Days], now: datetime
) -> sa.ColumnElement[bool]:
    spans = [
        (at_london(first, time(0)), at_london(last + timedelta(days=1), time(0))) for first, last in days
    ]
    on_one = [sa.and_(starts_at >= begins, starts_at < ends) for begins, ends in spans]
    return sa.and_(starts_at > now, sa.or_(sa.false(), *on_one))
