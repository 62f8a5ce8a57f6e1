"""What a person sees behind the link in a text. Nothing here says what any of it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.call_to_book import call_to_book
from provider.caseload.number_facts import says_on
from provider.caseload.surveys import scheme_asked_under
from provider.caseload.text_facts import scheme_served_under, terms_served_under, worker_first_name
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.places import coming_place, times_given_back
from provider.domain.courses.sessions import is_open
from provider.domain.courses.waiting import free_places, waiting_of
from provider.domain.diary.queries import booked_appointment, moves_by_person
from provider.domain.messaging.links import OpenLink
from provider.domain.messaging.names import safe_first_name
from provider.domain.people.models import Person, PhoneNumber
from provider.domain.people.reach import Says, is_adult
from provider.domain.referrals.models import Case
from provider.kernel.database import db

BUTTON_SHOWN = timedelta(minutes=65)
"""How long before a session its button to join is shown: the last text goes out an hour before."""

NOTICE = timedelta(hours=1)
"""How long before a call its time can still be changed here."""


@dataclass(frozen=True)
class Opener:
    """Whom a link leads to, as far as everybody may know who holds the phone. ``confirmed``: the number is theirs."""

    person_id: int
    service_name: str
    ring: str
    confirmed: bool
    language: str


@dataclass(frozen=True)
class ComingCall:
    """``who`` rings, by first name; ``ours``: it is the first call, which is on the telephone."""

    starts_at: datetime
    minutes: int
    who: str | None
    ours: bool
    can_move: bool


@dataclass(frozen=True)
class ComingSession:
    """``near``: it can be joined from here, now or soon. ``held_at``: it is in a room. ``can_give_back``: here."""

    place_id: int
    starts_at: datetime
    minutes: int
    near: bool
    held_at: str | None
    dial_in: str | None
    can_give_back: bool


@dataclass(frozen=True)
class Offer:
    place_id: int
    starts_at: datetime
    minutes: int
    held_at: str | None
    reply_by: datetime


@dataclass(frozen=True)
class FreeSoon:
    """A place that they were asked about, which goes to the first to say yes."""

    starts_at: datetime
    minutes: int


@dataclass(frozen=True)
class ParticipantPage:
    """``can_book``: a time for the call that comes next. ``short_notice``: until when they said that they could come
    shortly before."""

    first_name: str
    call: ComingCall | None
    can_book: bool
    session: ComingSession | None
    offer: Offer | None
    soon: FreeSoon | None
    waiting: bool
    short_notice: datetime | None


def opener(link: OpenLink, *, now: datetime) -> Opener | None:
    """Whom a live link leads to; None where nothing is open for them any more, or they have come of age since.

    A link that went to a responsible adult leads nowhere from the eighteenth birthday on.
    """
    scheme = scheme_asked_under(link.case_id) if link.survey else scheme_served_under(link.case_id)
    if scheme is None:
        return None
    terms = scheme.terms
    person, number = _led_to(link)
    if _is_anothers(number) and is_adult(person.date_of_birth, now=now):
        return None
    confirmed = number is not None and says_on(number, person, now=now) is not Says.CALLS
    return Opener(person.id, terms.service_name, terms.phone, confirmed, person.language)


def language_behind(link: OpenLink, *, now: datetime) -> str | None:
    """The language of whom a link leads to: the text that carried it was in it.

    None where it went to a responsible adult, and whom it is about has turned 18 since.
    """
    person, number = _led_to(link)
    return None if _is_anothers(number) and is_adult(person.date_of_birth, now=now) else person.language


def _is_anothers(number: PhoneNumber | None) -> bool:
    return number is not None and number.relation is not None


def _led_to(link: OpenLink) -> tuple[Person, PhoneNumber | None]:
    row = db.session.execute(
        sa.select(Person, PhoneNumber)
        .select_from(Case)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(PhoneNumber, PhoneNumber.id == link.number_id)
        .where(Case.id == link.case_id)
    ).one()
    return row[0], row[1]


def participant_page(case_id: int, *, now: datetime) -> ParticipantPage:
    """What is coming for the person, once they have proved who they are."""
    first_name = db.session.scalars(
        sa.select(Person.given_name).join(Case, Case.person_id == Person.id).where(Case.id == case_id)
    ).one()
    waiting = waiting_of(case_id)
    offer = _offer(waiting, now=now)
    return ParticipantPage(
        first_name=first_name,
        call=coming_call(case_id, now=now),
        can_book=call_to_book(case_id) is not None,
        session=coming_session(case_id, waiting, now=now),
        offer=offer,
        soon=_soon(waiting, now=now),
        waiting=waiting is not None and offer is None,
        short_notice=_until(waiting, now=now),
    )


def coming_call(case_id: int, *, now: datetime) -> ComingCall | None:
    """The call in the diary, if there is one that is not over."""
    appointment = booked_appointment(case_id)
    if appointment is None or appointment.starts_at + timedelta(minutes=appointment.minutes) <= now:
        return None
    return ComingCall(
        starts_at=appointment.starts_at,
        minutes=appointment.minutes,
        who=safe_first_name(worker_first_name(appointment.worker_id)),
        ours=appointment.kind == "assessment",
        can_move=appointment.starts_at >= now + NOTICE and _moves_left(case_id),
    )


def _moves_left(case_id: int) -> bool:
    terms = terms_served_under(case_id)
    return terms is not None and moves_by_person(case_id) < terms.moves_allowed


def coming_session(case_id: int, waiting: Waiting | None, *, now: datetime) -> ComingSession | None:
    """The session they have a place in, until it is over."""
    place = coming_place(case_id)
    if place is None or (waiting is not None and waiting.offered_place_id == place.id):
        return None
    session = db.session.get_one(CourseSession, place.session_id)
    if session.state != "open" or session.starts_at + timedelta(minutes=session.minutes) <= now:
        return None
    return ComingSession(
        place_id=place.id,
        starts_at=session.starts_at,
        minutes=session.minutes,
        near=session.starts_at - BUTTON_SHOWN <= now and session.held_at is None,
        held_at=session.held_at,
        dial_in=session.dial_in,
        can_give_back=is_open(session, now) and _may_give_back(case_id),
    )


def _may_give_back(case_id: int) -> bool:
    terms = terms_served_under(case_id)
    return terms is not None and times_given_back(case_id) < terms.moves_allowed


def _soon(waiting: Waiting | None, *, now: datetime) -> FreeSoon | None:
    if waiting is None or waiting.asked_session_id is None:
        return None
    session = db.session.get_one(CourseSession, waiting.asked_session_id)
    if not is_open(session, now) or not free_places([session.id])[session.id]:
        return None
    return FreeSoon(session.starts_at, session.minutes)


def _until(waiting: Waiting | None, *, now: datetime) -> datetime | None:
    until = waiting.short_notice_until if waiting is not None else None
    return until if until is not None and until > now else None


def _offer(waiting: Waiting | None, *, now: datetime) -> Offer | None:
    if waiting is None or waiting.offered_place_id is None or waiting.offer_ends_at is None:
        return None
    if waiting.offer_ends_at <= now:
        return None
    session = db.session.scalars(
        sa.select(CourseSession)
        .join(Place, Place.session_id == CourseSession.id)
        .where(Place.id == waiting.offered_place_id)
    ).one()
    return Offer(
        waiting.offered_place_id, session.starts_at, session.minutes, session.held_at, waiting.offer_ends_at
    )
