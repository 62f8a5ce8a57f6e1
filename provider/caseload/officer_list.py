"""The list of an officer's own referrals: what they sent, and the status that their force reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.officer_pages import shown_to_officer
from provider.domain.compliance.outcomes import status_for_force
from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.kernel.database import db

PAGE = 25


@dataclass(frozen=True)
class Line:
    """One of the officer's referrals in their list."""

    reference: str
    name: str
    force_reference: str | None
    status: str
    received_at: datetime


@dataclass(frozen=True)
class Listed:
    lines: tuple[Line, ...]
    total: int
    page: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


def own_referrals(account_id: int, *, page: int) -> Listed:
    """A page of the referrals this officer sent, the latest first."""
    mine = Referral.officer_account_id == account_id
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Referral).where(mine)) or 0
    rows = db.session.execute(
        sa.select(
            Referral.reference,
            Referral.sent_name,
            Person.restricted,
            Referral.force_reference,
            Referral.status,
            Referral.received_at,
        )
        .join(Person, Person.id == Referral.person_id)
        .where(mine)
        .order_by(Referral.received_at.desc(), Referral.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return Listed(tuple(_line(row) for row in rows), total, page)


def _line(row: Any) -> Line:
    return Line(
        reference=row.reference,
        name=shown_to_officer(row.sent_name, restricted=row.restricted),
        force_reference=row.force_reference,
        status=status_for_force(row.status),
        received_at=row.received_at,
    )
