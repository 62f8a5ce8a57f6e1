"""Calls booked for a time at which their worker is not there, or is wanted elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import Who, known_by, who, who_columns
from provider.domain.diary.hours import layout_on
from provider.domain.diary.models import Appointment
from provider.domain.diary.queries import diaries_of
from provider.domain.diary.rules import Diary, is_kept
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import london_date, quarter_hours
from provider.kernel.database import db

MOST_DAYS = 62
LONGEST_CALL = timedelta(hours=6)
"""With what is kept free after it."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class CallOutside:
    """``assigned_to_id`` is whose case it is, which may be somebody else's."""

    appointment_id: int
    who: Who
    starts_at: datetime
    minutes: int
    kind: str
    assigned_to_id: int | None


def calls_outside(worker_id: int, *, reader_id: int, now: datetime) -> tuple[CallOutside, ...]:
    """Calls of the next two months that are booked while the worker is away, runs a session, or does not work."""
    rows = _booked(worker_id, now, now + timedelta(days=MOST_DAYS), reader_id=reader_id)
    diary = _diary(worker_id, now, now + timedelta(days=MOST_DAYS))
    return _calls(rows, now=now, which=lambda row: not is_kept(diary, row.starts_at, row.minutes))


def calls_within(worker_id: int, span: Span, *, reader_id: int, now: datetime) -> tuple[CallOutside, ...]:
    """Calls to come that take any of that time, what is kept free after them included."""
    begins, ends = span
    diary = _diary(worker_id, begins, ends)
    wanted = quarter_hours(begins, int((ends - begins).total_seconds() // 60))

    def takes(row: Any) -> bool:
        keep_free = layout_on(london_date(row.starts_at), diary.layouts).buffer_minutes
        cells = quarter_hours(row.starts_at, row.minutes + keep_free)
        return cells.start < wanted.stop and wanted.start < cells.stop

    return _calls(
        _booked(worker_id, max(now, begins - LONGEST_CALL), ends, reader_id=reader_id), now=now, which=takes
    )


def _booked(worker_id: int, after: datetime, before: datetime, *, reader_id: int) -> Sequence[Any]:
    return db.session.execute(
        sa.select(Appointment.id, Appointment.starts_at, Appointment.minutes, Appointment.kind)
        .add_columns(Case.assigned_to_id)
        .add_columns(*who_columns(reader_id))
        .select_from(Appointment)
        .join(Case, Case.id == Appointment.case_id)
        .join(Referral, known_by(ended_too=True))
        .join(Person, Person.id == Case.person_id)
        .where(Appointment.worker_id == worker_id, Appointment.state == "booked")
        .where(Appointment.starts_at > after, Appointment.starts_at < before)
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()


def _diary(worker_id: int, begins: datetime, ends: datetime) -> Diary:
    first, last = london_date(begins), london_date(ends)
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return next(iter(diaries_of(days, worker_ids=[worker_id])), Diary(worker_id, ()))


def _calls(rows: Sequence[Any], *, now: datetime, which: Callable[[Any], bool]) -> tuple[CallOutside, ...]:
    today = london_date(now)
    return tuple(
        CallOutside(row.id, who(row, today=today), row.starts_at, row.minutes, row.kind, row.assigned_to_id)
        for row in rows
        if which(row)
    )
