"""The list of an officer's own referrals: what they sent, where each stands, and whether they engaged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.force_view import line_of, lines_of
from provider.caseload.officer_pages import shown_to_officer
from provider.caseload.paged import Paged
from provider.domain.people.models import Person
from provider.domain.referrals.models import Referral
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db

PAGE = 25


@dataclass(frozen=True)
class Line:
    """One of the officer's referrals in their list."""

    reference: str
    name: str
    force_reference: str | None
    status: str
    level: str
    received_at: datetime


class Listed(Paged[Line]):
    SIZE = PAGE


def own_referrals(account_id: int, *, force_id: int, page: int) -> Listed:
    """A page of the referrals this officer sent, the latest first, each as far as their force may read of it."""
    mine = Referral.officer_account_id == account_id
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Referral).where(mine)) or 0
    rows = db.session.execute(
        lines_of(force_id, scheme=Scheme.name)
        .join(Person, Person.id == Referral.person_id)
        .add_columns(*_NAME)
        .where(mine)
        .order_by(Referral.received_at.desc(), Referral.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Listed(tuple(_line(dict(row)) for row in rows.mappings()), total, page)


_NAME = (Referral.sent_name, Person.restricted)


def _line(row: dict[str, Any]) -> Line:
    name = shown_to_officer(row.pop("sent_name"), restricted=row.pop("restricted"))
    read = line_of(row)
    return Line(
        reference=read.reference,
        name=name,
        force_reference=read.force_reference,
        status=read.status,
        level=read.level,
        received_at=read.received_at,
    )
