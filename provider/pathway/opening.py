"""What somebody does behind the link in a text: says who they are, asks for a call, chooses a time; or is not them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.caseload.call_to_book import call_to_book
from provider.caseload.participant_page import NOTICE
from provider.caseload.participant_times import LOOK_AHEAD
from provider.domain.audit.trail import record
from provider.domain.contact.service_hours import when_to_ring
from provider.domain.contact.tasks import raise_task
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.closures import closed_days
from provider.domain.diary.models import Appointment
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.diary.queries import booked_appointment
from provider.domain.messaging.links import Answer, OpenLink, count_answer
from provider.domain.people.models import Person, PhoneNumber
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.calendar import london_date, next_polite
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway.booking import NothingBooked, book, move_appointment
from provider.pathway.disowning import disown
from provider.pathway.steps import lock_case


class TooLateToMove(Refusal):
    code = "too_late_to_move"
    sentence = "It is too late to change this here. Ring us and we will find another time."


class NothingToBook(Refusal):
    code = "nothing_to_book"
    sentence = "There is no time to choose here any more. Look at what is coming, or ring us."


def answer(link: OpenLink, *, day: int | None, month: int | None, now: datetime) -> Answer:
    """The day and month of birth, as somebody typed them; None is no number at all, and as wrong as any other.

    A wrong answer is kept with this transaction; the fifth locks the link and makes work for the drug worker.
    """
    case = lock_case(link.case_id)
    born = db.session.scalars(sa.select(Person.date_of_birth).where(Person.id == case.person_id)).one()
    came_to = count_answer(link, right=(day, month) == (born.day, born.month), now=now)
    if came_to == Answer.RIGHT:
        who = Actor("participant", case.person_id)
        record("link.opened", "text_link", link.link_id, by=who, now=now, person_id=case.person_id)
    if came_to == Answer.LOCKED:
        record("link.locked", "text_link", link.link_id, by=SYSTEM, now=now, person_id=case.person_id)
        if not link.survey:
            raise_task("link_locked", case_id=case.id, due_at=next_polite(now), now=now)
    return came_to


def call_me(case_id: int, *, asked: str | None = None, by: Actor, now: datetime) -> None:
    """They would like to be rung: work for when it suits them and somebody is here. ``asked`` is how they said it."""
    case = lock_case(case_id)
    due = when_to_ring(
        now, closures=closed_days(since=london_date(now)), asked=asked, best_times=case.best_times
    )
    raise_task("call_me", case_id=case_id, due_at=due, now=now)
    record("call.asked_for", "case", case_id, by=by, now=now, person_id=case.person_id)


def not_this_person(case_id: int, number_id: int | None, *, by: Actor, now: datetime) -> None:
    """Whoever has the phone says that it is not theirs: nothing more is sent to it, and calling waits for a person."""
    case = lock_case(case_id)
    number = db.session.get(PhoneNumber, number_id or 0, populate_existing=True)
    disown(case, number, by=by, now=now)


def move(case_id: int, *, starts_at: datetime, by: Actor, now: datetime) -> Appointment:
    """Give the coming call another open time, as far ahead as the page offers any. Pressed twice it is moved once.

    Raises NothingBooked, TooLateToMove, NoMoreMoves or SlotTaken; then the old time still stands.
    """
    lock_case(case_id)
    appointment = booked_appointment(case_id)
    if appointment is None:
        raise NothingBooked
    if starts_at == appointment.starts_at:
        return appointment
    if appointment.starts_at < now + NOTICE:
        raise TooLateToMove
    if starts_at < now + NOTICE:
        raise TooLateToMove("That time is too soon for us. Choose a later one.")
    if starts_at > now + LOOK_AHEAD:
        raise SlotTaken
    return move_appointment(appointment.id, starts_at=starts_at, why=THEY_ASKED, by=by, now=now)


def choose(case_id: int, *, starts_at: datetime, by: Actor, now: datetime) -> Appointment:
    """Give the call that comes next an open time of the next two weeks, with their own worker where that is possible.

    As often as it comes to that: each one missed uses a chance of the scheme's. Raises NothingToBook, TooLateToMove or
    SlotTaken.
    """
    lock_case(case_id)
    kind = call_to_book(case_id)
    if kind is None:
        raise NothingToBook
    if starts_at < now + NOTICE:
        raise TooLateToMove("That time is too soon for us. Choose a later one.")
    if starts_at > now + LOOK_AHEAD:
        raise SlotTaken
    return book(case_id, starts_at=starts_at, kind=kind, by=by, now=now)
