"""It was said wrongly how a call went: it is said anew, with a reason, and what had followed from it is put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.courses.places import coming_place
from provider.domain.courses.waiting import waiting_of
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.diary.outcomes import CallOutcome, said_of, say_instead
from provider.domain.diary.queries import booked_appointment, latest_appointment
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import reminding, revising
from provider.pathway.booking import OFFER_ANOTHER
from provider.pathway.correctable import WentOn, is_something_to_come, require_correctable, require_recorded
from provider.pathway.counting import calls_done, came_back_at
from provider.pathway.keeping import count_call_missed
from provider.pathway.steps import lock_case, lock_person, open_referrals, terms_of

CORRECTED = "call_corrected"
TO_RECORD = "The assessment took place: record it"


class WhyCorrected(Refusal):
    code = "why_corrected"
    sentence = "Say why it is corrected."


def correct(
    appointment_id: int, outcome: CallOutcome, *, seen: int | None, reason: str, by: Actor, now: datetime
) -> AppointmentOutcome:
    """Say how a call really went, and bring about what would have followed had that been said at first.

    ``seen``: the last that was said of it, by id, when whoever corrects it looked; None where nobody is known to have
    said anything. Each force hears a correction where what it was told changes; no force reads the reason. Raises
    WhyCorrected, the refusals of ``correctable``, and HasAnotherCase where it would have to be opened again, and they
    were referred anew since.
    """
    if not reason.strip():
        raise WhyCorrected
    appointment, case = _hold_still(appointment_id)
    said = said_of([appointment_id])
    require_correctable(appointment, said, outcome, seen=seen)
    require_recorded(appointment, outcome, now=now)
    coming = case.closed_at is None and is_something_to_come(case.id, now=now)
    chance = _give_chance_back(case, appointment, said)
    before = _done(case)
    corrected = say_instead(appointment, outcome, reason=reason.strip(), by=by, now=now)
    reminding.forget_appointment(appointment, because="said_otherwise", now=now)
    about = ("appointment", appointment.id)
    record("appointment.corrected", *about, by=by, now=now, person_id=case.person_id, to=str(outcome))
    again = _put_right(case, before, _done(case), chance=chance, by=by, now=now)
    if case.closed_at is None and outcome is CallOutcome.DID_NOT_ANSWER:
        corrected.used_chance = count_call_missed(case, appointment, by=by, now=now)
    if case.closed_at is None:
        _go_on(case, appointment, outcome, again=again, by=by, now=now)
    elif coming:
        raise WentOn
    return corrected


def _hold_still(appointment_id: int) -> tuple[Appointment, Case]:
    """The appointment as it stands and its case, which nobody else changes, nor opens another beside it."""
    found = db.session.get_one(Appointment, appointment_id)
    lock_person(db.session.get_one(Case, found.case_id).person_id)
    case = lock_case(found.case_id)
    db.session.refresh(found)
    return found, case


def _give_chance_back(case: Case, appointment: Appointment, said: Sequence[AppointmentOutcome]) -> bool:
    """Whether the call had used a chance that they have again. Who came back had every chance anew."""
    used = said[-1].used_chance if said else appointment.state == CallOutcome.DID_NOT_ANSWER
    since = said[-1].at if said else appointment.state_at
    if not used or since <= came_back_at(case.id):
        return False
    case.misses = max(case.misses - 1, 0)
    return True


def _done(case: Case) -> list[Referral]:
    """Those of which as many calls took place as their schemes ask for."""
    return [referral for referral in revising.referrals_of(case) if calls_done(referral)]


def _put_right(
    case: Case,
    before: Sequence[Referral],
    after: Sequence[Referral],
    *,
    chance: bool,
    by: Actor,
    now: datetime,
) -> bool:
    """Who has done enough by it is completed; who has not, or has a chance left by it, goes on: answers whether that
    opened the case again.
    """
    done = [referral for referral in after if referral not in before]
    ended = revising.chance_left(case) if chance else []
    revising.complete(case, done, reason=CORRECTED, by=by, now=now)
    again = revising.rested_on_it([referral for referral in before if referral not in after])
    again += [referral for referral in ended if referral not in (*done, *again)]
    if again:
        revising.open_again(case, again, reason=CORRECTED, by=by, now=now)
    return bool(again)


def _go_on(
    case: Case, appointment: Appointment, outcome: CallOutcome, *, again: bool, by: Actor, now: datetime
) -> None:
    """What is owed to somebody whose case is open: nothing where something is coming, or came after this call; where it
    is open ``again``, all that was owed had ended with it.
    """
    missed = outcome is CallOutcome.DID_NOT_ANSWER
    coming = booked_appointment(case.id) or coming_place(case.id) or waiting_of(case.id)
    latest = latest_appointment(case.id) is appointment
    if coming or (latest and not missed):
        finish_tasks(case.id, kinds=("rebook",), by=str(by), now=now)
    if coming or not (latest or again):
        return
    if latest and missed:
        reminding.offer_another_time(appointment, terms=terms_of(case), now=now)
    elif latest and outcome is CallOutcome.OURS_TO_BLAME:
        reminding.say_sorry(appointment, now=now)
    if all(referral.status == Status.ACCEPTED for referral in open_referrals(case.id)):
        held = outcome is CallOutcome.TOOK_PLACE
        case.next_call_at, case.next_call_why = now, TO_RECORD if held else OFFER_ANOTHER
    elif again or appointment.kind != "assessment":
        raise_task("place", case_id=case.id, due_at=now, now=now)
