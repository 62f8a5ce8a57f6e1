"""When somebody is rung next, or that ringing is over: the ladder's answer, kept on the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from provider.domain.contact.ladder import (
    AttemptFact,
    Ending,
    LadderTerms,
    NextCall,
    StopCalling,
    counted,
    show_number_works,
)
from provider.domain.contact.outcomes import SPOKE
from provider.domain.contact.queries import attempts_of
from provider.domain.contact.rules import next_call
from provider.domain.contact.tasks import raise_task
from provider.domain.diary.closures import closed_days
from provider.domain.people.models import PhoneNumber
from provider.domain.people.number_states import DOUBTED, NumberState
from provider.domain.people.reach import is_confirmed
from provider.domain.people.records import current_number
from provider.domain.referrals.models import Case, Referral, ReferralEvent
from provider.domain.referrals.status import Status
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.pathway import reminding
from provider.pathway.steps import open_referrals, terms_of_each


def plan_next_call(case: Case, *, now: datetime) -> NextCall | StopCalling | None:
    """Ask the ladder, and keep its answer on the case; None while nobody needs to be rung for an appointment.

    Who has no number at all cannot be rung: finding one is work for somebody.
    """
    referrals = open_referrals(case.id)
    if any(referral.status != Status.ACCEPTED for referral in referrals):
        return None
    number = current_number(case.person_id)
    if number is None:
        raise_task("number_suspect", case_id=case.id, due_at=case.first_contact_due, now=now)
    served = terms_of_each(referrals)
    decision = _ask(case, number, served, now=now)
    case.next_call_at = decision.at if isinstance(decision, NextCall) else None
    case.next_call_why = decision.reason
    unanswered = _unanswered(case, number)
    if unanswered is not None:
        reminding.announce_next_call(case, number, unanswered=unanswered, terms=served[0], now=now)
    return decision


def plan_first_call(
    case: Case, *, number: PhoneNumber | None, terms: Terms, now: datetime
) -> NextCall | StopCalling:
    """The ladder's answer for a case that is just being opened: nobody was rung yet. Its id is not needed."""
    decision = _decide([], case, number, [terms], began=now, now=now)
    case.next_call_at = decision.at if isinstance(decision, NextCall) else None
    case.next_call_why = decision.reason
    return decision


def ladder_of(case: Case, *, now: datetime) -> NextCall | StopCalling:
    """What the ladder says of the calls made since it began. Nobody has failed to engage whose number is in doubt."""
    return _ask(case, current_number(case.person_id), terms_of_each(open_referrals(case.id)), now=now)


def _ask(
    case: Case, number: PhoneNumber | None, terms: Sequence[Terms], *, now: datetime
) -> NextCall | StopCalling:
    ever = attempts_of(case.id)
    began = _began(case, number) if ever else case.opened_at
    made = _since(ever, began) or _agreed_for_later(ever, began)
    decision = _decide(made, case, number, terms, began=began, now=now)
    if isinstance(decision, StopCalling):
        return _in_doubt(decision, number)
    if ever and not made:
        another = number is not None and number.created_at == began
        return replace(decision, reason="Ring the other number." if another else "Ring them again.")
    return decision


def _decide(
    made: Sequence[AttemptFact],
    case: Case,
    number: PhoneNumber | None,
    terms: Sequence[Terms],
    *,
    began: datetime,
    now: datetime,
) -> NextCall | StopCalling:
    return next_call(
        made,
        terms=_longest(terms),
        received_at=began,
        now=now,
        number_works=number is not None and _is_known_to_work(number, now=now),
        best_times=case.best_times,
        another_number=number is not None and number.state != NumberState.BAD,
        closures=closed_days(since=london_date(began)),
    )


def _unanswered(case: Case, number: PhoneNumber | None) -> int | None:
    """How many calls of this ladder nobody answered; None once they were spoken to: they know who rings."""
    ever = attempts_of(case.id)
    made = _since(ever, _began(case, number)) if ever else []
    return None if any(attempt.outcome in SPOKE for attempt in made) else len(counted(made))


def _since(ever: Sequence[AttemptFact], began: datetime) -> list[AttemptFact]:
    return [attempt for attempt in ever if attempt.at >= began]


def _agreed_for_later(ever: Sequence[AttemptFact], began: datetime) -> list[AttemptFact]:
    """A time that was agreed before the ladder began anew, and is still to come, is kept."""
    last = ever[-1:]
    return [call for call in last if call.call_back_at is not None and call.call_back_at >= began]


def number_works(case: Case, *, now: datetime) -> bool:
    """Whether the number now rung is known to be the person's, so that silence on it is their own."""
    number = current_number(case.person_id)
    if number is None or number.state in DOUBTED:
        return False
    return _is_known_to_work(number, now=now) or show_number_works(
        attempts_of(case.id, since=_began(case, number))
    )


def _is_known_to_work(number: PhoneNumber, *, now: datetime) -> bool:
    return is_confirmed(number.confirmed_at, now=now) and number.state != NumberState.BAD


def _began(case: Case, number: PhoneNumber | None) -> datetime:
    """When the present ladder began: when a referral of the case last came to be rung for, or the number is newer.

    They were referred, by whichever force; they came back; the time they had agreed was missed or called off.
    """
    came = (
        sa.select(sa.func.max(ReferralEvent.at))
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .where(Referral.case_id == case.id, ReferralEvent.to_status == Status.ACCEPTED)
    )
    since = db.session.scalar(came) or case.opened_at
    return since if number is None else max(since, number.created_at)


def _longest(terms: Sequence[Terms]) -> LadderTerms:
    """The longest ladder that any of them gives, in each of its measures."""
    return LadderTerms(
        attempts=max(each.contact_attempts for each in terms),
        days=max(each.contact_days for each in terms),
        parts_of_day=max(each.contact_parts_of_day for each in terms),
        within_working_days=max(each.contact_within_working_days for each in terms),
        last_wait_working_days=max(each.ring_back_working_days for each in terms),
    )


def _in_doubt(decision: StopCalling, number: PhoneNumber | None) -> StopCalling:
    if decision.ending != Ending.NOT_ENGAGED or (number is not None and number.state not in DOUBTED):
        return decision
    opted_out = number is not None and number.state == NumberState.OPTED_OUT
    reason = "They asked for no more texts, and do not answer." if opted_out else "Their number is in doubt."
    return replace(decision, ending=Ending.NOT_REACHED, reason=reason)
