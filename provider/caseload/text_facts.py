"""What a text may say at the moment it is sent, where it goes, and whether it still holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.text_bookings import About, about
from provider.domain.accounts.models import Account
from provider.domain.contact.models import ContactAttempt
from provider.domain.contact.outcomes import SPOKE
from provider.domain.messaging.models import Text
from provider.domain.messaging.wording import TextFacts
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN
from provider.domain.schemes.queries import SchemeNow, scheme_under
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db

ADULT = 18
SOON = timedelta(hours=2)


@dataclass(frozen=True)
class NumberNow:
    """Where a person is reached at the moment. ``confirmed``: a text may say who it is for and what is booked."""

    id: int
    e164: str | None
    state: str
    confirmed: bool
    texts_wanted: bool


@dataclass(frozen=True)
class TextNow:
    """A text at the moment of sending. ``gone``: why it no longer holds; then the rest is not to be used.

    ``facts`` has no link yet: it is made when the text is taken for sending. ``soon``: what it is about begins within
    two hours, so that it may arrive at any hour. ``scheme`` is the one that speaks, as they came under it.
    """

    gone: str | None
    number: NumberNow | None
    language: str
    facts: TextFacts
    soon: bool
    scheme: SchemeNow | None = None


def text_now(text: Text, *, now: datetime) -> TextNow:
    """What is true of a planned text now, read anew from the database."""
    case, person, number = _whom(text)
    scheme = scheme_served_under(case.id)
    if scheme is None:
        return TextNow("case_closed", None, "en", TextFacts(service="", phone="", link=""), soon=False)
    booking = about(text, case, now=now)
    return TextNow(
        gone=booking.gone,
        number=number_now(number, person, case, now=now) if number is not None else None,
        language=person.language,
        facts=_facts(booking, person, number, scheme.terms),
        soon=booking.starts_at is not None and booking.starts_at - now < SOON,
        scheme=scheme,
    )


def _whom(text: Text) -> tuple[Case, Person, PhoneNumber | None]:
    row = db.session.execute(
        sa.select(Case, Person, PhoneNumber)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(PhoneNumber, sa.and_(PhoneNumber.person_id == Person.id, PhoneNumber.ended_at.is_(None)))
        .where(Case.id == text.case_id)
        .execution_options(populate_existing=True)
    ).one()
    return row[0], row[1], row[2]


def terms_served_under(case_id: int) -> Terms | None:
    """The terms of a case's oldest open referral; None where none is open."""
    scheme = scheme_served_under(case_id)
    return None if scheme is None else scheme.terms


def scheme_served_under(case_id: int) -> SchemeNow | None:
    """The scheme of a case's oldest open referral, as it came under it; None where none is open."""
    terms_id = db.session.scalars(
        sa.select(Referral.terms_id)
        .where(Referral.case_id == case_id, Referral.status.in_(OPEN))
        .order_by(Referral.id)
        .limit(1)
    ).first()
    return None if terms_id is None else scheme_under(terms_id)


def _facts(booking: About, person: Person, number: PhoneNumber | None, terms: Terms) -> TextFacts:
    alone = number is not None and not number.seen_by_others and not _is_shared(number)
    return TextFacts(
        service=terms.service_name,
        phone=terms.phone,
        link="",
        first_name=person.given_name if alone else None,
        worker_first_name=worker_first_name(booking.with_id),
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        reply_by=booking.reply_by,
    )


def worker_first_name(account_id: int | None) -> str | None:
    if account_id is None:
        return None
    return db.session.scalars(sa.select(Account.name).where(Account.id == account_id)).one().split(" ")[0]


def _is_shared(number: PhoneNumber) -> bool:
    """Whether somebody else is reached on the same number."""
    other = sa.select(PhoneNumber.id).where(
        PhoneNumber.e164 == number.e164,
        PhoneNumber.ended_at.is_(None),
        PhoneNumber.person_id != number.person_id,
    )
    return db.session.execute(other.limit(1)).first() is not None


def number_now(number: PhoneNumber, person: Person, case: Case, *, now: datetime) -> NumberNow:
    """Where a person is reached, and whether a text or a page behind it may say who it is for."""
    return NumberNow(
        id=number.id,
        e164=number.e164,
        state=number.state,
        confirmed=number.confirmed_at is not None and _may_be_told(person, case, now=now),
        texts_wanted=number.texts_wanted,
    )


def _may_be_told(person: Person, case: Case, *, now: datetime) -> bool:
    """Who gets a child's texts is decided with the child at the first call: until somebody spoke, call notices only."""
    if age_on(person.date_of_birth, london_date(now)) >= ADULT:
        return True
    spoke = sa.select(ContactAttempt.id).where(
        ContactAttempt.case_id == case.id, ContactAttempt.outcome.in_(sorted(SPOKE))
    )
    return db.session.execute(spoke.limit(1)).first() is not None
