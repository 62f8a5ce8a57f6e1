"""An assessment as far as it was written down, and who it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.domain.accounts.models import Account
from provider.domain.assessments.audit import Audit, AuditC, SexForUnits, score_audit, score_audit_c
from provider.domain.assessments.facts import Facts, Use
from provider.domain.assessments.models import AdviceGiven, AssessedSubstance, Assessment
from provider.domain.assessments.record import alcohol_of, facts_from, severities, sex_for_units
from provider.domain.assessments.severity import Severity
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.referrals.status import Status
from provider.kernel.calendar import london_date
from provider.kernel.database import db

ASSESSABLE = frozenset({Status.ACCEPTED, Status.ASSESSMENT_BOOKED})


@dataclass(frozen=True)
class SubstanceLine:
    """One substance somebody said they use, in the codes of ``answers``; ``scale`` is their SDS for it."""

    substance: str
    route: str | None
    frequency: str | None
    amount: str | None
    scale: Severity


@dataclass(frozen=True)
class Decision:
    """What was decided, beside what was recommended."""

    at: datetime
    advice: tuple[str, ...]
    advice_version: str | None
    recommended: str | None
    recommended_because: str | None
    pathway: str | None
    pathway_because: str | None


@dataclass(frozen=True)
class AssessmentPage:
    """``answers`` as ``domain.assessments.record`` describes them; empty before anything was saved.

    ``assessable``: whether it may still be written. ``decision`` is there once it is finished.
    """

    facts: ReferralFacts
    dial: str | None
    sex_for_units: SexForUnits | None
    started_at: datetime | None
    by: str | None
    limits_explained: bool
    answers: Mapping[str, Any]
    substances: tuple[SubstanceLine, ...]
    decision: Decision | None

    @property
    def assessable(self) -> bool:
        return self.decision is None and self.facts.status in ASSESSABLE

    @property
    def age(self) -> int:
        return self.facts.person.age

    @property
    def audit_c(self) -> AuditC:
        return score_audit_c(alcohol_of(self.answers), age=self.age, sex_for_units=self.sex_for_units)

    @property
    def audit(self) -> Audit:
        return score_audit(alcohol_of(self.answers))

    @property
    def stated(self) -> Facts:
        """The facts that advice and the pathway are chosen from."""
        uses = [
            Use(line.substance, frozenset({line.route} if line.route else ()), line.frequency)
            for line in self.substances
        ]
        return facts_from(self.answers, uses, age=self.age)


def assessment_page(referral_id: int, *, now: datetime) -> AssessmentPage:
    """The assessment of the case that serves a referral, in four queries; the age is that of today."""
    facts = referral_facts(referral_id, today=london_date(now))
    assessment, by, gender, dial = _found(facts)
    answers: Mapping[str, Any] = assessment.answers if assessment is not None else {}
    return AssessmentPage(
        facts=facts,
        dial=dial,
        sex_for_units=sex_for_units(gender),
        started_at=assessment.started_at if assessment is not None else None,
        by=by,
        limits_explained=assessment is not None and assessment.limits_explained,
        answers=answers,
        substances=_substances(assessment, answers, age=facts.person.age),
        decision=_decision(assessment),
    )


def _found(facts: ReferralFacts) -> tuple[Assessment | None, str | None, str, str | None]:
    row = db.session.execute(
        sa.select(Assessment, Account.name, Person.gender, PhoneNumber.e164)
        .select_from(Person)
        .outerjoin(PhoneNumber, rung_on())
        .outerjoin(Assessment, Assessment.case_id == (facts.case.id if facts.case is not None else None))
        .outerjoin(Account, Account.id == Assessment.by_id)
        .where(Person.id == facts.person.id)
    ).one()
    return row[0], row[1], row[2], row[3]


def _substances(
    assessment: Assessment | None, answers: Mapping[str, Any], *, age: int
) -> tuple[SubstanceLine, ...]:
    rows = db.session.scalars(
        sa.select(AssessedSubstance)
        .where(AssessedSubstance.assessment_id == (assessment.id if assessment is not None else None))
        .order_by(AssessedSubstance.position)
    ).all()
    scales = severities(answers, [row.substance for row in rows], age=age)
    return tuple(
        SubstanceLine(row.substance, row.route, row.frequency, row.amount, scale)
        for row, scale in zip(rows, scales, strict=True)
    )


def _decision(assessment: Assessment | None) -> Decision | None:
    if assessment is None or assessment.finished_at is None:
        return None
    advice = db.session.scalars(
        sa.select(AdviceGiven.text)
        .where(AdviceGiven.assessment_id == assessment.id)
        .order_by(AdviceGiven.position)
    )
    return Decision(
        at=assessment.finished_at,
        advice=tuple(advice),
        advice_version=assessment.advice_version,
        recommended=assessment.recommended_pathway,
        recommended_because=assessment.recommended_because,
        pathway=assessment.pathway,
        pathway_because=assessment.pathway_because,
    )
