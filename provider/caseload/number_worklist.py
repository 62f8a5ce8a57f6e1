"""Numbers and names that somebody should put right: open cases whose number may not reach them, with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import Who, known_by, who, who_columns
from provider.caseload.number_facts import shared_too
from provider.domain.contact.models import Task
from provider.domain.contact.tasks import NUMBER_TASKS
from provider.domain.messaging.models import Text
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.people.number_states import NumberState
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN
from provider.kernel.calendar import london_date
from provider.kernel.database import db

A_PAGE = 25
MOST_PAGES = 400
ODD_NAME = "title_in_name"


class Problem(StrEnum):
    """What is wrong, the worst first: a case stands under the first that fits."""

    NO_NUMBER = "no_number"
    BAD = "bad"
    SUSPECT = "suspect"
    NOT_A_MOBILE = "not_a_mobile"
    SHARED = "shared"
    UNCONFIRMED = "unconfirmed"
    ODD_NAME = "odd_name"


SENTENCES: Mapping[str, str] = {
    Problem.NO_NUMBER: "No number at all",
    Problem.BAD: "The number does not work, or is not theirs",
    Problem.SUSPECT: "The number may be invented or out of use",
    Problem.NOT_A_MOBILE: "Not a mobile: no texts",
    Problem.SHARED: "Somebody else has the number too",
    Problem.UNCONFIRMED: "Texts arrive, and nobody has confirmed the number",
    Problem.ODD_NAME: "The name may not be only a name",
}
NEEDS_ANOTHER = frozenset({Problem.NO_NUMBER, Problem.BAD, Problem.SUSPECT})
"""Where the force is worth asking for another number."""


@dataclass(frozen=True)
class NumberLine:
    """``asked_since``: from when another number is asked for; ``may_ring``: there is one worth ringing."""

    who: Who
    problem: Problem
    as_given: str | None
    asked_since: datetime | None

    @property
    def what(self) -> str:
        return SENTENCES[self.problem]

    @property
    def may_ring(self) -> bool:
        return self.problem not in {Problem.NO_NUMBER, Problem.BAD}

    @property
    def may_ask(self) -> bool:
        return self.problem in NEEDS_ANOTHER and self.asked_since is None


@dataclass(frozen=True)
class NumbersPage:
    """``counts`` has every problem there is, by how many; ``which`` is the one that is shown, None for all."""

    counts: Mapping[str, int]
    which: Problem | None
    mine: bool
    lines: tuple[NumberLine, ...]
    page: int

    @property
    def total(self) -> int:
        return self.counts.get(self.which, 0) if self.which is not None else sum(self.counts.values())

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // A_PAGE))


def numbers_to_put_right(
    *, reader_id: int, worker_id: int | None, which: Problem | None, page: int, now: datetime
) -> NumbersPage:
    """One page of them, the longest open first; ``worker_id`` narrows it to one caseload. Two queries."""
    counts = number_counts(worker_id)
    page = min(max(page, 1), MOST_PAGES)
    found = _wrong(worker_id)
    asked = sa.select(sa.func.min(Task.created_at)).where(
        Task.case_id == Case.id, Task.kind.in_(NUMBER_TASKS), Task.done_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(found.c.problem, found.c.as_given)
        .add_columns(asked.correlate(Case).scalar_subquery().label("asked_since"), *who_columns(reader_id))
        .select_from(found)
        .join(Case, Case.id == found.c.case_id)
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .where(found.c.problem.is_not(None) if which is None else found.c.problem == which)
        .order_by(Case.opened_at, Case.id)
        .limit(A_PAGE)
        .offset((page - 1) * A_PAGE)
    )
    today = london_date(now)
    return NumbersPage(
        counts=counts,
        which=which,
        mine=worker_id is not None,
        lines=tuple(_line(row, who(row, today=today)) for row in rows),
        page=page,
    )


def _line(row: Any, person: Who) -> NumberLine:
    hidden = person.age is None
    return NumberLine(
        who=person,
        problem=Problem(row.problem),
        as_given=None if hidden else row.as_given,
        asked_since=row.asked_since,
    )


def number_counts(worker_id: int | None) -> Mapping[str, int]:
    """How many open cases stand under each problem, of one caseload or of all. One query."""
    found = _wrong(worker_id)
    rows = db.session.execute(
        sa.select(found.c.problem, sa.func.count().label("many"))
        .where(found.c.problem.is_not(None))
        .group_by(found.c.problem)
    )
    return {row.problem: row.many for row in rows}


def _wrong(worker_id: int | None) -> sa.Subquery:
    """Every open case with what is wrong, None where nothing is."""
    whose = Case.assigned_to_id == worker_id if worker_id is not None else sa.true()
    return (
        sa.select(Case.id.label("case_id"), PhoneNumber.as_given, _problem().label("problem"))
        .select_from(Case)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(PhoneNumber, rung_on())
        .where(Case.closed_at.is_(None), whose)
        .subquery()
    )


def _problem() -> sa.Case[str]:
    state = PhoneNumber.state
    return sa.case(
        (PhoneNumber.id.is_(None), Problem.NO_NUMBER),
        (state == NumberState.BAD, Problem.BAD),
        (state == NumberState.SUSPECT, Problem.SUSPECT),
        (state == NumberState.NOT_A_MOBILE, Problem.NOT_A_MOBILE),
        (shared_too(), Problem.SHARED),
        (sa.and_(PhoneNumber.confirmed_at.is_(None), _texts_arrive()), Problem.UNCONFIRMED),
        (sa.and_(Person.name_checked_at.is_(None), _name_is_odd()), Problem.ODD_NAME),
    )


def _texts_arrive() -> sa.Exists:
    return sa.exists().where(Text.to_number_id == PhoneNumber.id, Text.state == "delivered")


def _name_is_odd() -> sa.Exists:
    """One of the referrals that are served came with a warning about the name."""
    return sa.exists().where(
        Referral.case_id == Case.id,
        Referral.status.in_(OPEN),
        sa.cast(Referral.warnings, sa.Text).contains(ODD_NAME),
    )
