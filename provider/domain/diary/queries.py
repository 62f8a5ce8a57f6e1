"""Asked of the diary."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.diary.models import Absence, Appointment, AppointmentCell, WorkingPattern
from provider.domain.diary.rules import Away, Hours, OpenSlot, days_between, open_slots
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db


def slots_between(
    from_at: datetime,
    until_at: datetime,
    *,
    minutes: int,
    now: datetime,
    worker_ids: Collection[int] | None = None,
) -> tuple[OpenSlot, ...]:
    """Starts open between two moments (never one that is past), in three queries however many workers there are."""
    patterns = sa.select(WorkingPattern).order_by(WorkingPattern.worker_id, WorkingPattern.from_minute)
    if worker_ids is not None:
        patterns = patterns.where(WorkingPattern.worker_id.in_(worker_ids))
    hours = [
        Hours(row.worker_id, row.weekday, row.from_minute, row.until_minute, row.valid_from, row.valid_until)
        for row in db.session.scalars(patterns)
    ]
    found = open_slots(
        hours,
        _away(from_at, until_at),
        _taken(from_at, until_at),
        days=days_between(from_at, until_at),
        minutes=minutes,
        not_before=max(from_at, now),
    )
    return tuple(slot for slot in found if slot.starts_at <= until_at)


def _away(from_at: datetime, until_at: datetime) -> list[Away]:
    rows = db.session.scalars(
        sa.select(Absence).where(
            Absence.starts_at < until_at + timedelta(days=1),
            Absence.ends_at > from_at,
            Absence.ends_at > Absence.starts_at,
        )
    )
    return [Away(row.worker_id, row.starts_at, row.ends_at) for row in rows]


def _taken(from_at: datetime, until_at: datetime) -> set[tuple[int, int]]:
    cells = quarter_hours(from_at, int((until_at - from_at).total_seconds() // 60) + 24 * 60)
    rows = db.session.execute(
        sa.select(AppointmentCell.worker_id, AppointmentCell.cell).where(
            AppointmentCell.cell >= cells.start, AppointmentCell.cell < cells.stop
        )
    )
    return {(worker_id, cell) for worker_id, cell in rows}


def booked_appointment(case_id: int) -> Appointment | None:
    """The one appointment that a case has coming, if it has one."""
    return db.session.scalars(
        sa.select(Appointment).where(Appointment.case_id == case_id, Appointment.state == "booked")
    ).one_or_none()


def moves_by_person(case_id: int) -> int:
    """How often the person has given themselves another time."""
    moved = sa.select(sa.func.count()).where(
        Appointment.case_id == case_id, Appointment.booked_by.like("participant%")
    )
    return db.session.scalar(moved) or 0
