"""The assessment is recorded as it is spoken, finished, and the pathway decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.assessments.models import AdviceGiven, AssessedSubstance, Assessment
from provider.domain.assessments.pathway import Pathway
from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks, raise_task
from provider.domain.diary.models import Appointment
from provider.domain.diary.outcomes import CallOutcome, say
from provider.domain.diary.queries import booked_appointment, latest_appointment
from provider.domain.people.records import confirm_number, current_number
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import closing, deadlines, keeping, meeting_needs, reminding
from provider.pathway.disowning import found
from provider.pathway.shutting import end_of_day_in
from provider.pathway.steps import lock_case, move_case, open_referrals, terms_of_each


class NotAssessable(Refusal):
    code = "not_assessable"
    sentence = "An assessment cannot be recorded at this step of the referral."


class LimitsNotExplained(Refusal):
    code = "limits_not_explained"
    sentence = "Say that the limits of confidentiality were explained before finishing the assessment."


class NothingFurtherNotDecided(Refusal):
    code = "nothing_further_not_decided"
    sentence = "Something further was decided for them. Give a place, or book a time."


@dataclass(frozen=True)
class SubstanceUse:
    substance: str
    route: str | None
    frequency: str | None
    amount: str | None
    severity: int | None


@dataclass(frozen=True)
class Advice:
    """One piece of advice as the worker gave it; ``rule`` names the rule that suggested it, if one did."""

    rule: str | None
    text: str


@dataclass(frozen=True)
class Recorded:
    """What was said, section by section, with the scores that could be worked out (None where they could not)."""

    limits_explained: bool
    answers: dict[str, Any]
    substances: tuple[SubstanceUse, ...]
    audit_c: int | None
    audit_full: int | None


@dataclass(frozen=True)
class Decided:
    """What the worker decided: the advice given and the pathway, beside what was recommended and why."""

    advice_version: str
    advice: tuple[Advice, ...]
    recommended_pathway: str
    recommended_because: str
    pathway: str
    pathway_because: str | None
    course_id: int | None


def save(case_id: int, recorded: Recorded, *, by: Actor, now: datetime) -> Assessment:
    """Keep what was said so far; nothing is decided and no force hears anything. Raises NotAssessable."""
    case = lock_case(case_id)
    _require_assessable(case)
    assessment = _assessment_of(case_id) or _start(case_id, by=by, now=now)
    if assessment.finished_at is not None:
        raise NotAssessable("The assessment is finished: add to it with a note.")
    assessment.limits_explained = recorded.limits_explained
    assessment.answers = recorded.answers
    assessment.audit_c = recorded.audit_c
    assessment.audit_full = recorded.audit_full
    _replace_substances(assessment, recorded.substances)
    record("assessment.saved", "assessment", assessment.id, by=by, now=now, person_id=case.person_id)
    return assessment


def finish(
    case_id: int, decided: Decided, *, took_place_at: datetime | None = None, by: Actor, now: datetime
) -> Assessment:
    """The call is over and the pathway decided: the assessment counts as attended and cannot be changed any more.

    ``took_place_at``: when they spoke, where that was before it is written down; booked or not. Raises NotAssessable
    where nothing was saved or it is finished already, LimitsNotExplained, NotYet, BeforeTheyCame.
    """
    case = lock_case(case_id)
    _require_assessable(case)
    assessment = _assessment_of(case_id)
    if assessment is None or assessment.finished_at is not None:
        raise NotAssessable
    if not assessment.limits_explained:
        raise LimitsNotExplained
    _write_decision(assessment, decided, now=now)
    case.pathway, case.course_id = decided.pathway, decided.course_id
    held = _said_to_be_held(case_id)
    took_place_at = took_place_at or (held.starts_at if held is not None else None)
    keeping.has_come(took_place_at or now, case, now=now)
    _settle_appointment(case, assessment, took_place_at, by=by, now=now)
    _spoke(case, by=by, now=now)
    move_case(case, Status.ASSESSED, by=by, now=now, happened_at=took_place_at)
    record("assessment.finished", "assessment", assessment.id, by=by, now=now, person_id=case.person_id)
    closing.complete_where_assessment_counts(case, by=by, now=now, happened_at=took_place_at)
    if case.closed_at is None:
        deadlines.begin_course(case, terms_of_each(open_referrals(case_id)), now=now)
        raise_task("place", case_id=case_id, due_at=end_of_day_in(1, now=now), now=now)
        meeting_needs.note_from_assessment(case, assessment.answers.get("taking_part", {}), by=by, now=now)
    return assessment


def _spoke(case: Case, *, by: Actor, now: datetime) -> None:
    """Their own voice, for all that time, on the number that was rung: it is theirs, and no call is owed any more."""
    number = current_number(case.person_id)
    if number is not None:
        confirm_number(number, by="voice", now=now)
    found(case.id, by=by, now=now)
    owed = ("call_me", "rebook", "ladder_done", "link_locked")
    finish_tasks(case.id, kinds=owed, by=str(by), now=now)


def nothing_further(case_id: int, *, by: Actor, now: datetime) -> None:
    """Advice was all that was decided on: with it everything asked has been done.

    Raises NothingFurtherNotDecided where something else was decided, or is under way.
    """
    case = lock_case(case_id)
    referrals = open_referrals(case_id)
    idle = all(referral.status == Status.ASSESSED for referral in referrals)
    if case.pathway != Pathway.ADVICE_ONLY or not referrals or not idle:
        raise NothingFurtherNotDecided
    closing.complete(case, by=by, now=now)


def _require_assessable(case: Case) -> None:
    referrals = open_referrals(case.id)
    early = {Status.ACCEPTED, Status.ASSESSMENT_BOOKED}
    if not referrals or any(referral.status not in early for referral in referrals):
        raise NotAssessable


def _start(case_id: int, *, by: Actor, now: datetime) -> Assessment:
    appointment = booked_appointment(case_id)
    assessment = Assessment(
        case_id=case_id,
        appointment_id=appointment.id if appointment is not None else None,
        by_id=by.account_id,
        started_at=now,
        answers={},
    )
    db.session.add(assessment)
    db.session.flush()
    return assessment


def _assessment_of(case_id: int) -> Assessment | None:
    return db.session.scalars(sa.select(Assessment).where(Assessment.case_id == case_id)).one_or_none()


def _replace_substances(assessment: Assessment, substances: Sequence[SubstanceUse]) -> None:
    db.session.execute(sa.delete(AssessedSubstance).where(AssessedSubstance.assessment_id == assessment.id))
    db.session.add_all(
        AssessedSubstance(assessment_id=assessment.id, position=position, **vars(use))
        for position, use in enumerate(substances)
    )
    db.session.flush()


def _write_decision(assessment: Assessment, decided: Decided, *, now: datetime) -> None:
    assessment.finished_at = now
    assessment.advice_version = decided.advice_version
    assessment.recommended_pathway = decided.recommended_pathway
    assessment.recommended_because = decided.recommended_because
    assessment.pathway = decided.pathway
    assessment.pathway_because = decided.pathway_because
    db.session.add_all(
        AdviceGiven(assessment_id=assessment.id, position=position, rule=advice.rule, text=advice.text)
        for position, advice in enumerate(decided.advice)
    )


def _said_to_be_held(case_id: int) -> Appointment | None:
    """The call of which it was corrected that it took place, so that it is what is recorded now."""
    call = latest_appointment(case_id)
    if call is None or (call.kind, call.state) != ("assessment", CallOutcome.TOOK_PLACE):
        return None
    return call


def _settle_appointment(
    case: Case, assessment: Assessment, at: datetime | None, *, by: Actor, now: datetime
) -> None:
    """The call was made, at the time agreed or at another: what was booked for it is over."""
    appointment = booked_appointment(case.id)
    if appointment is None:
        held = _said_to_be_held(case.id)
        assessment.appointment_id = held.id if held is not None else assessment.appointment_id
        return
    early = assessment.started_at if appointment.starts_at > now else None
    held = keeping.as_it_was(appointment, case, at or early, by=by, now=now)
    say(held, CallOutcome.TOOK_PLACE, by=by, now=now)
    reminding.forget_appointment(appointment, because="took_place", now=now)
    assessment.appointment_id = held.id
