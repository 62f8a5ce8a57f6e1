"""Whom an answer in the thread goes to, and what it may say there now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.number_facts import NumberNow, number_now, number_that_wrote
from provider.caseload.text_facts import scheme_served_under
from provider.domain.messaging.languages import FALLBACK, languages
from provider.domain.messaging.lint import Fault
from provider.domain.messaging.models import Reply
from provider.domain.messaging.segments import Segments
from provider.domain.messaging.wording import TextFacts, render
from provider.domain.messaging.written import KIND, faults_of
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.number_states import TEXTED
from provider.domain.people.reach import Says
from provider.domain.referrals.models import Case
from provider.domain.schemes.promises import unkept
from provider.domain.schemes.terms import Terms
from provider.kernel.database import db

A_LINK = "/p/" + "x" * 24
"""As long as a real one: the link is made only when a text goes out."""


@dataclass(frozen=True)
class Addressee:
    """Where an answer goes. ``cannot`` says in a sentence why none can be sent; then the rest is not to be used."""

    cannot: str | None
    name: str
    number: NumberNow | None
    language: str
    terms: Terms | None
    names: frozenset[str]

    @property
    def calls_only(self) -> bool:
        """Nobody has confirmed the number: no name, and nothing of what is booked."""
        return self.number is None or self.number.says is Says.CALLS


@dataclass(frozen=True)
class Draft:
    """Words as they would arrive, what keeps them from being sent, and how long they are."""

    body: str
    segments: Segments
    faults: tuple[Fault, ...]


def addressee(case_id: int, *, now: datetime) -> Addressee:
    """Whom an answer goes to: the number that wrote last, where it is still theirs, else the one that texts go to."""
    case, person = db.session.execute(
        sa.select(Case, Person).join(Person, Person.id == Case.person_id).where(Case.id == case_id)
    ).one()
    number = _wrote_last(case_id, person, now=now) or number_now(person, now=now)
    scheme = scheme_served_under(case_id)
    return Addressee(
        cannot=_why_not(case, number)
        if scheme is not None
        else "This referral has ended: nothing more is sent.",
        name=f"{person.given_name} {person.family_name}",
        number=number,
        language=person.language if person.language in languages() else FALLBACK,
        terms=scheme.terms if scheme is not None else None,
        names=_never_named(person, number),
    )


def last_reply(case_id: int) -> Reply | None:
    """The one that came last."""
    return db.session.scalars(
        sa.select(Reply)
        .where(Reply.case_id == case_id)
        .order_by(Reply.received_at.desc(), Reply.id.desc())
        .limit(1)
    ).first()


def _wrote_last(case_id: int, person: Person, *, now: datetime) -> NumberNow | None:
    last = last_reply(case_id)
    if last is None:
        return None
    found = sa.select(PhoneNumber.id).where(
        PhoneNumber.person_id == person.id, PhoneNumber.e164 == last.from_e164, PhoneNumber.ended_at.is_(None)
    )
    return number_that_wrote(
        db.session.scalars(found.order_by(PhoneNumber.id).limit(1)).first(), person, now=now
    )


def _why_not(case: Case, number: NumberNow | None) -> str | None:
    if case.closed_at is not None:
        return "This referral has ended: nothing more is sent."
    if number is None or number.e164 is None:
        return "There is no number that takes texts. Ring them, or ask for another number."
    if number.state == "opted_out" or not number.texts_wanted:
        return "They want no texts. Ring them, or write a letter."
    if number.state not in TEXTED:
        return "Their number cannot be texted. Ring them, or ask for another number."
    return None


def _never_named(person: Person, number: NumberNow | None) -> frozenset[str]:
    """A family name never stands in a text; a first name where the number is theirs alone."""
    by_name = number is not None and number.says is Says.NAME
    names = person.family_name.split() + ([] if by_name else person.given_name.split())
    return frozenset(name for name in names if len(name) > 1)


def draft(words: str, to: Addressee, *, public_url: str) -> Draft:
    """``words`` as they would arrive there, and every fault in them."""
    assert to.terms is not None
    facts = TextFacts(
        service=to.terms.service_name, phone=to.terms.phone, link=public_url.rstrip("/") + A_LINK
    )
    rendered = render(KIND, replace(facts, words=" ".join(words.split()) or "…"), language=to.language)
    faults = faults_of(
        words,
        language=to.language,
        unkept=unkept(to.terms),
        never_named=to.names,
        calls_only=to.calls_only,
    )
    shown = rendered.body.replace(facts.link, "[link]")
    return Draft(shown, rendered.segments, faults)
