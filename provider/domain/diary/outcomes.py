"""How a call in the diary went, as it was said: by whom, when, and, where it had been said wrongly, why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.diary.appointments import say_why, settle
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.diary.moves import OUR_FAULT, THEY_ASKED
from provider.kernel.actors import Actor
from provider.kernel.codes import Coded
from provider.kernel.database import db


class CallOutcome(Coded):
    """What came of a call whose time has come."""

    TOOK_PLACE = "took_place", "It took place"
    DID_NOT_ANSWER = "did_not_answer", "They did not answer"
    OURS_TO_BLAME = "ours_to_blame", "It was ours to blame"
    MOVED = "moved", "They had asked for another time"


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


def say_instead(
    appointment: Appointment, outcome: CallOutcome, *, reason: str, by: Actor, now: datetime
) -> AppointmentOutcome:
    """Say that it went otherwise than was said. Who asked for another time instead, and why, is as it follows."""
    why = THEY_ASKED if outcome is CallOutcome.MOVED else None
    if outcome is CallOutcome.OURS_TO_BLAME and appointment.replaced_by_id is not None:
        why = OUR_FAULT
    say_why(appointment, why)
    return say(appointment, outcome, reason=reason, by=by, now=now)


def given_up_before(appointment: Appointment) -> bool:
    """Whether one of which nobody said how it went was moved or called off, and not while its time was over."""
    return appointment.replaced_by_id is not None or appointment.state_at < appointment.starts_at


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
