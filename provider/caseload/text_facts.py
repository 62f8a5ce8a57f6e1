"""What a text may say at the moment it is sent, where it goes, and whether it still holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.number_facts import NumberNow, NumbersRead, number_now, number_that_wrote, read_numbers
from provider.caseload.surveys import scheme_asked_under
from provider.caseload.text_bookings import About, Bookings, about, read_bookings
from provider.domain.accounts.models import Account
from provider.domain.messaging.kinds import FIRST_CONTACT, TO_REPLIES
from provider.domain.messaging.models import Text
from provider.domain.messaging.timing import SOON
from provider.domain.messaging.wording import TextFacts
from provider.domain.people.models import Person
from provider.domain.people.reach import Says
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import OPEN
from provider.domain.schemes.queries import SchemeNow, scheme_under
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db
from provider.kernel.rows import among


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


@dataclass(frozen=True)
class Read:
    """What texts are worded from, read anew for many of them at once.

    By case: whom it is about, and the version of the terms that speaks. ``bookings`` are only held, so that the session
    still has them when a text is looked at. ``workers`` are first names, and grow.
    """

    whom: Mapping[int, tuple[Case, Person]]
    terms_ids: Mapping[int, int]
    numbers: NumbersRead
    bookings: Bookings
    workers: dict[int, str]


def read_for(texts: Sequence[Text]) -> Read:
    """The same few queries however many texts there are."""
    case_ids = {text.case_id for text in texts}
    rows = db.session.execute(
        sa.select(Case, Person)
        .join(Person, Person.id == Case.person_id)
        .where(among(Case.id, case_ids))
        .execution_options(populate_existing=True)
    ).all()
    return Read(
        whom={case.id: (case, person) for case, person in rows},
        terms_ids=_terms_ids(case_ids),
        numbers=read_numbers([person.id for _, person in rows]),
        bookings=read_bookings(texts),
        workers={},
    )


def text_now(text: Text, *, read: Read | None = None, now: datetime) -> TextNow:
    """What is true of a planned text now. ``read``: what was just read for it and others, in the same transaction."""
    read = read or read_for([text])
    case, person = read.whom[text.case_id]
    scheme = _speaks(text, read)
    if scheme is None:
        return TextNow("case_closed", None, "en", TextFacts(service="", phone="", link=""), soon=False)
    booking = about(text, case, now=now)
    answers = text.kind in TO_REPLIES
    number = _number(text, person, read, now=now)
    return TextNow(
        gone=booking.gone,
        number=number,
        language=person.language,
        facts=replace(
            _facts(
                booking,
                person,
                scheme.terms,
                by_name=number is not None and number.says is Says.NAME,
                worker=_worker(booking.with_id, read),
            ),
            words=text.words,
        ),
        soon=answers or _begins_soon(text.kind, booking, now=now),
        scheme=scheme,
    )


def _speaks(text: Text, read: Read) -> SchemeNow | None:
    if text.kind == "survey":
        return scheme_asked_under(text.case_id)
    terms_id = read.terms_ids.get(text.case_id)
    return None if terms_id is None else scheme_under(terms_id)


def _begins_soon(kind: str, booking: About, *, now: datetime) -> bool:
    """Whether what was booked is about to begin. A call of the ladder is no appointment."""
    if booking.starts_at is None or kind in FIRST_CONTACT:
        return False
    return timedelta(0) < booking.starts_at - now < SOON


def _number(text: Text, person: Person, read: Read, *, now: datetime) -> NumberNow | None:
    if text.kind in TO_REPLIES:
        return number_that_wrote(text.to_number_id, person, now=now)
    return number_now(person, read=read.numbers, now=now)


def _worker(account_id: int | None, read: Read) -> str | None:
    if account_id is not None and account_id not in read.workers:
        read.workers[account_id] = worker_first_name(account_id) or ""
    return None if account_id is None else read.workers[account_id]


def terms_served_under(case_id: int) -> Terms | None:
    """The terms of a case's oldest open referral; None where none is open."""
    scheme = scheme_served_under(case_id)
    return None if scheme is None else scheme.terms


def scheme_served_under(case_id: int) -> SchemeNow | None:
    """The scheme of a case's oldest open referral, as it came under it; None where none is open."""
    terms_id = _terms_ids({case_id}).get(case_id)
    return None if terms_id is None else scheme_under(terms_id)


def _terms_ids(case_ids: Collection[int]) -> dict[int, int]:
    """By case, the version of the terms of its oldest open referral."""
    found = (
        sa.select(Referral.case_id, Referral.terms_id)
        .where(among(Referral.case_id, case_ids), Referral.status.in_(OPEN))
        .order_by(Referral.id.desc())
    )
    return {case_id: terms_id for case_id, terms_id in db.session.execute(found) if case_id is not None}


def _facts(booking: About, person: Person, terms: Terms, *, by_name: bool, worker: str | None) -> TextFacts:
    return TextFacts(
        service=terms.service_name,
        phone=terms.phone,
        link="",
        first_name=person.given_name if by_name else None,
        worker_first_name=worker,
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        where=booking.held_at,
        reply_by=booking.reply_by,
    )


def worker_first_name(account_id: int | None) -> str | None:
    if account_id is None:
        return None
    return db.session.scalars(sa.select(Account.name).where(Account.id == account_id)).one().split(" ")[0]
