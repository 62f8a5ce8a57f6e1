"""How a call in the diary went, as it was said: by whom, when, and, where it had been said wrongly, why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.diary.appointments import settle
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.kernel.actors import Actor
from provider.kernel.codes import Coded
from provider.kernel.database import db


class CallOutcome(Coded):
    """What came of a call whose time has come."""

    TOOK_PLACE = "took_place", "It took place"
    DID_NOT_ANSWER = "did_not_answer", "They did not answer"
    OURS_TO_BLAME = "ours_to_blame", "It was ours to blame"


def say(
    appointment: Appointment, outcome: CallOutcome, *, reason: str | None = None, by: Actor, now: datetime
) -> AppointmentOutcome:
    """Say how an appointment went; what had been said before is kept beside it."""
    settle(appointment, state=str(outcome), now=now)
    said = AppointmentOutcome(
        appointment_id=appointment.id, outcome=str(outcome), at=now, by_id=by.account_id, reason=reason
    )
    db.session.add(said)
    db.session.flush()
    return said


def said_of(appointment_ids: Collection[int]) -> Sequence[AppointmentOutcome]:
    """Everything that was said of these appointments, in the order in which it was said."""
    found = sa.select(AppointmentOutcome).where(AppointmentOutcome.appointment_id.in_(appointment_ids))
    return db.session.scalars(found.order_by(AppointmentOutcome.id)).all()


def put_as_it_was(
    case_id: int, *, worker_id: int, kind: str, starts_at: datetime, minutes: int, by: Actor, now: datetime
) -> Appointment:
    """A call that is over and was not in the diary for that time. What is past keeps nobody busy: it takes no cells."""
    held = Appointment(
        case_id=case_id,
        worker_id=worker_id,
        kind=kind,
        starts_at=starts_at,
        minutes=minutes,
        state=str(CallOutcome.TOOK_PLACE),
        state_at=now,
        booked_by=str(by),
    )
    db.session.add(held)
    db.session.flush()
    return held
