"""One referral as its force reads it: what it sent, everything it was told, and what can still be done about it.

A closed list of fields. Of the person there is the name as this force sent it and nothing else: an address or a number
may have become what the person told the provider, or what another force sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.force_reviews import ReviewOfBar, reviews_for_force
from provider.caseload.force_view import ForceView, view_of
from provider.caseload.officer_pages import shown_to_officer
from provider.caseload.why_outcome import why_for_force
from provider.domain.compliance.corrections import Said, said_by
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.people.models import Person
from provider.domain.referrals.codes import DisposalOutcome, OffenceCode, Setting, Substance
from provider.domain.referrals.models import Referral, ReferralChange
from provider.domain.schemes.queries import SchemeNow, scheme_under
from provider.kernel.calendar import london_date
from provider.kernel.database import db

FIELDS = {
    "force_reference": "Crime number",
    "officer_collar_number": "Officer’s collar number",
    "officer_name": "Officer’s name",
    "officer_email": "Officer’s e-mail address",
}
"""Of these the force sent what stood there before as well; of others the provider may have known more."""

WITHHELD = "Withheld"


@dataclass(frozen=True)
class Sent:
    """What the force sent, in words; None where it said nothing."""

    name: str
    occurred_at: datetime
    setting: str
    area: str | None
    disposal: str
    responsibility_accepted: bool | None
    offence: str
    drugs: tuple[str, ...]
    agreement_at: datetime | None
    notice_version: str | None
    risk_markers: tuple[str, ...]
    risk_note: str | None
    officer_collar_number: str
    officer_name: str | None
    officer_email: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """One event. ``corrects`` is when the event that it puts right was told."""

    type: str
    at: datetime
    said: Said
    corrects: datetime | None


@dataclass(frozen=True)
class Changed:
    """A correction that the force sent. ``before`` is None where it is not the force's to read."""

    what: str
    at: datetime
    by: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ForceReferral:
    view: ForceView
    scheme: str
    bar_until: date | None
    sent: Sent
    told: tuple[Told, ...]
    why: tuple[str, ...]
    changed: tuple[Changed, ...]
    reviews: tuple[ReviewOfBar, ...]
    may_ask_for_review: bool
    review_again_from: datetime | None

    @property
    def may_withdraw(self) -> bool:
        return bool(self.view.compliance["outcome"] == "open")


def force_referral(referral: Referral, *, now: datetime) -> ForceReferral:
    """The page, in eight queries at most. Whoever calls has made sure whose referral it is."""
    view, scheme = view_of(referral), scheme_under(referral.terms_id)
    told, restricted = _told(referral.id), _is_restricted(referral)
    reviews = reviews_for_force(referral, scheme.terms, now=now)
    return ForceReferral(
        view=view,
        scheme=scheme.name,
        bar_until=_standing_bar(referral, today=london_date(now)),
        sent=_sent(referral, restricted=restricted),
        told=told,
        why=_why(view, told, scheme),
        changed=_changed(referral.id, restricted=restricted),
        reviews=reviews.lines,
        may_ask_for_review=reviews.may_ask,
        review_again_from=reviews.again_from,
    )


def _standing_bar(referral: Referral, *, today: date) -> date | None:
    until = referral.bar_until
    return until if until is not None and until > today else None


def _why(view: ForceView, told: Sequence[Told], scheme: SchemeNow) -> tuple[str, ...]:
    reason = next((one.said.log_reason for one in reversed(told) if one.said.log_reason), None)
    return why_for_force(view, scheme.terms, scheme.rule, log_reason=reason)


def _is_restricted(referral: Referral) -> bool:
    return bool(db.session.scalar(sa.select(Person.restricted).where(Person.id == referral.person_id)))


def _sent(referral: Referral, *, restricted: bool) -> Sent:
    return Sent(
        name=shown_to_officer(referral.sent_name, restricted=restricted),
        occurred_at=referral.occurred_at,
        setting=dict(Setting.choices())[referral.setting],
        area=referral.area,
        disposal=dict(DisposalOutcome.choices())[referral.disposal_outcome],
        responsibility_accepted=referral.responsibility_accepted,
        offence=dict(OffenceCode.choices())[referral.offence_code],
        drugs=tuple(_drug(drug) for drug in referral.drugs),
        agreement_at=referral.agreement_at,
        notice_version=referral.notice_version,
        risk_markers=tuple(referral.risk_markers),
        risk_note=None if restricted else referral.risk_note,
        officer_collar_number=referral.officer_collar_number,
        officer_name=referral.officer_name,
        officer_email=referral.officer_email,
        warnings=tuple(str(one.get("detail") or one.get("code")) for one in referral.warnings),
    )


def _drug(drug: Mapping[str, object]) -> str:
    grade = f"class {drug['class']}" if drug.get("class") else None
    substance = dict(Substance.choices())[str(drug["substance"])]
    return ", ".join(str(part) for part in (substance, drug.get("quantity"), grade) if part)


def _told(referral_id: int) -> tuple[Told, ...]:
    """Every event of it that has its number, in their order."""
    events = db.session.scalars(
        sa.select(ComplianceEvent)
        .where(ComplianceEvent.referral_id == referral_id, ComplianceEvent.sequence.is_not(None))
        .order_by(ComplianceEvent.sequence)
    ).all()
    at = {event.public_id: event.recorded_at for event in events}
    return tuple(
        Told(
            type=event.type,
            at=event.recorded_at,
            said=said_by(event.compliance, event.intelligence_log),
            corrects=at.get(event.corrects) if event.corrects else None,
        )
        for event in events
    )


def _changed(referral_id: int, *, restricted: bool) -> tuple[Changed, ...]:
    """Of a restricted record no more than that something about the person was corrected."""
    rows = db.session.scalars(
        sa.select(ReferralChange).where(ReferralChange.referral_id == referral_id).order_by(ReferralChange.id)
    ).all()
    names = names_of({row.by for row in rows}) if rows else {}
    return tuple(
        Changed(
            what=FIELDS.get(row.field) or row.field.replace("_", " ").capitalize(),
            at=row.at,
            by=names[row.by],
            before=row.before if row.field in FIELDS else None,
            after=WITHHELD if restricted and row.field not in FIELDS else row.after,
        )
        for row in rows
    )
