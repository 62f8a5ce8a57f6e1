"""What every list of cases begins from: the case, the referral it is known by, and the person, masked where needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.masking import readable_by, shown_name
from provider.domain.diary.absences import rung_for
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN
from provider.kernel.calendar import age_on

MOST = 50
# Made once: an alias is dear, and one is enough for every list.
_SERVED = aliased(Referral)
Line = TypeVar("Line")
ALL = sa.func.count().over().label("of_all")


@dataclass(frozen=True)
class Who:
    """A person as a list shows them, and the reference their page is found by."""

    reference: str
    name: str
    age: int | None
    interpreter: str | None
    risk: bool


@dataclass(frozen=True)
class Worklist(Generic[Line]):
    """The first lines of a list, and how many there are in all."""

    lines: tuple[Line, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


def known_by(*, ended_too: bool = False) -> sa.ColumnElement[bool]:
    """Joins a ``Case`` to its oldest open ``Referral``: one row a case, however many forces referred the person.

    With ``ended_too`` a case that is over has its row as well, by the oldest of those that have ended.
    """
    one = _SERVED
    oldest_open = sa.func.min(sa.case((one.status.in_(OPEN), one.id)))
    oldest = sa.func.coalesce(oldest_open, sa.func.min(one.id)) if ended_too else oldest_open
    chosen = sa.select(oldest).where(one.case_id == Case.id).correlate(Case).scalar_subquery()
    return Referral.id == chosen


def on_the_day_of(worker_id: int, *, now: datetime) -> sa.ColumnElement[bool]:
    """Whether a ``Case`` is the worker's to see to today: their own, or of somebody they stand in for."""
    return sa.or_(Case.assigned_to_id == worker_id, Case.assigned_to_id.in_(rung_for(worker_id, now=now)))


def who_columns(reader_id: int) -> tuple[Any, ...]:
    """What ``who`` reads from a row: for a SELECT that has ``Referral`` and ``Person`` in it."""
    return (
        Referral.reference,
        Referral.risk_markers,
        Person.given_name,
        Person.family_name,
        Person.date_of_birth,
        Person.language,
        Person.interpreter_needed,
        readable_by(reader_id).label("readable"),
    )


def who(row: Any, *, today: date) -> Who:
    """The person of a row that has ``who_columns``."""
    return Who(
        reference=row.reference,
        name=shown_name(row.given_name, row.family_name, readable=row.readable),
        age=age_on(row.date_of_birth, today) if row.readable else None,
        interpreter=row.language if row.interpreter_needed and row.readable else None,
        risk=bool(row.risk_markers),
    )


def listed(rows: Sequence[Any], lines: Sequence[Line]) -> Worklist[Line]:
    """``lines`` made of ``rows``, each of which has the count ``ALL``."""
    return Worklist(tuple(lines), rows[0].of_all if rows else 0)
