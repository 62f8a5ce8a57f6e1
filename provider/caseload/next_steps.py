"""What anybody may read who was told that they will be rung: by whom, from which number, how soon. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from provider.domain.schemes.models import SchemeTerms
from provider.domain.schemes.terms import DayKind, Terms
from provider.kernel.database import db


@dataclass(frozen=True)
class NextSteps:
    """``days`` until the first call at the latest, of the kind that the terms count in."""

    service_name: str
    phone: str
    days: int
    day_kind: DayKind
    minutes: int


def next_steps(terms_id: int) -> NextSteps | None:
    """By the version of a scheme's terms, which is nobody's; none where there is no such version."""
    stored = db.session.scalar(sa.select(SchemeTerms.terms).where(SchemeTerms.id == terms_id))
    if stored is None:
        return None
    terms = Terms.model_validate(stored)
    return NextSteps(
        service_name=terms.service_name,
        phone=terms.phone,
        days=terms.first_contact_days,
        day_kind=terms.first_contact_day_kind,
        minutes=terms.assessment_minutes,
    )
