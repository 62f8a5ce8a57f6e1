"""A force's referrals and how far each came, for its administrator: what the force may read, by filters and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from provider.domain.compliance.outcomes import status_for_force
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme
from provider.kernel.calendar import at_london
from provider.kernel.database import db
from provider.kernel.references import normal_reference

PAGE = 50
STATUSES = tuple(dict.fromkeys(status_for_force(status) for status in Status))
"""The statuses that a force reads."""


@dataclass(frozen=True)
class Filters:
    """What is looked for; None is everything. ``month`` is its first day in London."""

    status: str | None = None
    scheme: str | None = None
    month: date | None = None


@dataclass(frozen=True)
class Outcome:
    """One referral as its force reads it."""

    reference: str
    force_reference: str | None
    scheme: str
    status: str
    level: str
    received_at: datetime
    ended_at: datetime | None
    may_reoffer: bool
    bar_until: date | None


@dataclass(frozen=True)
class Outcomes:
    lines: tuple[Outcome, ...]
    total: int
    page: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


def outcomes(force_id: int, filters: Filters, *, page: int) -> Outcomes:
    """A page of the force's referrals, the latest first: in two queries."""
    return _page(force_id, _wanted(filters), page=page)


def find_outcomes(force_id: int, words: str) -> Outcomes:
    """The force's referrals with this reference of ours or this crime number, however it is spaced or cased."""
    crime_number = sa.func.lower(sa.func.replace(Referral.force_reference, " ", ""))
    same = [crime_number == "".join(words.split()).lower()]
    reference = normal_reference(words)
    if reference is not None:
        same.append(Referral.reference == reference)
    return _page(force_id, [sa.or_(*same)], page=1)


def _wanted(filters: Filters) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if filters.status is not None:
        wanted.append(Referral.status.in_([s for s in Status if status_for_force(s) == filters.status]))
    if filters.scheme is not None:
        wanted.append(Scheme.code == filters.scheme)
    if filters.month is not None:
        wanted += [
            Referral.received_at >= _midnight(filters.month),
            Referral.received_at < _after(filters.month),
        ]
    return wanted


def _midnight(day: date) -> datetime:
    return at_london(day, time(0))


def _after(month: date) -> datetime:
    return _midnight(date(month.year + month.month // 12, month.month % 12 + 1, 1))


def _page(force_id: int, wanted: list[sa.ColumnElement[bool]], *, page: int) -> Outcomes:
    its_own = [Scheme.id == Referral.scheme_id, Referral.force_id == force_id, *wanted]
    total = db.session.scalar(sa.select(sa.func.count(Referral.id)).where(*its_own)) or 0
    rows = db.session.execute(
        sa.select(
            Referral.reference,
            Referral.force_reference,
            Scheme.name.label("scheme"),
            Referral.status,
            Referral.level,
            Referral.received_at,
            Referral.closed_at.label("ended_at"),
            Referral.may_reoffer,
            Referral.bar_until,
        )
        .where(*its_own)
        .order_by(Referral.received_at.desc(), Referral.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Outcomes(tuple(_outcome(row) for row in rows.mappings()), total, page)


def _outcome(row: Any) -> Outcome:
    return Outcome(**{**row, "status": status_for_force(row["status"])})
