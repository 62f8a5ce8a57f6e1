"""What an officer sees: a referral of their own, as far as their force may read of it, and times for a first call.

Everything about how a referral stands comes through ``force_view``; nothing else of a case is ever selected here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from provider.caseload.force_view import force_view
from provider.domain.diary.queries import slots_between
from provider.domain.diary.rules import slot_id
from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.queries import SchemeNow
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db

WITHHELD = "Name withheld"
SOONEST = timedelta(hours=1)
LOOK_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class OpenCall:
    """A start at which somebody is free to make a first call."""

    id: str
    starts_at: datetime


@dataclass(frozen=True)
class Incident:
    """What a second person from the same incident shares with the first."""

    scheme: str
    setting: str
    occurred_at: datetime
    area: str | None
    force_reference: str | None
    offence: str


@dataclass(frozen=True)
class OwnReferral:
    """A referral as its officer reads it. The first two ids are for the audit trail and are not shown.

    ``service_name`` and ``phone`` are whom the person will hear from; ``first_call`` is the first call while booked.
    """

    referral_id: int
    person_id: int
    reference: str
    name: str
    status: str
    decline_reason: str | None
    level: str
    may_reoffer: bool
    bar_until: date | None
    scheme: str
    terms_id: int
    service_name: str
    phone: str
    received_at: datetime
    first_contact_due: datetime | None
    first_call: datetime | None
    possible_duplicate: bool
    incident: Incident


def own_referral(reference: str, *, account_id: int, force_id: int) -> OwnReferral | None:
    """The referral with this reference, if this officer sent it: in two queries."""
    row = db.session.execute(
        sa.select(Referral, Person.restricted, Scheme.name, SchemeTerms.terms)
        .join(Person, Person.id == Referral.person_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .join(SchemeTerms, SchemeTerms.id == Referral.terms_id)
        .where(Referral.reference == reference, Referral.officer_account_id == account_id)
    ).one_or_none()
    view = force_view(reference, force_id=force_id) if row is not None else None
    if row is None or view is None:
        return None
    referral, terms = row.Referral, Terms.model_validate(row.terms)
    bar_until = view.compliance["bar_until"]
    return OwnReferral(
        referral_id=referral.id,
        person_id=referral.person_id,
        reference=view.reference,
        name=shown_to_officer(referral.sent_name, restricted=row.restricted),
        status=view.status,
        decline_reason=view.decline_reason,
        level=view.compliance["level"],
        may_reoffer=view.compliance["may_reoffer"],
        bar_until=date.fromisoformat(bar_until) if bar_until else None,
        scheme=row.name,
        terms_id=referral.terms_id,
        service_name=terms.service_name,
        phone=terms.phone,
        received_at=view.received_at,
        first_contact_due=view.first_contact_due,
        first_call=view.assessment.starts_at if view.assessment is not None else None,
        possible_duplicate=any(warning["code"] == "possible_duplicate" for warning in view.warnings),
        incident=_incident(referral, view.scheme),
    )


def _incident(referral: Referral, scheme: str) -> Incident:
    return Incident(
        scheme=scheme,
        setting=referral.setting,
        occurred_at=referral.occurred_at,
        area=referral.area,
        force_reference=referral.force_reference,
        offence=referral.offence_code,
    )


def shown_to_officer(sent: str | None, *, restricted: bool) -> str:
    """The name as the officer sent it; a restricted record's is shown to nobody who is not named for it."""
    return WITHHELD if restricted or not sent else sent


def open_calls(scheme: SchemeNow, *, now: datetime) -> Sequence[OpenCall]:
    """When a first call under this scheme could be booked in the coming week, soonest first; none where the scheme
    does not offer that."""
    if not scheme.terms.offers_first_call_at_roadside:
        return ()
    slots = slots_between(now + SOONEST, now + LOOK_AHEAD, minutes=scheme.terms.assessment_minutes, now=now)
    return [OpenCall(slot_id(scheme.code, slot.starts_at), slot.starts_at) for slot in slots]
