"""An accepted referral is served by a case: a new one, or the one that is open for the person already."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.diary.models import Appointment
from provider.domain.people.models import Person
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.deadlines import due_at
from provider.domain.schemes.queries import scheme_under
from provider.kernel.actors import Actor
from provider.kernel.calendar import age_on, end_of_working_day, london_date
from provider.kernel.database import db
from provider.pathway import closing, deadlines, meeting_needs, reminding, ringing
from provider.pathway.counting import LINKED
from provider.pathway.steps import move, open_referrals


def serve(
    referral: Referral, open_case: Case | None, *, best_times: str | None, by: Actor, now: datetime
) -> None:
    """Give an accepted referral its case: the person's open one, locked already, or, where it is None, a new one.

    One call and one course serve every open referral of a person. A referral that joins a case on its way catches up,
    so that its own force hears how far the person has come, and the case has every chance again: what was missed
    before belongs to the other referral.
    """
    if open_case is not None:
        _join(referral, open_case, best_times=best_times, by=by, now=now)
    elif referral.case_id is None:
        open_case_for(referral, best_times=best_times, now=now)
        db.session.flush()
    _ask_for_adult(referral, now=now)
    case = db.session.get_one(Case, referral.case_id)
    if case.closed_at is None:
        meeting_needs.note_from_referral(case, by=by, now=now)


def open_case_for(referral: Referral, *, best_times: str | None, now: datetime) -> None:
    """Open a case for somebody who has none open, and say when to ring; the referral need not be stored yet."""
    number, terms = current_number(referral.person_id), scheme_under(referral.terms_id).terms
    case = Case(
        person_id=referral.person_id,
        opened_at=now,
        first_contact_due=referral.first_contact_due,
        assessment_due=due_at("assessment", terms, since=referral.received_at, now=now),
        best_times=best_times,
    )
    ringing.plan_first_call(case, number=number, terms=terms, now=now)
    db.session.add(case)
    db.session.flush()
    referral.case_id = case.id
    if number is None:
        raise_task("number_suspect", case_id=case.id, due_at=case.first_contact_due, now=now)
    reminding.announce_first_call(case, number, now=now)


def _join(referral: Referral, case: Case, *, best_times: str | None, by: Actor, now: datetime) -> None:
    reached = Status(open_referrals(case.id)[0].status)
    referral.case_id = case.id
    case.first_contact_due = min(case.first_contact_due, referral.first_contact_due)
    deadlines.joined(case, scheme_under(referral.terms_id).terms, received_at=referral.received_at, now=now)
    case.best_times = best_times or case.best_times
    case.misses = 0
    number = current_number(case.person_id)
    if number is not None and number.state != "bad":
        finish_tasks(case.id, kinds=("number_suspect",), by=str(by), now=now)
    db.session.flush()
    for step in _way(case, reached):
        move(referral, step, by=by, now=now, reason=LINKED)
    if referral.level != "none":
        closing.complete_where_assessment_counts(case, by=by, now=now)
    if case.closed_at is None and reached == Status.ACCEPTED:
        _ring_on(case, by=by, now=now)


def _way(case: Case, reached: Status) -> list[Status]:
    """The steps that a case has taken to where it stands. A call that was never booked is not among them."""
    if reached in {Status.ACCEPTED, Status.ASSESSMENT_BOOKED}:
        return [step for step in (reached,) if step != Status.ACCEPTED]
    booked = sa.select(Appointment.id).where(Appointment.case_id == case.id, Appointment.kind == "assessment")
    way = [Status.ASSESSED] if reached == Status.ASSESSED else [Status.ASSESSED, reached]
    return way if db.session.execute(booked.limit(1)).first() is None else [Status.ASSESSMENT_BOOKED, *way]


def _ring_on(case: Case, *, by: Actor, now: datetime) -> None:
    """They said yes again: calling goes on, also where it was over."""
    if case.next_call_at is None or case.next_call_at > now:
        ringing.plan_next_call(case, now=now)
    if case.next_call_at is not None:
        finish_tasks(case.id, kinds=("ladder_done",), by=str(by), now=now)


def _ask_for_adult(referral: Referral, *, now: datetime) -> None:
    """A responsible adult is asked for, never required: their absence makes work for the same day."""
    born = db.session.get_one(Person, referral.person_id).date_of_birth
    if age_on(born, london_date(referral.occurred_at)) < 18 and referral.responsible_adult is None:
        today = max(now, end_of_working_day(london_date(now)))
        raise_task("responsible_adult", case_id=referral.case_id, due_at=today, now=now)
