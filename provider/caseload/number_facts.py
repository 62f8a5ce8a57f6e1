"""Which number a person's texts go to at a moment, and how much one may say there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.reach import Reached, Says, TextsTo, says, texts_to
from provider.kernel.database import db
from provider.kernel.rows import among

_OTHERS = aliased(PhoneNumber)


@dataclass(frozen=True)
class NumberNow:
    """Where a person's texts go at the moment, and how much one may say."""

    id: int
    e164: str | None
    state: str
    texts_wanted: bool
    says: Says

    @property
    def confirmed(self) -> bool:
        """Whether a text, or a page behind it, may say more than that somebody will ring."""
        return self.says is not Says.CALLS


@dataclass(frozen=True)
class NumbersRead:
    """The numbers of some people as they are now: their own or an adult's, and which of them somebody else has too."""

    of: Mapping[tuple[int, bool], PhoneNumber]
    shared: frozenset[int]


def read_numbers(person_ids: Collection[int]) -> NumbersRead:
    """Read anew, in one query for all of them. By person, and whether it is an adult's."""
    rows = db.session.execute(
        sa.select(PhoneNumber, shared_too())
        .where(among(PhoneNumber.person_id, person_ids), PhoneNumber.ended_at.is_(None))
        .execution_options(populate_existing=True)
    ).all()
    of = {(number.person_id, number.relation is not None): number for number, _ in rows}
    return NumbersRead(of, frozenset(number.id for number, shared in rows if shared))


def number_now(person: Person, *, read: NumbersRead | None = None, now: datetime) -> NumberNow | None:
    """Where the person's texts go; None where there is no number for them. ``read``: what was just read."""
    read = read or read_numbers([person.id])
    whose = texts_to(person.date_of_birth, person.texts_to, now=now)
    number = read.of.get((person.id, whose is TextsTo.ADULT))
    if number is None:
        return None
    # They agreed to calls alone: nothing is texted, whatever the number itself can take.
    wanted = whose is not TextsTo.NOBODY
    return _now(number, person, wanted=wanted, shared=number.id in read.shared, now=now)


def number_that_wrote(number_id: int | None, person: Person, *, now: datetime) -> NumberNow | None:
    """The number that a reply came from, and no other, whoever gets the texts; None where it is theirs no more."""
    number = db.session.get(PhoneNumber, number_id or 0, populate_existing=True)
    if number is None or number.ended_at is not None or number.person_id != person.id:
        return None
    return _now(number, person, wanted=True, shared=is_shared(number), now=now)


def _now(number: PhoneNumber, person: Person, *, wanted: bool, shared: bool, now: datetime) -> NumberNow:
    return NumberNow(
        id=number.id,
        e164=number.e164,
        state=number.state,
        texts_wanted=number.texts_wanted and wanted,
        says=_says(number, person, shared=shared, now=now),
    )


def says_on(number: PhoneNumber, person: Person, *, now: datetime) -> Says:
    """How much a text to ``number``, or the page behind its link, may say about the person."""
    return _says(number, person, shared=is_shared(number), now=now)


def _says(number: PhoneNumber, person: Person, *, shared: bool, now: datetime) -> Says:
    reached = Reached(
        confirmed_at=number.confirmed_at,
        who_sees=number.who_sees,
        shared=shared,
        adults=number.relation is not None,
    )
    return says(reached, person.date_of_birth, person.texts_to, now=now)


def is_shared(number: PhoneNumber) -> bool:
    """Whether somebody else is reached on the same number."""
    if number.e164 is None:
        return False
    return bool(db.session.scalar(sa.select(_by_others(number.e164, number.person_id))))


def shared_too() -> sa.ColumnElement[bool]:
    """The same for a SELECT that has ``PhoneNumber`` in it."""
    return sa.and_(PhoneNumber.e164.is_not(None), _by_others(PhoneNumber.e164, PhoneNumber.person_id))


def _by_others(e164: Any, person_id: Any) -> sa.Exists:
    return sa.exists().where(_OTHERS.e164 == e164, _OTHERS.ended_at.is_(None), _OTHERS.person_id != person_id)
