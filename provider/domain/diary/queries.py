"""Asked of the diary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.diary.closures import closed_days
from provider.domain.diary.hours import Hours, Layout, Lunch, around, in_one_piece
from provider.domain.diary.models import (
    Absence,
    Appointment,
    CallLayout,
    CallOfDay,
    DiaryCell,
    WorkingPattern,
)
from provider.domain.diary.moves import AskedBy
from provider.domain.diary.rules import Diary, OpenSlot, days_between, open_slots
from provider.kernel.calendar import at_london, london_date, quarter_hours
from provider.kernel.database import db

ONE_DAY = timedelta(days=1)
ACCOUNTS = sa.table("accounts", sa.column("id"), sa.column("active"))
Workers = Collection[int] | None


def slots_between(
    from_at: datetime,
    until_at: datetime,
    *,
    minutes: int,
    now: datetime,
    worker_ids: Workers = None,
    moving: int | None = None,
) -> tuple[OpenSlot, ...]:
    """Starts open between two moments (never one that is past), in six queries however many workers there are.

    Only the diaries of ``worker_ids`` are read, of all who have hours unless said. The appointment that is ``moving``
    keeps nobody busy.
    """
    days = days_between(from_at, until_at)
    if not days:
        return ()
    diaries = diaries_of(days, worker_ids=worker_ids, moving=moving)
    found = open_slots(diaries, days=days, minutes=minutes, not_before=max(from_at, now))
    return tuple(slot for slot in found if slot.starts_at <= until_at)


def diaries_of(days: list[date], *, worker_ids: Workers = None, moving: int | None = None) -> list[Diary]:
    """The diaries of who is with us and has hours on or around ``days`` (in a row), as far as those days need.

    In six queries.
    """
    hours = _hours(days, worker_ids)
    workers = hours.keys()
    if not workers:
        return []
    layouts, away = _layouts(days, worker_ids), _away(days, worker_ids)
    calls, sessions = _taken(days, worker_ids, moving)
    numbers, closed = _calls(days, worker_ids, moving), closed_days(since=around(days)[0])
    return [
        Diary(
            worker_id,
            hours[worker_id],
            layouts.get(worker_id, ()),
            away.get(worker_id, ()),
            frozenset((*calls.get(worker_id, ()), *sessions.get(worker_id, ()))),
            dict(numbers.get(worker_id, ())),
            frozenset(sessions.get(worker_id, ())),
            closed,
        )
        for worker_id in sorted(workers)
    ]


def _of(model: Any, worker_ids: Workers) -> sa.ColumnElement[bool]:
    return sa.true() if worker_ids is None else model.worker_id.in_(worker_ids)


def _valid(model: Any, days: list[date]) -> sa.ColumnElement[bool]:
    """Valid on one of the days or of those beside them; never what was replaced before its day."""
    first, last = around(days)[0], around(days)[-1]
    ends = sa.func.coalesce(model.valid_until, last)
    return sa.and_(model.valid_from <= last, ends >= first, ends >= model.valid_from)


def _by_worker(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Pairs of a worker and something of theirs, together."""
    found: dict[int, list[Any]] = defaultdict(list)
    for worker_id, thing in rows:
        found[worker_id].append(thing)
    return found


def _hours(days: list[date], worker_ids: Workers) -> dict[int, list[Hours]]:
    rows = db.session.scalars(
        sa.select(WorkingPattern)
        .where(_of(WorkingPattern, worker_ids), _valid(WorkingPattern, days), _is_with_us())
        .order_by(WorkingPattern.worker_id, WorkingPattern.weekday, WorkingPattern.from_minute)
    )
    return _by_worker((row.worker_id, _hours_of(row)) for row in rows)


def _is_with_us() -> sa.ColumnElement[bool]:
    """Not whose account is closed: they work no hours, whatever stands."""
    return WorkingPattern.worker_id.in_(sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.active))


def _hours_of(row: WorkingPattern) -> Hours:
    return Hours(row.valid_from, row.valid_until, row.weekday, row.from_minute, row.until_minute)


def _layouts(days: list[date], worker_ids: Workers) -> dict[int, list[Layout]]:
    rows = db.session.scalars(
        sa.select(CallLayout)
        .where(_of(CallLayout, worker_ids), _valid(CallLayout, days))
        .order_by(CallLayout.worker_id, CallLayout.valid_from)
    )
    return _by_worker((row.worker_id, _layout_of(row)) for row in rows)


def _layout_of(row: CallLayout) -> Layout:
    lunch = None
    if row.lunch_minutes and row.lunch_from_minute is not None and row.lunch_until_minute is not None:
        lunch = Lunch(row.lunch_from_minute, row.lunch_until_minute, row.lunch_minutes)
    return Layout(
        row.valid_from, row.valid_until, row.buffer_minutes, row.most_calls, lunch, row.bank_holidays
    )


def _away(days: list[date], worker_ids: Workers) -> dict[int, list[tuple[datetime, datetime]]]:
    begins, ends = _midnights(days)
    rows = db.session.execute(
        sa.select(Absence.worker_id, Absence.starts_at, Absence.ends_at)
        .where(_of(Absence, worker_ids), Absence.starts_at < ends + ONE_DAY, Absence.ends_at > begins)
        .where(Absence.ends_at > Absence.starts_at)
        .order_by(Absence.worker_id, Absence.starts_at)
    )
    return _by_worker((row.worker_id, (row.starts_at, row.ends_at)) for row in rows)


def _taken(
    days: list[date], worker_ids: Workers, moving: int | None
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Quarter hours taken by calls, and those taken by sessions. One query."""
    begins, ends = _midnights(days)
    cells = quarter_hours(begins, int((ends + ONE_DAY - begins).total_seconds() // 60))
    rows = db.session.execute(
        sa.select(DiaryCell.worker_id, DiaryCell.cell, DiaryCell.session_id).where(
            _of(DiaryCell, worker_ids),
            DiaryCell.cell >= cells.start,
            DiaryCell.cell < cells.stop,
            _is_not(DiaryCell, moving),
        )
    ).all()
    of_calls = _by_worker((row.worker_id, row.cell) for row in rows if row.session_id is None)
    return of_calls, _by_worker((row.worker_id, row.cell) for row in rows if row.session_id is not None)


def _calls(days: list[date], worker_ids: Workers, moving: int | None) -> dict[int, list[tuple[date, int]]]:
    rows = db.session.execute(
        sa.select(CallOfDay.worker_id, CallOfDay.day, sa.func.count().label("calls"))
        .where(_of(CallOfDay, worker_ids), CallOfDay.day.between(days[0], days[-1]))
        .where(_is_not(CallOfDay, moving))
        .group_by(CallOfDay.worker_id, CallOfDay.day)
    )
    return _by_worker((row.worker_id, (row.day, row.calls)) for row in rows)


def _is_not(model: Any, moving: int | None) -> sa.ColumnElement[bool]:
    return sa.true() if moving is None else model.appointment_id.is_distinct_from(moving)


def _midnights(days: list[date]) -> tuple[datetime, datetime]:
    return at_london(days[0], time(0)), at_london(days[-1] + ONE_DAY, time(0))


def ever_valid(worker_id: int, *, since: date) -> tuple[list[Hours], list[Layout]]:
    """The hours and layouts of one worker that hold on a day from ``since`` on. Two queries."""

    def ahead(model: Any) -> tuple[sa.ColumnElement[bool], ...]:
        ends = sa.func.coalesce(model.valid_until, date.max)
        return model.worker_id == worker_id, ends >= since, ends >= model.valid_from

    hours = sa.select(WorkingPattern).where(*ahead(WorkingPattern))
    layouts = sa.select(CallLayout).where(*ahead(CallLayout)).order_by(CallLayout.valid_from, CallLayout.id)
    by_day = hours.order_by(WorkingPattern.weekday, WorkingPattern.from_minute, WorkingPattern.id)
    return [*map(_hours_of, db.session.scalars(by_day))], [*map(_layout_of, db.session.scalars(layouts))]


def at_work(now: datetime) -> frozenset[int]:
    """Who works at this moment by their hours, and is not away."""
    today = [london_date(now)]
    return frozenset(
        diary.worker_id
        for diary in diaries_of(today)
        if any(begins <= now < ends for begins, ends in in_one_piece(diary.stretches(around(today))))
        and not any(begins <= now < ends for begins, ends in diary.away)
    )


def booked_appointment(case_id: int) -> Appointment | None:
    """The one appointment that a case has coming, if it has one."""
    return db.session.scalars(
        sa.select(Appointment).where(Appointment.case_id == case_id, Appointment.state == "booked")
    ).one_or_none()


def latest_appointment(case_id: int) -> Appointment | None:
    """The one with the latest time of all that a case ever had."""
    whose = sa.select(Appointment).where(Appointment.case_id == case_id)
    return db.session.scalars(whose.order_by(Appointment.starts_at.desc(), Appointment.id.desc())).first()


def moves_by_person(case_id: int) -> int:
    """How often an appointment of the case was moved because the person asked."""
    moved = sa.select(sa.func.count()).where(
        Appointment.case_id == case_id, Appointment.moved_asked_by == AskedBy.PARTICIPANT.value
    )
    return db.session.scalar(moved) or 0
