"""The letters that can be written to somebody now, worded from the live booking, and those that were posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.case_bookings import appointments_of
from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.messaging.letters import LETTERS, LetterFacts, Worded, word
from provider.domain.messaging.models import Letter
from provider.domain.people.models import Person
from provider.domain.referrals.status import Status
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import NotFound

CLOSING = frozenset({Status.NOT_ENGAGED, Status.NOT_REACHED})


@dataclass(frozen=True)
class About:
    """What a letter is about: a booking of theirs, or nothing that has a time."""

    starts_at: datetime | None = None
    minutes: int | None = None
    where: str | None = None
    dial_in: str | None = None
    appointment_id: int | None = None
    place_id: int | None = None


@dataclass(frozen=True)
class LetterPage:
    """A letter as it is printed; ``to`` are the lines of the address, none where there is no address to write to."""

    reference: str
    kind: str
    to: tuple[str, ...]
    worded: Worded
    about: About

    @property
    def title(self) -> str:
        return LETTERS[self.kind]


@dataclass(frozen=True)
class PostedLine:
    title: str
    at: datetime
    by: str


@dataclass(frozen=True)
class LettersPage:
    facts: ReferralFacts
    kinds: tuple[tuple[str, str], ...]
    addressed: bool
    posted: tuple[PostedLine, ...]


def letters_page(referral_id: int, *, now: datetime) -> LettersPage:
    """What can be written, and what was. Raises NotFound for a referral that never had a case."""
    facts = referral_facts(referral_id, today=london_date(now))
    case_id = _case_of(facts)
    return LettersPage(
        facts=facts,
        kinds=tuple((kind, LETTERS[kind]) for kind in _possible(facts, case_id, now=now)),
        addressed=bool(_address(facts.person.id)),
        posted=posted_letters(case_id),
    )


def letter_page(referral_id: int, kind: str, *, now: datetime) -> LetterPage:
    """One letter, from what is booked now. Raises NotFound where there is nothing of the kind to write about."""
    facts = referral_facts(referral_id, today=london_date(now))
    about = _possible(facts, _case_of(facts), now=now).get(kind)
    if about is None:
        raise NotFound
    person, terms = db.session.get_one(Person, facts.person.id), facts.scheme.terms
    said = LetterFacts(
        name=person.given_name,
        service=terms.service_name,
        phone=terms.phone,
        starts_at=about.starts_at,
        minutes=about.minutes,
        where=about.where,
        dial_in=about.dial_in,
    )
    worded = word(kind, said, language=person.language, written_on=now)
    return LetterPage(facts.reference, kind, _address(person.id), worded, about)


def posted_letters(case_id: int) -> tuple[PostedLine, ...]:
    """What was posted, newest first."""
    found = db.session.scalars(
        sa.select(Letter).where(Letter.case_id == case_id).order_by(Letter.posted_at.desc(), Letter.id.desc())
    ).all()
    names = names_of(letter.posted_by for letter in found)
    return tuple(
        PostedLine(LETTERS[letter.kind], letter.posted_at, names[letter.posted_by]) for letter in found
    )


def _case_of(facts: ReferralFacts) -> int:
    if facts.case is None:
        raise NotFound
    return facts.case.id


def _address(person_id: int) -> tuple[str, ...]:
    person = db.session.get_one(Person, person_id)
    if not person.address_line_1 or not person.postcode:
        return ()
    name = f"{person.given_name} {person.family_name}"
    return tuple(line for line in (name, person.address_line_1, person.town, person.postcode) if line)


def _possible(facts: ReferralFacts, case_id: int, *, now: datetime) -> dict[str, About]:
    """By kind what can be written about, in the order of ``LETTERS``."""
    if facts.closed_at is not None:
        return {"closing": About()} if facts.status in CLOSING else {}
    found = {"first_contact": About()} if facts.status == Status.ACCEPTED else {}
    return {**found, **_of_calls(case_id, now=now), **_of_places(case_id, now=now)}


def _of_calls(case_id: int, *, now: datetime) -> dict[str, About]:
    """The appointment in the diary; or the last, where it was not answered."""
    for line in reversed(appointments_of(case_id)):
        if line.state == "booked" and line.starts_at > now:
            about = About(line.starts_at, line.minutes, appointment_id=line.id)
            return {"appointment": about}
        if line.state == "did_not_answer":
            return {"missed": About(line.starts_at, line.minutes, appointment_id=line.id)}
    return {}


def _of_places(case_id: int, *, now: datetime) -> dict[str, About]:
    """The session they have a place in; or the last, where they did not come."""
    offered = sa.exists().where(Waiting.offered_place_id == Place.id, Waiting.left_at.is_(None))
    row = db.session.execute(
        sa.select(Place, CourseSession)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .where(Place.case_id == case_id, Place.released_at.is_(None), sa.not_(offered))
        .order_by(CourseSession.starts_at.desc(), Place.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return {}
    place, session = row
    about = About(session.starts_at, session.minutes, session.held_at, session.dial_in, place_id=place.id)
    if place.attendance is None:
        return {_kind_of(session): about} if session.starts_at > now else {}
    return {"missed": about} if place.attendance not in {"ATTC", "ATSS"} else {}


def _kind_of(session: CourseSession) -> str:
    if session.held_at is not None:
        return "session_in_a_room"
    return "session_by_telephone" if session.dial_in is not None else "session_online"
