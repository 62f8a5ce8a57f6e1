"""A force's referrals and how far each came, for its administrator: what the force may read, by filters and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from provider.caseload.force_view import Line, line_of, lines_of
from provider.caseload.paged import Paged
from provider.domain.compliance.outcomes import level_for_force, status_for_force
from provider.domain.referrals.models import Referral, as_looked_up
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme, SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import at_london
from provider.kernel.codes import Coded
from provider.kernel.database import db
from provider.kernel.references import normal_reference

PAGE = 50
LAST_PAGE = 200
MOST_COUNTED = PAGE * LAST_PAGE
AFTER_EVERY_LETTER = "\uffff"
STATUSES = tuple(dict.fromkeys(status_for_force(status) for status in Status))
"""The statuses that a force reads."""


class NextTime(Coded):
    """What an ending means for an officer who meets the person again."""

    ENGAGED = "engaged", "Engaged"
    MAY_BE_OFFERED = "may_be_offered", "May be offered again"
    BARRED = "barred", "Not to be offered now"


@dataclass(frozen=True)
class Filters:
    """What is looked for; None is everything. Days are London days, the first and the last of them included.

    ``words`` is a reference of ours, or a crime number or how it begins, however it is spaced or cased.
    """

    words: str | None = None
    status: str | None = None
    level: str | None = None
    scheme: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    ended_from: date | None = None
    ended_to: date | None = None
    officer: str | None = None
    next_time: str | None = None


class Outcomes(Paged[Line]):
    """``total`` is counted to ``MOST_COUNTED`` and no further."""

    SIZE = PAGE

    @property
    def more_than_counted(self) -> bool:
        return self.total > MOST_COUNTED

    @property
    def has_next(self) -> bool:
        return self.last < self.total and self.page < LAST_PAGE


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet: as it is listed, and whose referral it was."""

    line: Line
    officer: str


def outcomes(force_id: int, filters: Filters, *, page: int, today: date) -> Outcomes:
    """A page of the force's referrals, the latest first: in two queries, three where a level is looked for."""
    found = lines_of(force_id, scheme=Scheme.name).where(*_wanted(force_id, filters, today=today))
    counted = found.with_only_columns(Referral.id).limit(MOST_COUNTED + 1).subquery()
    total = db.session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    rows = db.session.execute(_latest_first(found).limit(PAGE).offset((page - 1) * PAGE))
    return Outcomes(tuple(line_of(row) for row in rows.mappings()), total, page)


def all_outcomes(force_id: int, filters: Filters, *, today: date) -> tuple[SheetLine, ...]:
    """Every one of them, for a sheet, by the code of its scheme as in the API's report."""
    found = lines_of(force_id, scheme=Scheme.code).where(*_wanted(force_id, filters, today=today))
    rows = db.session.execute(_latest_first(found.add_columns(Referral.officer_collar_number)))
    return tuple(_sheet_line(dict(row)) for row in rows.mappings())


def latest_endings(force_id: int, *, most: int) -> tuple[Line, ...]:
    """What came to an end last."""
    ended = lines_of(force_id, scheme=Scheme.name).where(Referral.closed_at.is_not(None))
    rows = db.session.execute(ended.order_by(Referral.closed_at.desc(), Referral.id.desc()).limit(most))
    return tuple(line_of(row) for row in rows.mappings())


def _sheet_line(row: dict[str, Any]) -> SheetLine:
    officer = row.pop("officer_collar_number")
    return SheetLine(line_of(row), officer)


def _latest_first(found: Any) -> Any:
    return found.order_by(Referral.received_at.desc(), Referral.id.desc())


def _wanted(force_id: int, filters: Filters, *, today: date) -> list[sa.ColumnElement[bool]]:
    wanted = [
        *_between(Referral.received_at, filters.received_from, filters.received_to),
        *_between(Referral.closed_at, filters.ended_from, filters.ended_to),
    ]
    if filters.words is not None:
        wanted.append(_named(filters.words))
    if filters.status is not None:
        wanted.append(Referral.status.in_([s for s in Status if status_for_force(s) == filters.status]))
    if filters.level is not None:
        wanted.append(_at_level(force_id, filters.level))
    if filters.scheme is not None:
        wanted.append(Scheme.code == filters.scheme)
    if filters.officer is not None:
        wanted.append(sa.func.lower(Referral.officer_collar_number) == filters.officer.lower())
    if filters.next_time is not None:
        wanted.append(_next_time(filters.next_time, today=today))
    return wanted


def _named(words: str) -> sa.ColumnElement[bool]:
    """By an index each: the crime number by what it begins with, our reference whole."""
    begins = as_looked_up(words)
    crime_number = Referral.crime_number.between(begins, begins + AFTER_EVERY_LETTER)
    reference = normal_reference(words)
    return crime_number if reference is None else sa.or_(crime_number, Referral.reference == reference)


def _between(moment: Any, first: date | None, last: date | None) -> Iterator[sa.ColumnElement[bool]]:
    if first is not None:
        yield moment >= _midnight(first)
    if last is not None:
        yield moment < _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return at_london(day, time(0))


def _at_level(force_id: int, level: str) -> sa.ColumnElement[bool]:
    """As the force reads it: on the way it reads of an assessment only where the terms say that it is told."""
    rows = db.session.execute(
        sa.select(SchemeTerms.id, SchemeTerms.terms)
        .join(Scheme, Scheme.id == SchemeTerms.scheme_id)
        .where(Scheme.force_id == force_id)
    )
    telling = [row.id for row in rows if Terms.model_validate(row.terms).tells("assessment.attended")]
    on_the_way = _reading_none(told=False) - _reading_none(told=True)
    told = sa.and_(Referral.status.in_(on_the_way), Referral.terms_id.in_(telling))
    none = Referral.status.in_(_reading_none(told=False))
    return sa.case((told, "assessment"), (none, "none"), else_=Referral.level) == level


def _reading_none(*, told: bool) -> set[Status]:
    """The statuses at which a force reads *none* whatever was reached, by whether it is told of assessments."""
    return {
        status
        for status in Status
        if level_for_force(status, reached="intervention", tells_level=told) == "none"
    }


def _next_time(next_time: str, *, today: date) -> sa.ColumnElement[bool]:
    if next_time == NextTime.ENGAGED:
        return Referral.status == Status.COMPLETED
    stands = sa.or_(Referral.bar_until.is_(None), Referral.bar_until > today)
    barred = sa.and_(Referral.may_reoffer.is_(False), stands)
    if next_time == NextTime.BARRED:
        return barred
    return sa.and_(Referral.closed_at.is_not(None), ~barred)
