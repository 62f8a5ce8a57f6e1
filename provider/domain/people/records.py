"""The record of a person: found among those already known, added, and the number they are reached on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.people.matching import Identity, Match, compare, name_key, search_keys
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.people.number_states import NO_MORE_TEXTS, TEXTED, NumberEvent, NumberState, after
from provider.kernel.database import db
from provider.kernel.numbers import Verdict, read_mobile


@dataclass(frozen=True)
class Known:
    """Somebody already recorded who may be the person asked about."""

    person_id: int
    match: Match


def find_known(sent: Identity) -> tuple[Known, ...]:
    """People who are or may be the person ``sent`` describes, the surest first. Found by index on name and birth."""
    keys = search_keys(sent)
    rows = db.session.execute(
        sa.select(Person, PhoneNumber.e164)
        .outerjoin(PhoneNumber, rung_on())
        .where(
            sa.or_(Person.name_key.in_(keys.name_keys), Person.date_of_birth.in_(keys.dates)),
            Person.same_as_id.is_(None),
        )
        .order_by(Person.id)
    )
    found = [Known(person.id, compare(sent, identity_of(person, e164))) for person, e164 in rows]
    order = {Match.EXACT: 0, Match.EXACT_NAME_ONLY: 1, Match.NEAR: 2}
    return tuple(
        sorted((known for known in found if known.match in order), key=lambda known: order[known.match])
    )


def identity_of(person: Person, e164: str | None) -> Identity:
    return Identity(
        given_name=person.given_name,
        family_name=person.family_name,
        date_of_birth=person.date_of_birth,
        postcode=person.postcode,
        mobile_e164=e164,
    )


def add_person(facts: Mapping[str, Any], *, now: datetime) -> Person:
    """Record a person from column values."""
    key = name_key(facts["given_name"], facts["family_name"])
    person = Person(**facts, name_key=key, created_at=now)
    db.session.add(person)
    db.session.flush()
    return person


def current_number(person_id: int) -> PhoneNumber | None:
    """The number they are rung on themselves."""
    return db.session.scalars(sa.select(PhoneNumber).where(rung_on(person_id))).one_or_none()


def number_rung_at(person_id: int, at: datetime) -> PhoneNumber | None:
    """The number they were rung on themselves at a moment that is not to come."""
    return db.session.scalars(
        sa.select(PhoneNumber)
        .where(PhoneNumber.person_id == person_id, PhoneNumber.relation.is_(None))
        .where(PhoneNumber.created_at <= at, sa.func.coalesce(PhoneNumber.ended_at > at, sa.true()))
        .order_by(PhoneNumber.id.desc())
    ).first()


def adult_number(person_id: int) -> PhoneNumber | None:
    """The number of the responsible adult whom somebody under 18 wants their texts to go to."""
    return db.session.scalars(
        sa.select(PhoneNumber).where(
            PhoneNumber.person_id == person_id,
            PhoneNumber.ended_at.is_(None),
            PhoneNumber.relation.is_not(None),
        )
    ).one_or_none()


def give_number(
    person_id: int,
    as_given: str,
    *,
    texts_wanted: bool,
    voicemail_wanted: bool,
    confirmed_by: str | None,
    now: datetime,
) -> PhoneNumber:
    """Make this the number a person is reached on; the one before it is kept with its end."""
    db.session.execute(sa.update(PhoneNumber).where(rung_on(person_id)).values(ended_at=now))
    return add_number(
        person_id,
        as_given,
        texts_wanted=texts_wanted,
        voicemail_wanted=voicemail_wanted,
        confirmed_by=confirmed_by,
        now=now,
    )


def add_number(
    person_id: int,
    as_given: str,
    *,
    texts_wanted: bool,
    voicemail_wanted: bool,
    confirmed_by: str | None,
    relation: str | None = None,
    now: datetime,
) -> PhoneNumber:
    """Give a number to somebody who has none that is rung; with ``relation`` it is a responsible adult's."""
    mobile = read_mobile(as_given)
    states = {
        Verdict.GOOD: NumberState.GOOD,
        Verdict.NOT_A_MOBILE: NumberState.NOT_A_MOBILE,
        Verdict.DOUBTFUL: NumberState.SUSPECT,
    }
    number = PhoneNumber(
        person_id=person_id,
        relation=relation,
        as_given=as_given[:40],
        e164=mobile.e164,
        state=states[mobile.verdict],
        confirmed_at=now if confirmed_by else None,
        confirmed_by=confirmed_by,
        texts_wanted=texts_wanted,
        voicemail_wanted=voicemail_wanted,
        created_at=now,
    )
    db.session.add(number)
    db.session.flush()
    return number


def learn(number: PhoneNumber, event: NumberEvent) -> None:
    """What happened says something about the number: the table moves its state, and no other line does."""
    number.state = after(number.state, event, mobile=number.e164 is not None)
    if event in NO_MORE_TEXTS:
        number.texts_wanted = False
    elif event is NumberEvent.STARTED:
        number.texts_wanted = True
    elif event is NumberEvent.NOT_THEIRS:
        number.confirmed_at = number.confirmed_by = None


def confirm_number(number: PhoneNumber, *, by: str, now: datetime) -> None:
    """A voice, a reply or the officer at the scene showed that the number is theirs; it works."""
    number.confirmed_at, number.confirmed_by = now, by
    learn(number, NumberEvent.THEIRS)


def takes_texts(number: PhoneNumber) -> bool:
    """Whether a text may go to it at all: a mobile that was not found bad, whose owner wants texts."""
    return number.e164 is not None and number.texts_wanted and number.state in TEXTED
