"""A force's referrals and how far each came, for its administrator: what the force may read, by filters and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa

from provider.caseload.force_view import Line, line_of, lines_of
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
class Outcomes:
    lines: tuple[Line, ...]
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
    found = lines_of(force_id, scheme=Scheme.name).where(*wanted)
    total = db.session.scalar(found.with_only_columns(sa.func.count(Referral.id))) or 0
    rows = db.session.execute(
        found.order_by(Referral.received_at.desc(), Referral.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    )
    return Outcomes(tuple(line_of(row) for row in rows.mappings()), total, page)
