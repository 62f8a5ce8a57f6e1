"""What is recorded of who gets the texts of somebody under 18, and which adult a force named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.people.models import Person
from provider.domain.people.reach import DECIDES_ALONE, is_adult
from provider.domain.people.records import adult_number
from provider.domain.referrals.models import Referral
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db


@dataclass(frozen=True)
class WhoseTexts:
    """``asks_competence``: they are under 16. The adult is the one recorded, or the one that the force named."""

    age: int
    of_age: bool
    asks_competence: bool
    texts_to: str | None
    competence: str | None
    adult_relation: str | None
    adult_mobile: str | None
    adult_confirmed: bool


def whose_texts_page(person_id: int, *, now: datetime) -> WhoseTexts:
    """As it stands, in three queries."""
    person = db.session.get_one(Person, person_id)
    age = age_on(person.date_of_birth, london_date(now))
    recorded = adult_number(person_id)
    named = _named_by_force(person_id) if recorded is None else {}
    return WhoseTexts(
        age=age,
        of_age=is_adult(person.date_of_birth, now=now),
        asks_competence=age < DECIDES_ALONE,
        texts_to=person.texts_to,
        competence=person.competence,
        adult_relation=recorded.relation if recorded is not None else named.get("relationship"),
        adult_mobile=recorded.as_given if recorded is not None else named.get("mobile"),
        adult_confirmed=recorded is not None and recorded.confirmed_at is not None,
    )


def _named_by_force(person_id: int) -> dict[str, str | None]:
    """The responsible adult of the latest referral that names one."""
    sent = db.session.scalars(
        sa.select(Referral.responsible_adult)
        .where(Referral.person_id == person_id)
        .order_by(Referral.id.desc())
        .limit(5)
    )
    return next((adult for adult in sent if adult), {})
