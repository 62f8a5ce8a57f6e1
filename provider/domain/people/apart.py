"""Pairs of people who are never in one session: put on record, ended, and held while one of them is placed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.people.models import NonAssociation, Person
from provider.kernel.actors import Actor
from provider.kernel.codes import Coded
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class Why(Coded):
    HARM = "harm", "One may harm the other"
    COURT = "court", "A court’s order, or conditions of bail"
    FAMILY = "family", "They are family, or were partners"
    DISPUTE = "dispute", "There is a dispute between them"
    ASKED = "asked", "One of them asked"


class ApartAlready(Refusal):
    code = "apart_already"
    sentence = "They are kept apart already."


class TheSamePerson(Refusal):
    code = "the_same_person"
    sentence = "That is the same person."


def keep_apart(one_id: int, other_id: int, *, why: str, note: str | None, by: Actor, now: datetime) -> None:
    """Put a pair on record. Raises ApartAlready, or TheSamePerson for one and their double."""
    if other_id in same_person(one_id):
        raise TheSamePerson
    first_id, second_id = sorted((one_id, other_id))
    pair = NonAssociation(first_id=first_id, second_id=second_id, reason=why, note=note, at=now, by=str(by))
    try:
        with db.session.begin_nested():
            db.session.add(pair)
            db.session.flush()
    except IntegrityError:
        raise ApartAlready from None


def same_person(person_id: int) -> frozenset[int]:
    """The ids of everybody who was found to be one person with this one, themselves included."""
    standing = sa.select(sa.func.coalesce(Person.same_as_id, Person.id)).where(Person.id == person_id)
    who = standing.scalar_subquery()
    return frozenset(
        db.session.scalars(sa.select(Person.id).where(sa.or_(Person.id == who, Person.same_as_id == who)))
    )


def pairs_of(people: Collection[int]) -> sa.Select[NonAssociation]:
    """The pairs that stand with any of these people in them, in one order whoever asks."""
    return (
        sa.select(NonAssociation)
        .where(
            sa.or_(NonAssociation.first_id.in_(people), NonAssociation.second_id.in_(people)),
            NonAssociation.ended_at.is_(None),
        )
        .order_by(NonAssociation.id)
    )


def others_of(person_id: int) -> frozenset[int]:
    """Everybody they are kept apart from, doubles included."""
    people = same_person(person_id)
    return _others(db.session.scalars(pairs_of(people)).all(), people)


def hold_others_of(person_id: int, *, wait: bool) -> frozenset[int] | None:
    """The same, with their pairs held until the transaction ends: whoever places the other one waits for us.

    None where ``wait`` is False and somebody else holds one just now: two that wait for each other would never end.
    """
    people = same_person(person_id)
    pairs = pairs_of(people)
    held = db.session.scalars(pairs.with_for_update(skip_locked=not wait)).all()
    if not wait and len(held) < len(db.session.scalars(pairs).all()):
        return None
    return _others(held, people)


def _others(pairs: Collection[NonAssociation], people: Collection[int]) -> frozenset[int]:
    if not pairs:
        return frozenset()
    ids = {person for pair in pairs for person in (pair.first_id, pair.second_id)} - set(people)
    return frozenset(one for other in ids for one in same_person(other))
