"""What is known of a person: who they are, the numbers they were reached on, and their other referrals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from provider.caseload.number_facts import shared_too
from provider.domain.forces.models import Force
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.codes import Gender, SelfDefinedEthnicity
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme
from provider.kernel.calendar import age_on
from provider.kernel.database import db


@dataclass(frozen=True)
class PersonFacts:
    id: int
    name: str
    date_of_birth: date
    age: int
    gender: str
    self_defined_ethnicity: str | None
    address: str | None
    email: str | None
    language: str
    interpreter_needed: bool
    needs: str | None
    texts_to: str | None
    competence: str | None


@dataclass(frozen=True)
class NumberFacts:
    """A number of theirs; with ``relation`` a responsible adult's. ``shared``: somebody else is reached on it too.

    ``dial`` goes behind tel:; ``confirmed_by`` is voice, reply or officer.
    """

    as_given: str
    dial: str
    state: str
    confirmed_by: str | None
    confirmed_at: datetime | None
    texts_wanted: bool
    voicemail_wanted: bool
    who_sees: str | None
    shared: bool
    relation: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class OtherReferral:
    """Another referral of the same person; ``linked``: the same call and course serve it."""

    reference: str
    force: str
    scheme: str
    status: Status
    received_at: datetime
    linked: bool


def person_facts(person: Person, *, today: date) -> PersonFacts:
    """The person as their record stands; ``today`` is for their age."""
    ethnicity = person.self_defined_ethnicity
    address = (person.address_line_1, person.town, person.postcode)
    return PersonFacts(
        id=person.id,
        name=f"{person.given_name} {person.family_name}",
        date_of_birth=person.date_of_birth,
        age=age_on(person.date_of_birth, today),
        gender=dict(Gender.choices())[person.gender],
        self_defined_ethnicity=dict(SelfDefinedEthnicity.choices())[ethnicity] if ethnicity else None,
        address=", ".join(part for part in address if part) or None,
        email=person.email,
        language=person.language,
        interpreter_needed=person.interpreter_needed,
        needs=person.accessibility_needs,
        texts_to=person.texts_to,
        competence=person.competence,
    )


def numbers_of(person_id: int) -> tuple[NumberFacts, ...]:
    """Every number of a person, the one they are rung on first, and a responsible adult's behind it."""
    rows = db.session.execute(
        sa.select(PhoneNumber, shared_too().label("shared"))
        .where(PhoneNumber.person_id == person_id)
        .order_by(PhoneNumber.ended_at.is_not(None), PhoneNumber.relation.is_not(None), PhoneNumber.id.desc())
    )
    return tuple(_number(row[0], shared=row.shared) for row in rows)


def _number(row: PhoneNumber, *, shared: bool) -> NumberFacts:
    return NumberFacts(
        as_given=row.as_given,
        dial=row.e164 or re.sub(r"[^0-9+]", "", row.as_given),
        state=row.state,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        texts_wanted=row.texts_wanted,
        voicemail_wanted=row.voicemail_wanted,
        who_sees=row.who_sees,
        shared=shared and row.ended_at is None,
        relation=row.relation,
        since=row.created_at,
        until=row.ended_at,
    )


def other_referrals(person_id: int, *, than: int, case_id: int | None) -> tuple[OtherReferral, ...]:
    """The other referrals of a person, by any force, the newest first."""
    rows = db.session.execute(
        sa.select(Referral.reference, Referral.status, Referral.received_at, Referral.case_id)
        .add_columns(Force.name.label("force"), Scheme.name.label("scheme"))
        .join(Force, Force.id == Referral.force_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .where(Referral.person_id == person_id, Referral.id != than)
        .order_by(Referral.id.desc())
    )
    return tuple(
        OtherReferral(
            reference=row.reference,
            force=row.force,
            scheme=row.scheme,
            status=Status(row.status),
            received_at=row.received_at,
            linked=case_id is not None and row.case_id == case_id,
        )
        for row in rows
    )
