"""How an agreed call went, said when it is known, however late: it took place, they did not answer, or it was ours
to blame. Nothing is said of what has not happened yet.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.diary.appointments import replace, settle
from provider.domain.diary.models import Appointment
from provider.domain.diary.moves import AS_IT_WAS
from provider.domain.diary.outcomes import CallOutcome, put_as_it_was, say
from provider.domain.diary.queries import booked_appointment
from provider.domain.referrals.models import Case, Referral, ReferralEvent
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import booking, closing, reminding
from provider.pathway.allocating import leave_list
from provider.pathway.booking import AlreadyBooked, NotBookable, back, booked
from provider.pathway.counting import calls_done, came_back_at, pathway_of_call
from provider.pathway.steps import lock_case, open_referrals, terms_of


class NotYet(Refusal):
    code = "not_yet"
    sentence = "That time has not come yet: what happened cannot be recorded before it happens."


class BeforeTheyCame(Refusal):
    code = "before_they_came"
    sentence = "That was before they were referred to us. Look at the day again."


class BeforeAssessment(BeforeTheyCame):
    sentence = "That was before their assessment. Look at the day again."


def record_missed(appointment_id: int, *, by: Actor, now: datetime) -> None:
    """They did not answer at the time agreed: a new time is offered at once, until the scheme's chances are used up.

    Where everything has ended meanwhile, it is said, and nothing follows. Raises NothingBooked, or NotYet while the
    appointment has not started.
    """
    appointment, case = booked(appointment_id)
    has_come(appointment.starts_at, case, now=now)
    said = say(appointment, CallOutcome.DID_NOT_ANSWER, by=by, now=now)
    reminding.forget_appointment(appointment, because="missed", now=now)
    record("appointment.missed", "appointment", appointment.id, by=by, now=now, person_id=case.person_id)
    if case.closed_at is not None:
        return
    back(case, appointment, by=by, now=now)
    said.used_chance = count_call_missed(case, appointment, by=by, now=now)
    if case.closed_at is None:
        reminding.offer_another_time(appointment, terms=terms_of(case), now=now)


def count_call_missed(case: Case, appointment: Appointment, *, by: Actor, now: datetime) -> bool:
    """What a call that was missed uses up; answers whether that was a chance: none of those that they have since they
    came back.
    """
    if appointment.starts_at < came_back_at(case.id):
        raise_task("rebook", case_id=case.id, due_at=now, now=now)
        return False
    first_step = appointment.kind == "assessment"
    reason = "missed_assessment" if first_step else "missed_intervention"
    return booking.count_miss(case, pathway_of_call(appointment.kind), reason=reason, by=by, now=now)


def record_took_place(appointment_id: int, *, at: datetime | None = None, by: Actor, now: datetime) -> None:
    """A one-to-one or an appointment of treatment took place: with as many as its scheme asks for, a referral is done.

    ``at``: when it really did, where that was not the time agreed. Where there are more to come, somebody books the
    next. Raises NothingBooked, NotBookable for an assessment, NotYet or BeforeTheyCame.
    """
    appointment, case = booked(appointment_id)
    if appointment.kind == "assessment" and case.closed_at is None:
        raise NotBookable("An assessment takes place by being recorded.")
    _say_held(as_it_was(appointment, case, at, by=by, now=now), case, by=by, now=now)


def record_ours(
    appointment_id: int, *, instead: datetime | None, by: Actor, now: datetime
) -> Appointment | None:
    """We did not ring as agreed: nobody's miss, and the clock stands still where the terms say so.

    ``instead``: a new time, given at once; else they are rung to agree one. Raises NothingBooked, NotYet, SlotTaken,
    or HasEnded where there is nobody to give one to.
    """
    appointment, case = booked(appointment_id)
    has_come(appointment.starts_at, case, now=now)
    if case.closed_at is not None and instead is None:
        say(appointment, CallOutcome.OURS_TO_BLAME, by=by, now=now)
        about = ("appointment", appointment.id)
        record("appointment.called_off", *about, by=by, now=now, person_id=case.person_id, ours=True)
        return None
    if instead is None:
        booking.call_off(appointment_id, ours=True, by=by, now=now)
        say(appointment, CallOutcome.OURS_TO_BLAME, by=by, now=now)
        return None
    new = booking.give_another(appointment_id, starts_at=instead, by=by, now=now)
    say(appointment, CallOutcome.OURS_TO_BLAME, by=by, now=now)
    return new


def record_without_booking(case_id: int, kind: str, *, at: datetime, by: Actor, now: datetime) -> Appointment:
    """A one-to-one or a call of treatment took place that was in nobody's diary: it counts like any other.

    Raises AlreadyBooked where one is booked, which is then the one to speak of; NotBookable, NotYet, BeforeTheyCame.
    """
    case = lock_case(case_id)
    if booked_appointment(case_id) is not None:
        raise AlreadyBooked("They have a time in the diary: say how that one went.")
    referrals = open_referrals(case_id)
    if not referrals or any(one.status not in {Status.ASSESSED, Status.WAITING} for one in referrals):
        raise NotBookable
    has_come(at, case, now=now)
    _after_assessment(at, case)
    leave_list(case_id, because="booked", now=now)
    minutes = terms_of(case).assessment_minutes
    held = put_as_it_was(
        case_id, worker_id=by.account_id, kind=kind, starts_at=at, minutes=minutes, by=by, now=now
    )
    _say_held(held, case, by=by, now=now)
    return held


def as_it_was(
    appointment: Appointment, case: Case, at: datetime | None, *, by: Actor, now: datetime
) -> Appointment:
    """The call as it took place: the one that was booked, or the one at another time that came instead of it.

    Raises NotYet where that would be to come, BeforeTheyCame.
    """
    has_come(at or appointment.starts_at, case, now=now)
    if at is None or at == appointment.starts_at:
        return appointment
    if appointment.kind != "assessment":
        _after_assessment(at, case)
    settle(appointment, state="moved", now=now)
    reminding.forget_appointment(appointment, because="moved", now=now)
    held = put_as_it_was(
        case.id,
        worker_id=appointment.worker_id,
        kind=appointment.kind,
        starts_at=at,
        minutes=appointment.minutes,
        by=by,
        now=now,
    )
    replace(appointment, held, why=AS_IT_WAS)
    about = ("appointment", appointment.id)
    record("appointment.moved", *about, by=by, now=now, person_id=case.person_id, to=held.id)
    return held


def _say_held(held: Appointment, case: Case, *, by: Actor, now: datetime) -> None:
    """Say that it took place, and complete what is complete by it; what goes on needs another time."""
    say(held, CallOutcome.TOOK_PLACE, by=by, now=now)
    record("appointment.took_place", "appointment", held.id, by=by, now=now, person_id=case.person_id)
    kinds = {held.kind}
    if closing.complete_where(
        case, lambda one: calls_done(one, kinds), by=by, now=now, happened_at=held.starts_at
    ):
        back(case, held, by=by, now=now)


def _after_assessment(at: datetime, case: Case) -> None:
    """Raises BeforeAssessment for a day before the one on which they were assessed."""
    assessed_at = db.session.scalar(
        sa.select(sa.func.min(sa.func.coalesce(ReferralEvent.happened_at, ReferralEvent.at)))
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .where(Referral.case_id == case.id, ReferralEvent.to_status == Status.ASSESSED)
    )
    if assessed_at is not None and london_date(at) < london_date(assessed_at):
        raise BeforeAssessment


def has_come(at: datetime, case: Case, *, now: datetime) -> None:
    """Raises NotYet for what is to come, BeforeTheyCame for what would have been before the case."""
    if at > now:
        raise NotYet
    if at < case.opened_at:
        raise BeforeTheyCame
