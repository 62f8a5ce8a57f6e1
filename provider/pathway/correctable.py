"""Whether what was said of how a call went can be corrected, and to what; or why not, and what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.assessments.models import Assessment
from provider.domain.courses.places import coming_place
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.diary.outcomes import CallOutcome, given_up_before
from provider.domain.diary.queries import booked_appointment
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class NothingSaid(Refusal):
    code = "nothing_said"
    sentence = "Nobody has said yet how this call went. Say that first."


class GivenUp(Refusal):
    code = "given_up"
    sentence = "This call was moved or called off. Look for the one that came instead, and correct that."


class SaidAlready(Refusal):
    code = "said_already"
    sentence = "That is what was said already. Choose how it really went."


class SaidMeanwhile(Refusal):
    code = "said_meanwhile"
    sentence = (
        "A colleague has said something else since you opened this. Look at what was said, and correct that."
    )


class IsRecorded(Refusal):
    code = "is_recorded"
    sentence = (
        "The assessment of this call is recorded, so it took place. If it is not theirs, tell a team lead."
    )


class RecordedForAnother(Refusal):
    code = "recorded_for_another"
    sentence = (
        "The assessment is recorded for another call. Say of this one whether it was moved, or ours to blame."
    )


class WentOn(Refusal):
    code = "went_on"
    sentence = "Something is still to come for them, a call or a session. Call that off first, then correct this one."


def require_correctable(
    appointment: Appointment,
    said: Sequence[AppointmentOutcome],
    outcome: CallOutcome,
    *,
    seen: int | None,
) -> None:
    """Raises NothingSaid, GivenUp, SaidMeanwhile where ``seen`` is not the last that was said, SaidAlready."""
    if appointment.state == "booked":
        raise NothingSaid
    if not said and given_up_before(appointment):
        raise GivenUp
    if (said[-1].id if said else None) != seen:
        raise SaidMeanwhile
    if appointment.state == outcome:
        raise SaidAlready


def require_recorded(appointment: Appointment, outcome: CallOutcome, *, now: datetime) -> None:
    """An assessment that is recorded was made in one call, and in no other. One that is not, can be from now on.

    Raises IsRecorded, RecordedForAnother, or WentOn where one is still to come.
    """
    if appointment.kind != "assessment":
        return
    recorded = db.session.scalars(
        sa.select(Assessment).where(
            Assessment.case_id == appointment.case_id, Assessment.finished_at.is_not(None)
        )
    ).one_or_none()
    if outcome is not CallOutcome.TOOK_PLACE:
        if recorded and recorded.appointment_id == appointment.id and appointment.state == "took_place":
            raise IsRecorded
    elif recorded is None:
        if is_something_to_come(appointment.case_id, now=now):
            raise WentOn
    elif recorded.appointment_id not in {None, appointment.id}:
        raise RecordedForAnother
    else:
        recorded.appointment_id = appointment.id


def is_something_to_come(case_id: int, *, now: datetime) -> bool:
    """Whether they were told to expect something: a call, or a session."""
    booked = booked_appointment(case_id)
    return (booked is not None and booked.starts_at > now) or coming_place(case_id) is not None
