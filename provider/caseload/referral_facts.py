"""What is known of one referral: as the force sent it, the person, the number to ring, the case that serves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.person_facts import PersonFacts, person_facts
from provider.domain.accounts.models import Account
from provider.domain.courses.models import Course
from provider.domain.forces.models import Force
from provider.domain.people.models import Person
from provider.domain.referrals.codes import DisposalOutcome, OffenceCode, Substance
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db


@dataclass(frozen=True)
class SchemeFacts:
    """The scheme with the version of its terms that the referral came under."""

    id: int
    code: str
    name: str
    version: int
    terms: Terms

    @property
    def rule(self) -> str:
        return f"{self.code} v{self.version}"


@dataclass(frozen=True)
class CaseFacts:
    """Whose it is and when to ring. ``opened_at`` is when the first of its referrals was accepted."""

    id: int
    worker_id: int | None
    worker: str | None
    closed_at: datetime | None
    first_contact_due: datetime
    next_call_at: datetime | None
    next_call_why: str | None
    best_times: str | None
    pathway: str | None
    course: str | None
    misses: int


@dataclass(frozen=True)
class ReferralFacts:
    """What the force sent, and how it stands."""

    id: int
    reference: str
    force: str
    scheme: SchemeFacts
    status: Status
    status_at: datetime
    decline_reason: str | None
    ended_reason: str | None
    may_reoffer: bool
    bar_until: date | None
    closed_at: datetime | None
    level: str
    received_at: datetime
    received_by: str
    force_reference: str | None
    occurred_at: datetime
    setting: str
    area: str | None
    disposal: str
    offence: str
    drugs: tuple[str, ...]
    officer: str
    officer_email: str | None
    agreement_at: datetime | None
    notice_version: str | None
    risk_markers: tuple[str, ...]
    risk_note: str | None
    responsible_adult: str | None
    appropriate_adult: bool | None
    sent_name: str | None
    warnings: tuple[str, ...]
    person: PersonFacts
    case: CaseFacts | None


def referral_facts(referral_id: int, *, today: date) -> ReferralFacts:
    """The referral with its person, scheme and case, in one query; ``today`` is for the person's age."""
    row = db.session.execute(
        sa.select(Referral, Person, Case, Force.name, Scheme.code, Scheme.name.label("scheme"))
        .add_columns(SchemeTerms.version, SchemeTerms.terms, Account.name.label("worker"))
        .add_columns(Course.name.label("course"))
        .join(Person, Person.id == Referral.person_id)
        .join(Force, Force.id == Referral.force_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .join(SchemeTerms, SchemeTerms.id == Referral.terms_id)
        .outerjoin(Case, Case.id == Referral.case_id)
        .outerjoin(Account, Account.id == Case.assigned_to_id)
        .outerjoin(Course, Course.id == Case.course_id)
        .where(Referral.id == referral_id)
    ).one()
    scheme = SchemeFacts(
        row.Referral.scheme_id, row.code, row.scheme, row.version, Terms.model_validate(row.terms)
    )
    case = _case(row.Case, worker=row.worker, course=row.course) if row.Case is not None else None
    return _referral(row.Referral, row.name, scheme, person_facts(row.Person, today=today), case)


_AS_STORED = (
    *("id", "reference", "status_at", "decline_reason", "ended_reason", "may_reoffer", "bar_until"),
    *("closed_at", "level", "received_at", "received_by", "force_reference", "occurred_at", "setting"),
    *(
        "area",
        "officer_email",
        "agreement_at",
        "notice_version",
        "risk_note",
        "appropriate_adult",
        "sent_name",
    ),
)


def _referral(
    sent: Referral, force: str, scheme: SchemeFacts, person: PersonFacts, case: CaseFacts | None
) -> ReferralFacts:
    return ReferralFacts(
        **{name: getattr(sent, name) for name in _AS_STORED},
        force=force,
        scheme=scheme,
        status=Status(sent.status),
        disposal=dict(DisposalOutcome.choices())[sent.disposal_outcome],
        offence=dict(OffenceCode.choices())[sent.offence_code],
        drugs=tuple(_drug(drug) for drug in sent.drugs),
        officer=" ".join(filter(None, (sent.officer_name, sent.officer_collar_number))),
        risk_markers=tuple(sent.risk_markers),
        responsible_adult=_adult(sent.responsible_adult),
        warnings=tuple(str(warning.get("detail") or warning.get("code")) for warning in sent.warnings),
        person=person,
        case=case,
    )


def _case(case: Case, *, worker: str | None, course: str | None) -> CaseFacts:
    return CaseFacts(
        id=case.id,
        worker_id=case.assigned_to_id,
        worker=worker,
        closed_at=case.closed_at,
        first_contact_due=case.first_contact_due,
        next_call_at=case.next_call_at,
        next_call_why=case.next_call_why,
        best_times=case.best_times,
        pathway=case.pathway,
        course=course,
        misses=case.misses,
    )


def _drug(drug: dict[str, Any]) -> str:
    parts = (dict(Substance.choices())[drug["substance"]], drug.get("quantity"))
    grade = f"class {drug['class']}" if drug.get("class") else None
    return ", ".join(str(part) for part in (*parts, grade) if part)


def _adult(adult: dict[str, Any] | None) -> str | None:
    parts = [str(adult[key]) for key in ("name", "relationship", "mobile") if adult.get(key)] if adult else []
    return ", ".join(parts) or None
