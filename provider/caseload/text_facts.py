"""What a text may say at the moment it is sent, where it goes, and whether it still holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.number_facts import NumberNow, number_now, number_that_wrote
from provider.caseload.text_bookings import About, about
from provider.domain.accounts.models import Account
from provider.domain.messaging.kinds import TO_REPLIES
from provider.domain.messaging.models import Text
from provider.domain.messaging.wording import TextFacts
from provider.domain.people.models import Person
from provider.domain.people.reach import Says
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN
from provider.domain.schemes.queries import SchemeNow, scheme_under
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db

SOON = timedelta(hours=2)


@dataclass(frozen=True)
class TextNow:
    """A text at the moment of sending. ``gone``: why it no longer holds; then the rest is not to be used.

    ``facts`` has no link yet: it is made when the text is taken for sending. ``soon``: what it is about begins within
    two hours, or it answers who has just written, so that it may arrive at any hour. ``scheme`` is the one that
    speaks, as they came under it.
    """

    gone: str | None
    number: NumberNow | None
    language: str
    facts: TextFacts
    soon: bool
    scheme: SchemeNow | None = None


def text_now(text: Text, *, now: datetime) -> TextNow:
    """What is true of a planned text now, read anew from the database."""
    case, person = _whom(text)
    scheme = scheme_served_under(case.id)
    if scheme is None:
        return TextNow("case_closed", None, "en", TextFacts(service="", phone="", link=""), soon=False)
    booking = about(text, case, now=now)
    answers = text.kind in TO_REPLIES
    number = number_that_wrote(text.to_number_id, person, now=now) if answers else number_now(person, now=now)
    return TextNow(
        gone=booking.gone,
        number=number,
        language=person.language,
        facts=replace(
            _facts(booking, person, scheme.terms, by_name=number is not None and number.says is Says.NAME),
            words=text.words,
        ),
        soon=answers or (booking.starts_at is not None and booking.starts_at - now < SOON),
        scheme=scheme,
    )


def _whom(text: Text) -> tuple[Case, Person]:
    row = db.session.execute(
        sa.select(Case, Person)
        .join(Person, Person.id == Case.person_id)
        .where(Case.id == text.case_id)
        .execution_options(populate_existing=True)
    ).one()
    return row[0], row[1]


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


def _facts(booking: About, person: Person, terms: Terms, *, by_name: bool) -> TextFacts:
    return TextFacts(
        service=terms.service_name,
        phone=terms.phone,
        link="",
        first_name=person.given_name if by_name else None,
        worker_first_name=worker_first_name(booking.with_id),
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        reply_by=booking.reply_by,
    )


def worker_first_name(account_id: int | None) -> str | None:
    if account_id is None:
        return None
    return db.session.scalars(sa.select(Account.name).where(Account.id == account_id)).one().split(" ")[0]
