"""What happened to somebody before, as far as one force's scheme may know it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from provider.domain.compliance.outcomes import OUTCOMES
from provider.domain.referrals.models import Referral
from provider.domain.referrals.rules import PastReferral
from provider.domain.referrals.status import OPEN, Status
from provider.domain.schemes.models import SchemeTerms
from provider.domain.schemes.queries import SchemeNow
from provider.kernel.database import db


@dataclass(frozen=True)
class Before:
    """An earlier referral of somebody who is, or may be, the person asked about."""

    person_id: int
    referral_id: int
    force_id: int
    scheme_id: int
    status: Status
    closed_at: datetime | None
    may_reoffer: bool
    bar_until: date | None
    same_force: bool
    shared: bool
    same_scheme: bool

    @property
    def visible(self) -> bool:
        """Whether a decision of the asking scheme may rest on it."""
        return self.same_force or self.shared

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def as_past(self) -> PastReferral:
        """The same as the intake rules read it."""
        return PastReferral(
            outcome=OUTCOMES[self.status],
            closed_at=self.closed_at,
            may_reoffer=self.may_reoffer,
            bar_until=self.bar_until,
            is_open=self.is_open,
            same_force=self.same_force,
            shared=self.shared,
            same_scheme=self.same_scheme,
        )


def earlier_referrals(person_ids: Collection[int], *, scheme: SchemeNow) -> tuple[Before, ...]:
    """Referrals of these people by any force, oldest first.

    A decision of this scheme may rest on its own force's, and on another's only where the terms of both share history.
    """
    if not person_ids:
        return ()
    rows = db.session.execute(
        sa.select(Referral, SchemeTerms.terms)
        .join(SchemeTerms, SchemeTerms.id == Referral.terms_id)
        .where(Referral.person_id.in_(person_ids))
        .order_by(Referral.id)
    )
    return tuple(_before(referral, terms, scheme=scheme) for referral, terms in rows)


def _before(referral: Referral, terms: dict[str, object], *, scheme: SchemeNow) -> Before:
    shared = scheme.terms.shares_history and terms.get("shares_history") is True
    return Before(
        person_id=referral.person_id,
        referral_id=referral.id,
        force_id=referral.force_id,
        scheme_id=referral.scheme_id,
        status=Status(referral.status),
        closed_at=referral.closed_at,
        may_reoffer=referral.may_reoffer,
        bar_until=referral.bar_until,
        same_force=referral.force_id == scheme.force_id,
        shared=shared and referral.force_id != scheme.force_id,
        same_scheme=referral.scheme_id == scheme.id,
    )
