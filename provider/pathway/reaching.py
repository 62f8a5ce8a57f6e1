"""Who gets the texts of somebody under 18: decided with them, and over by itself when they turn 18."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.contact.tasks import finish_tasks
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.reach import ADULT, DECIDES_ALONE, Competence, TextsTo, is_adult
from provider.domain.people.records import add_number, adult_number, confirm_number
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db
from provider.kernel.errors import FieldError, Invalid, Refusal
from provider.kernel.numbers import Verdict, read_mobile
from provider.pathway.knowing import end_number, is_same_number
from provider.pathway.steps import lock_case


class OfAge(Refusal):
    code = "of_age"
    sentence = "They are 18: their texts go to them alone."


@dataclass(frozen=True)
class Agreed:
    """What was decided with the child. ``competence`` is recorded under 16.

    The rest is about the adult, where they get the texts. ``heard``: their own voice said that the number is theirs.
    """

    texts_to: TextsTo
    competence: Competence | None = None
    relation: str | None = None
    mobile: str | None = None
    heard: bool = False


def agree(case_id: int, agreed: Agreed, *, by: Actor, now: datetime) -> None:
    """Record who gets the texts from now on, those planned earlier included: each is decided when it is sent.

    An adult who no longer gets them has no number here, and the links sent to it lead nowhere. Raises OfAge, or Invalid
    with what is missing.
    """
    case = lock_case(case_id)
    person = db.session.get_one(Person, case.person_id, with_for_update=True, populate_existing=True)
    if is_adult(person.date_of_birth, now=now):
        raise OfAge
    age = age_on(person.date_of_birth, london_date(now))
    faults = tuple(_faults(agreed, age))
    if faults:
        raise Invalid(faults)
    person.texts_to, person.texts_agreed_at = agreed.texts_to, now
    person.competence = agreed.competence if age < DECIDES_ALONE else None
    _keep_adult(person, agreed, now=now)
    finish_tasks(case_id, kinds=("adult_number",), by=str(by), now=now)
    record("texts.agreed", "case", case_id, by=by, now=now, person_id=person.id, to=str(agreed.texts_to))


def _faults(agreed: Agreed, age: int) -> Iterator[FieldError]:
    if age < DECIDES_ALONE and agreed.competence is None:
        yield FieldError("/competence", "required", "Record whether they can decide this alone.")
    cannot = age < DECIDES_ALONE and agreed.competence is Competence.NOT_COMPETENT
    if cannot and agreed.texts_to is TextsTo.CHILD:
        sentence = "Who cannot decide this alone gets no texts: choose the responsible adult, or calls only."
        yield FieldError("/texts_to", "not_competent", sentence)
    if agreed.texts_to is TextsTo.ADULT:
        if not agreed.relation:
            yield FieldError("/relation", "required", "Say who the adult is to them.")
        if not agreed.mobile or read_mobile(agreed.mobile).verdict is not Verdict.GOOD:
            yield FieldError("/mobile", "not_a_mobile", "Enter the adult’s UK mobile number.")


def _keep_adult(person: Person, agreed: Agreed, *, now: datetime) -> None:
    number = adult_number(person.id)
    wanted = agreed.texts_to is TextsTo.ADULT
    same = number is not None and wanted and is_same_number(number, agreed.mobile or "")
    if number is not None and not same:
        end_number(number, now=now)
        number = None
    if not wanted:
        return
    if number is None:
        number = add_number(
            person.id,
            agreed.mobile or "",
            texts_wanted=True,
            voicemail_wanted=False,
            confirmed_by=None,
            relation=agreed.relation,
            now=now,
        )
    number.relation = agreed.relation
    if agreed.heard:
        confirm_number(number, by="voice", now=now)


def come_of_age(*, now: datetime) -> int:
    """End the adults' numbers of whoever is 18 by now; answers how many.

    This only tidies up: no text goes there from that midnight on, and no link of theirs leads anywhere.
    """
    this_year = date(london_date(now).year - ADULT, 12, 31)
    found = (
        sa.select(PhoneNumber, Person.date_of_birth)
        .join(Person, Person.id == PhoneNumber.person_id)
        .where(
            PhoneNumber.ended_at.is_(None),
            PhoneNumber.relation.is_not(None),
            Person.date_of_birth <= this_year,
        )
        .order_by(PhoneNumber.id)
        .with_for_update(of=PhoneNumber, skip_locked=True)
    )
    of_age = [number for number, born in db.session.execute(found) if is_adult(born, now=now)]
    for number in of_age:
        end_number(number, now=now)
        record("number.ended", "person", number.person_id, by=SYSTEM, now=now, person_id=number.person_id)
    return len(of_age)
