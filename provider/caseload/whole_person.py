"""Which rows are about one person: the person, whoever was found to be the same, and all that hangs on them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from provider.domain.courses.models import Place
from provider.domain.messaging.models import Reply
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN, Status
from provider.kernel.database import db
from provider.kernel.errors import NotFound
from provider.kernel.references import normal_reference


@dataclass(frozen=True)
class WholePerson:
    """Ids of everything about one person. ``person_id`` is the record that stands; ``people`` has its doubles too."""

    person_id: int
    people: tuple[int, ...]
    referrals: tuple[int, ...]
    cases: tuple[int, ...]
    places: tuple[int, ...]
    numbers: tuple[str, ...]
    anything_open: bool


def whole_person(reference: str) -> WholePerson:
    """Everything about the person that a referral's reference leads to. Five queries. Raises NotFound."""
    person_id = db.session.scalar(
        sa.select(sa.func.coalesce(Person.same_as_id, Person.id))
        .join(Referral, Referral.person_id == Person.id)
        .where(Referral.reference == normal_reference(reference))
    )
    if person_id is None:
        raise NotFound
    same = sa.or_(Person.id == person_id, Person.same_as_id == person_id)
    people = tuple(db.session.scalars(sa.select(Person.id).where(same).order_by(Person.id)))
    referrals = db.session.execute(
        sa.select(Referral.id, Referral.case_id, Referral.status)
        .where(Referral.person_id.in_(people))
        .order_by(Referral.id)
    ).all()
    cases = tuple(db.session.scalars(sa.select(Case.id).where(Case.person_id.in_(people)).order_by(Case.id)))
    return WholePerson(
        person_id=person_id,
        people=people,
        referrals=tuple(row.id for row in referrals),
        cases=tuple(sorted({*cases, *(row.case_id for row in referrals if row.case_id is not None)})),
        places=tuple(
            db.session.scalars(sa.select(Place.id).where(Place.case_id.in_(cases)).order_by(Place.id))
        ),
        numbers=tuple(number for number in db.session.scalars(_numbers(people)) if number),
        anything_open=any(row.status in OPEN | {Status.HELD} for row in referrals),
    )


def replies_of(who: WholePerson) -> sa.ColumnElement[bool]:
    """Which texts to us are theirs: of their cases, and what their number sent while no case was open."""
    sent_between = sa.and_(Reply.case_id.is_(None), Reply.from_e164.in_(who.numbers))
    return sa.or_(Reply.case_id.in_(who.cases), sent_between)


def _numbers(people: tuple[int, ...]) -> sa.Select[str | None]:
    mine = sa.select(PhoneNumber.e164).where(PhoneNumber.person_id.in_(people))
    return mine.distinct().order_by(PhoneNumber.e164)
