"""Whom somebody is never in one session with, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.masking import readable_by, shown_name
from provider.domain.people.apart import Why, pairs_of, same_person
from provider.domain.people.models import NonAssociation, Person
from provider.domain.referrals.models import Referral
from provider.kernel.database import db
from provider.kernel.references import normal_reference


@dataclass(frozen=True)
class ApartLine:
    """``name`` is masked and ``reference`` missing where the other's record is restricted; ``note`` where it is not
    for the reader.
    """

    id: int
    name: str
    reference: str | None
    why: Why
    note: str | None
    at: datetime


def apart_page(person_id: int, *, reader_id: int, notes: bool) -> tuple[ApartLine, ...]:
    """Everybody they are kept apart from, the newest first. Two queries."""
    people = same_person(person_id)
    other_id = sa.case(
        (NonAssociation.first_id.in_(people), NonAssociation.second_id), else_=NonAssociation.first_id
    )
    newest = (
        sa.select(sa.func.max(Referral.id)).where(Referral.person_id == Person.id).correlate(Person)
    ).scalar_subquery()
    rows = db.session.execute(
        pairs_of(people)
        .join(Person, Person.id == other_id)
        .outerjoin(Referral, Referral.id == newest)
        .add_columns(Person, Referral.reference, readable_by(reader_id).label("readable"))
        .order_by(None)
        .order_by(NonAssociation.id.desc())
    )
    return tuple(
        ApartLine(
            id=row.NonAssociation.id,
            name=shown_name(row.Person.given_name, row.Person.family_name, readable=row.readable),
            reference=row.reference if row.readable else None,
            why=next(why for why in Why if why == row.NonAssociation.reason),
            note=row.NonAssociation.note if notes and row.readable else None,
            at=row.NonAssociation.at,
        )
        for row in rows
    )


def readable_person(reference: str, *, reader_id: int) -> int | None:
    """Whose referral this is, where the reader may read it; a restricted record and none at all look the same."""
    return db.session.scalars(
        sa.select(Person.id)
        .join(Referral, Referral.person_id == Person.id)
        .where(Referral.reference == normal_reference(reference), readable_by(reader_id))
    ).one_or_none()
