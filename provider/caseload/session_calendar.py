"""Sessions as a calendar: a month or a week of days, each with what is held on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from provider.caseload.session_filter import NO_FILTER, SessionFilter, chosen
from provider.caseload.session_lines import MOST, SessionLine, session_lines
from provider.domain.courses.models import CourseSession
from provider.domain.diary.closures import closed_days
from provider.kernel.calendar import at_london, is_bank_holiday, london_date

A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class CalendarDay:
    """``outside``: of the month before or after, shown because the week is."""

    day: date
    today: bool
    outside: bool
    bank_holiday: bool
    closed: bool
    sessions: tuple[SessionLine, ...]


@dataclass(frozen=True)
class SessionCalendar:
    """Whole weeks from a Monday; ``cut``: there are more sessions than are shown."""

    first: date
    by_week: bool
    days: tuple[CalendarDay, ...]
    cut: bool

    @property
    def before(self) -> date:
        return self.first - A_WEEK if self.by_week else (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return self.first + A_WEEK if self.by_week else _next_month(self.first)

    @property
    def anything(self) -> bool:
        return any(day.sessions for day in self.days)


def session_calendar(
    day: date, *, by_week: bool, reader_id: int, now: datetime, only: SessionFilter = NO_FILTER
) -> SessionCalendar:
    """The week or the month that ``day`` lies in. Three queries."""
    first = _monday(day) if by_week else day.replace(day=1)
    end = first + A_WEEK if by_week else _next_month(first)
    days = _days(_monday(first), _monday(end - timedelta(days=1)) + A_WEEK)
    which = sa.and_(
        CourseSession.starts_at >= at_london(days[0], time(0)),
        CourseSession.starts_at < at_london(days[-1] + timedelta(days=1), time(0)),
        *chosen(only, now=now),
    )
    lines = session_lines(which, reader_id=reader_id, now=now)
    held: dict[date, list[SessionLine]] = {}
    for line in lines[:MOST]:
        held.setdefault(london_date(line.starts_at), []).append(line)
    today = london_date(now)
    closed = closed_days(since=days[0])
    shown = tuple(
        CalendarDay(
            day=one,
            today=one == today,
            outside=not first <= one < end,
            bank_holiday=is_bank_holiday(one),
            closed=one in closed,
            sessions=tuple(held.get(one, ())),
        )
        for one in days
    )
    return SessionCalendar(first, by_week, shown, cut=len(lines) > MOST)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((end - first).days)]
