"""A week of the diary: who is rung when, which sessions are run, and which times are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import Who, known_by, who, who_columns
from provider.caseload.my_day import Worker, everyone_who_rings
from provider.domain.accounts.models import Account
from provider.domain.courses.models import Course, CourseSession, SessionFacilitator
from provider.domain.diary.closures import closed_days
from provider.domain.diary.models import Absence, Appointment
from provider.domain.diary.queries import slots_between
from provider.domain.diary.rules import OpenSlot
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import at_london, is_working_day, london_date
from provider.kernel.database import db
from provider.kernel.errors import NotFound

A_WEEK = timedelta(days=7)
SHOWN = ("booked", "took_place", "did_not_answer")
MINUTES = 45
STATES = {"booked": "Booked", "took_place": "Took place", "did_not_answer": "Did not answer"}


@dataclass(frozen=True)
class DiaryLine:
    """Somebody's call, a session of the course ``kind``, or a start that so many workers are ``free`` for."""

    starts_at: datetime
    minutes: int
    who: Who | None = None
    session_id: int | None = None
    kind: str | None = None
    state: str | None = None
    worker: str | None = None
    unsettled: bool = False
    free: int = 0


@dataclass(frozen=True)
class Away:
    """Somebody rings nobody for a while. Why is nobody's business here."""

    worker: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class DiaryDay:
    """``away`` as far as it lies on this day."""

    day: date
    today: bool
    working: bool
    lines: tuple[DiaryLine, ...]
    away: tuple[Away, ...] = ()


@dataclass(frozen=True)
class DiaryPage:
    """``worker`` None is everybody's diary; ``own`` the reader's."""

    monday: date
    days: tuple[DiaryDay, ...]
    worker: Worker | None
    workers: tuple[Worker, ...]
    own: bool

    @property
    def week_before(self) -> date:
        return self.monday - A_WEEK

    @property
    def week_after(self) -> date:
        return self.monday + A_WEEK


def diary_page(day: date, *, worker_id: int | None, reader_id: int, now: datetime) -> DiaryPage:
    """The week that ``day`` is in, in twelve queries. Raises NotFound for a worker who has no diary."""
    workers = everyone_who_rings()
    worker = next((one for one in workers if one.id == worker_id), None)
    if worker_id is not None and worker is None:
        raise NotFound
    monday = day - timedelta(days=day.weekday())
    begins, ends = at_london(monday, time(0)), at_london(monday + A_WEEK, time(0))
    chosen = [worker_id] if worker_id is not None else None
    slots = slots_between(begins, ends, minutes=MINUTES, now=now, worker_ids=chosen) if ends > now else ()
    calls = _booked(begins, ends, worker_id=worker_id, reader_id=reader_id, now=now)
    lines = [*calls, *_sessions(begins, ends, worker_id=worker_id), *map(_open, slots)]
    away = _away(begins, ends, worker_id=worker_id)
    week = [monday + timedelta(days=count) for count in range(7)]
    closed = closed_days(since=monday)
    days = tuple(_day(each, lines, away, closed, now=now) for each in week)
    # Weekends only where something is in them.
    shown = tuple(one for one in days if one.working or one.lines)
    return DiaryPage(monday, shown, worker, workers, own=worker_id == reader_id)


def _day(
    day: date, lines: Sequence[DiaryLine], away: Sequence[Away], closed: Collection[date], *, now: datetime
) -> DiaryDay:
    of_day = [line for line in lines if london_date(line.starts_at) == day]
    of_day.sort(key=lambda line: (line.starts_at, line.free, line.worker or ""))
    begins, ends = at_london(day, time(0)), at_london(day + timedelta(days=1), time(0))
    on_it = tuple(
        Away(one.worker, max(one.starts_at, begins), min(one.ends_at, ends))
        for one in away
        if one.starts_at < ends and begins < one.ends_at
    )
    return DiaryDay(day, day == london_date(now), is_working_day(day, closures=closed), tuple(of_day), on_it)


def _away(begins: datetime, ends: datetime, *, worker_id: int | None) -> list[Away]:
    whose = Absence.worker_id == worker_id if worker_id is not None else sa.true()
    rows = db.session.execute(
        sa.select(Account.name, Absence.starts_at, Absence.ends_at)
        .join(Account, Account.id == Absence.worker_id)
        .where(Absence.starts_at < ends, Absence.ends_at > begins, Absence.ends_at > Absence.starts_at, whose)
        .order_by(Absence.starts_at, Account.name, Absence.id)
    )
    return [Away(*row) for row in rows]


def _sessions(begins: datetime, ends: datetime, *, worker_id: int | None) -> list[DiaryLine]:
    whose = SessionFacilitator.account_id == worker_id if worker_id is not None else sa.true()
    rows = db.session.execute(
        sa.select(
            CourseSession.starts_at, CourseSession.id, CourseSession.minutes, Course.name.label("course")
        )
        .add_columns(Account.name.label("worker"))
        .join(Course, Course.id == CourseSession.course_id)
        .join(SessionFacilitator, SessionFacilitator.session_id == CourseSession.id)
        .join(Account, Account.id == SessionFacilitator.account_id)
        .where(CourseSession.starts_at >= begins, CourseSession.starts_at < ends)
        .where(CourseSession.state != "cancelled", SessionFacilitator.ended_at.is_(None), whose)
        .order_by(CourseSession.starts_at, CourseSession.id, Account.name)
    )
    return [
        DiaryLine(row.starts_at, row.minutes, session_id=row.id, kind=row.course, worker=row.worker)
        for row in rows
    ]


def _open(slot: OpenSlot) -> DiaryLine:
    return DiaryLine(slot.starts_at, slot.minutes, free=len(slot.worker_ids))


def _booked(
    begins: datetime, ends: datetime, *, worker_id: int | None, reader_id: int, now: datetime
) -> list[DiaryLine]:
    whose = Appointment.worker_id == worker_id if worker_id is not None else sa.true()
    rows = db.session.execute(
        sa.select(Appointment.starts_at, Appointment.minutes, Appointment.kind, Appointment.state)
        .add_columns(Account.name.label("worker"), *who_columns(reader_id))
        .select_from(Appointment)
        .join(Account, Account.id == Appointment.worker_id)
        .join(Case, Case.id == Appointment.case_id)
        .join(Referral, known_by(ended_too=True))
        .join(Person, Person.id == Case.person_id)
        .where(Appointment.starts_at >= begins, Appointment.starts_at < ends)
        .where(Appointment.state.in_(SHOWN), whose)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [_line(row, now=now) for row in rows]


def _line(row: Any, *, now: datetime) -> DiaryLine:
    return DiaryLine(
        starts_at=row.starts_at,
        minutes=row.minutes,
        who=who(row, today=london_date(now)),
        kind=row.kind,
        state=STATES[row.state],
        worker=row.worker,
        unsettled=row.state == "booked" and row.starts_at + timedelta(minutes=row.minutes) <= now,
    )
