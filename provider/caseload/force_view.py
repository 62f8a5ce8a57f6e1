"""What a force may read about its own referral: a closed list of fields, and nothing that shows the pathway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from provider.domain.compliance.outcomes import compliance, level_for_force, status_for_force
from provider.domain.diary.queries import booked_appointment
from provider.domain.referrals.models import Referral
from provider.domain.referrals.queries import find_referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.queries import scheme_under
from provider.kernel.database import db


@dataclass(frozen=True)
class FirstCall:
    starts_at: datetime


@dataclass(frozen=True)
class ForceView:
    """A referral as its force reads it. ``referral_id`` and ``person_id`` are for the audit trail and are not sent.

    ``first_contact_due`` is None where nobody is going to ring; ``assessment`` is the first call while it is booked.
    """

    referral_id: int
    person_id: int
    reference: str
    status: str
    force_reference: str | None
    scheme: str
    received_at: datetime
    compliance: dict[str, Any]
    first_contact_due: datetime | None
    warnings: Sequence[dict[str, Any]]
    assessment: FirstCall | None
    decline_reason: str | None


@dataclass(frozen=True)
class Line:
    """One referral in a list that its force reads."""

    reference: str
    force_reference: str | None
    scheme: str
    status: str
    level: str
    received_at: datetime
    ended_at: datetime | None
    may_reoffer: bool
    bar_until: date | None


def force_view(reference: str, *, force_id: int) -> ForceView | None:
    """The referral with this reference as its force reads it, if it is this force's."""
    referral = find_referral(reference, force_id=force_id)
    return None if referral is None else view_of(referral)


def view_of(referral: Referral) -> ForceView:
    """A referral as its own force reads it. Whoever calls has made sure whose it is."""
    status = status_for_force(referral.status)
    scheme = scheme_under(referral.terms_id)
    return ForceView(
        referral_id=referral.id,
        person_id=referral.person_id,
        reference=referral.reference,
        status=status,
        force_reference=referral.force_reference,
        scheme=scheme.code,
        received_at=referral.received_at,
        compliance=compliance(
            status=referral.status,
            level=referral.level,
            may_reoffer=referral.may_reoffer,
            bar_until=referral.bar_until,
            rule=scheme.rule,
            tells_level=scheme.terms.tells("assessment.attended"),
        ),
        first_contact_due=referral.first_contact_due if status in {"accepted", "held"} else None,
        warnings=referral.warnings,
        assessment=_first_call(referral) if scheme.terms.tells("assessment.booked") else None,
        decline_reason=referral.decline_reason if status == "declined" else None,
    )


def _first_call(referral: Referral) -> FirstCall | None:
    """The booked assessment, never what follows one: a one-to-one would show the pathway."""
    if referral.status != Status.ASSESSMENT_BOOKED or referral.case_id is None:
        return None
    appointment = booked_appointment(referral.case_id)
    if appointment is None or appointment.kind != "assessment":
        return None
    return FirstCall(appointment.starts_at)


def lines_of(force_id: int, *, scheme: InstrumentedAttribute[str]) -> sa.Select[*tuple[Any, ...]]:
    """Asks for what ``line_of`` reads, of this force's own referrals alone; ``scheme`` is what stands for theirs."""
    return (
        sa.select(
            Referral.reference,
            Referral.force_reference,
            scheme.label("scheme"),
            Referral.status,
            Referral.level,
            Referral.received_at,
            Referral.closed_at.label("ended_at"),
            Referral.may_reoffer,
            Referral.bar_until,
            SchemeTerms.terms["told"].label("told"),
        )
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .join(SchemeTerms, SchemeTerms.id == Referral.terms_id)
        .where(Referral.force_id == force_id)
    )


def line_of(row: Any) -> Line:
    """A row of ``lines_of`` as far as the force may read it."""
    status, told = row["status"], row["told"]
    tells_level = told is None or "assessment.attended" in told
    level = level_for_force(status, reached=row["level"], tells_level=tells_level)
    shown = {name: value for name, value in row.items() if name != "told"}
    return Line(**{**shown, "status": status_for_force(status), "level": level})


def report_for_force(
    force_id: int, *, from_at: datetime | None, until_at: datetime | None
) -> tuple[Line, ...]:
    """Referrals received from one moment until another, oldest first, as far as the force may read of them."""
    received = Referral.received_at
    period = [received >= from_at] if from_at is not None else []
    if until_at is not None:
        period.append(received < until_at)
    wanted = lines_of(force_id, scheme=Scheme.code).where(*period).order_by(received, Referral.id)
    return tuple(line_of(row) for row in db.session.execute(wanted).mappings())
