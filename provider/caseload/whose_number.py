"""Whose number a text came from: one person's with an open case, or nobody's that a machine could name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from provider.domain.people.models import PhoneNumber
from provider.domain.people.number_states import NumberState
from provider.domain.referrals.models import Case
from provider.kernel.database import db


@dataclass(frozen=True)
class Whose:
    """``waits_because``: why a person has to say whose it is: unknown, shared, doubted or ended; None where it is sure.

    ``number_id`` and ``person_id`` are known as well where the number is one person's whose case has ended.
    """

    waits_because: str | None
    number_id: int | None = None
    person_id: int | None = None
    case_id: int | None = None


def whose_number(e164: str) -> Whose:
    """The one person whom this number is known to reach, and their open case.

    A number that has been found wrong is doubted: whoever writes from it may be the one who said so.
    """
    numbers = _held_now(e164)
    people = {number.person_id for number in numbers}
    if len(people) != 1:
        return Whose("shared" if people else "unknown")
    # A child's own number may be given as their adult's as well.
    number = min(numbers, key=lambda one: (one.relation is not None, one.id))
    if number.state == NumberState.BAD:
        return Whose("doubted")
    open_case = sa.select(Case.id).where(Case.person_id == number.person_id, Case.closed_at.is_(None))
    case_id = db.session.scalars(open_case).one_or_none()
    return Whose("ended" if case_id is None else None, number.id, number.person_id, case_id)


def people_on(e164: str) -> Sequence[int]:
    """Everybody whom this number is kept for, at present or in the past: those now reached on it first."""
    held = sa.func.max(sa.case((PhoneNumber.ended_at.is_(None), 1), else_=0))
    rows = db.session.execute(
        sa.select(PhoneNumber.person_id)
        .where(PhoneNumber.e164 == e164)
        .group_by(PhoneNumber.person_id)
        .order_by(held.desc(), PhoneNumber.person_id)
    )
    return [row.person_id for row in rows]


def _held_now(e164: str) -> Sequence[PhoneNumber]:
    return db.session.scalars(
        sa.select(PhoneNumber)
        .where(PhoneNumber.e164 == e164, PhoneNumber.ended_at.is_(None))
        .order_by(PhoneNumber.id)
        .limit(20)
    ).all()
