"""Takes and frees a worker's time. The database allows each of their quarter hours to one appointment, with what is
kept free after it, or to one session that they run, and each number of a day's calls to one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.diary.cells import take_cells
from provider.domain.diary.hours import layout_on
from provider.domain.diary.models import Appointment, CallOfDay, DiaryCell
from provider.domain.diary.moves import Why
from provider.domain.diary.queries import diaries_of
from provider.domain.diary.rules import Diary, open_slots
from provider.domain.diary.turns import hold_diary
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date, quarter_hours
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class SlotTaken(Refusal):
    code = "slot_taken"
    sentence = "That time has just been taken. Choose another."


def take_slot(
    case_id: int,
    *,
    worker_ids: Sequence[int],
    starts_at: datetime,
    minutes: int,
    kind: str,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Book the first of ``worker_ids`` who is still free. Raises SlotTaken when none is.

    Each is looked at again once their diary is held: an absence, a session or another call may have come in between.
    """
    for worker_id in worker_ids:
        appointment = Appointment(
            case_id=case_id,
            worker_id=worker_id,
            kind=kind,
            starts_at=starts_at,
            minutes=minutes,
            state="booked",
            state_at=now,
            booked_by=str(by),
        )
        try:
            with db.session.begin_nested():
                hold_diary(worker_id)
                _take(appointment, _diary(worker_id, starts_at), now=now)
        except (SlotTaken, IntegrityError):
            continue
        return appointment
    raise SlotTaken


def _diary(worker_id: int, starts_at: datetime) -> Diary:
    found = diaries_of([london_date(starts_at)], worker_ids=[worker_id])
    return found[0] if found else Diary(worker_id, ())


def _take(appointment: Appointment, diary: Diary, *, now: datetime) -> None:
    """Raises SlotTaken where the worker is not free any more, IntegrityError where the database says so."""
    if not _is_open(diary, appointment, now=now):
        raise SlotTaken
    day = london_date(appointment.starts_at)
    db.session.add(appointment)
    db.session.flush()
    layout = layout_on(day, diary.layouts)
    _occupy(appointment, keep_free=layout.buffer_minutes)
    _number(appointment, day, most=layout.most_calls)


def _is_open(diary: Diary, wanted: Appointment, *, now: datetime) -> bool:
    found = open_slots([diary], days=[london_date(wanted.starts_at)], minutes=wanted.minutes, not_before=now)
    return any(slot.starts_at == wanted.starts_at for slot in found)


def _occupy(appointment: Appointment, *, keep_free: int) -> None:
    cells = quarter_hours(appointment.starts_at, appointment.minutes + keep_free)
    take_cells(appointment.worker_id, cells, appointment_id=appointment.id)


def _number(appointment: Appointment, day: date, *, most: int | None) -> None:
    """The lowest number that is free. Raises SlotTaken where that is more than the worker takes."""
    whose = (CallOfDay.worker_id == appointment.worker_id, CallOfDay.day == day)
    used = set(db.session.scalars(sa.select(CallOfDay.number).where(*whose)))
    free = next(number for number in count(1) if number not in used)
    if most is not None and free > most:
        raise SlotTaken
    db.session.add(
        CallOfDay(worker_id=appointment.worker_id, day=day, number=free, appointment_id=appointment.id)
    )
    db.session.flush()


def replace(old: Appointment, new: Appointment, *, why: Why) -> None:
    """Say what stands in a moved appointment's place, who asked for that, and why."""
    old.replaced_by_id = new.id
    say_why(old, why)


def say_why(appointment: Appointment, why: Why | None) -> None:
    """Say who asked for another time, and why; None where nobody did."""
    appointment.moved_asked_by = why.asked_by if why else None
    appointment.moved_because = why.because if why else None
    appointment.moved_words = why.words if why else None


def settle(appointment: Appointment, *, state: str, now: datetime) -> None:
    """Say how an appointment ended; what is still to come of its time is given back."""
    appointment.state = state
    appointment.state_at = now
    if appointment.starts_at > now:
        for held in (DiaryCell, CallOfDay):
            db.session.execute(sa.delete(held).where(held.appointment_id == appointment.id))
    db.session.flush()
