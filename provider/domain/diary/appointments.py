"""Takes and frees quarter hours. The database allows each of a worker's quarter hours to one appointment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.diary.models import Appointment, AppointmentCell
from provider.kernel.actors import Actor
from provider.kernel.calendar import quarter_hours
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
    """Book the first of ``worker_ids`` who is still free. Raises SlotTaken when none is."""
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
                db.session.add(appointment)
                db.session.flush()
                _occupy(appointment)
        except IntegrityError:
            continue
        return appointment
    raise SlotTaken


def _occupy(appointment: Appointment) -> None:
    db.session.add_all(
        AppointmentCell(worker_id=appointment.worker_id, cell=cell, appointment_id=appointment.id)
        for cell in quarter_hours(appointment.starts_at, appointment.minutes)
    )
    db.session.flush()


def settle(appointment: Appointment, *, state: str, now: datetime) -> None:
    """Say how an appointment ended; what is still to come of its time is given back."""
    appointment.state = state
    appointment.state_at = now
    if appointment.starts_at > now:
        db.session.execute(sa.delete(AppointmentCell).where(AppointmentCell.appointment_id == appointment.id))
    db.session.flush()
