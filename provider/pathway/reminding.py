"""Plans and cancels the texts around a booking and after it. Nothing else does.

A reminder whose moment is past is not planned, and one is worded from the live booking when it is sent, so that one
for a moved or cancelled booking cannot go out even if it was planned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.messaging.kinds import FIRST_CONTACT
from provider.domain.messaging.models import Text
from provider.domain.messaging.outbox import (
    Planned,
    Subject,
    cancel_texts,
    plan_anew,
    plan_for_many,
    plan_text,
    plan_texts,
)
from provider.domain.messaging.timing import A_DAY, AN_HOUR, NOTICE, SOON, confirmed_at, reminders, survey_due
from provider.domain.people.models import PhoneNumber
from provider.domain.people.records import takes_texts
from provider.domain.referrals.models import Case
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import london_date, next_polite
from provider.kernel.database import db


def announce_first_call(case: Case, number: PhoneNumber | None, *, now: datetime) -> None:
    """Say shortly before the first call who will ring, so that it is answered: once, where the number takes texts.

    A call that is planned anew before the text went out takes the text along.
    """
    _announce(case, number, "first_contact_soon", again=0, now=now)


def announce_next_call(
    case: Case, number: PhoneNumber | None, *, unanswered: int, terms: Terms, now: datetime
) -> None:
    """The same before a later call, after as many ``unanswered`` ones as the scheme says: one a day at most.

    One that was for a call made early is not sent beside it.
    """
    again = sum(after <= unanswered for after in terms.first_contact_texts)
    kind = "first_contact_again" if again else "first_contact_soon"
    cancel_texts(case_id=case.id, kinds=FIRST_CONTACT, because="call_moved", now=now)
    _announce(case, number, kind, again=again, now=now)


def _announce(case: Case, number: PhoneNumber | None, kind: str, *, again: int, now: datetime) -> None:
    if case.next_call_at is None or number is None or not takes_texts(number):
        return
    due = next_polite(max(now, case.next_call_at - NOTICE))
    key = f"case:{case.id}:number:{number.id}:call:{again}"
    if again and _announced_that_day(case, due, but=key):
        return
    plan_anew(
        kind,
        case_id=case.id,
        due_at=due,
        expires_at=max(case.next_call_at, due) + AN_HOUR,
        once_key=key,
    )


def _announced_that_day(case: Case, due: datetime, *, but: str) -> bool:
    """Whether another call was announced on the same day in London: never the same text twice in one."""
    others = sa.select(Text.due_at).where(
        Text.case_id == case.id,
        Text.kind.in_(FIRST_CONTACT),
        Text.state.not_in(("cancelled", "dropped")),
        Text.once_key != but,
    )
    return any(london_date(other) == london_date(due) for other in db.session.scalars(others))


def forget_first_call(case: Case, *, because: str, now: datetime) -> None:
    """Nobody needs to be told any more who will ring."""
    cancel_texts(case_id=case.id, kinds=FIRST_CONTACT, because=because, now=now)


def remind_of_appointment(appointment: Appointment, *, terms: Terms, booked: str, now: datetime) -> None:
    """Plan the confirmation (``booked`` is its kind of text) and the reminders that still lie ahead."""
    around = _around(appointment.starts_at, booked, about=appointment.kind, terms=terms, now=now)
    planned = _named(around, f"appointment:{appointment.id}")
    plan_texts(planned, case_id=appointment.case_id, appointment_id=appointment.id)


def remind_of_place(
    place: Place, session: CourseSession, *, terms: Terms, booked: str, now: datetime
) -> None:
    """Plan the confirmation of a place and its reminders; the last one carries the link to join."""
    remind_of_places([(place, terms)], session, booked=booked, now=now)


def remind_of_places(
    places: Sequence[tuple[Place, Terms]],
    session: CourseSession,
    *,
    booked: str,
    now: datetime,
    again: str = "",
) -> None:
    """The same for everybody in a session, each under the terms they are served under: one statement for them all.

    What was planned for a place is planned once, ever: ``again`` names a time that differs from the one before.
    """
    around = {
        terms: _around(session.starts_at, booked, about="course", terms=terms, now=now)
        for terms in {terms for _, terms in places}
    }
    plan_for_many(
        (Subject(place.case_id, place_id=place.id), _named(around[terms], f"place:{place.id}{again}"))
        for place, terms in places
    )


@dataclass(frozen=True)
class _Around:
    """A text around a booking; ``as_`` is how its name ends."""

    kind: str
    due_at: datetime
    expires_at: datetime
    as_: str


def _named(around: Sequence[_Around], key: str) -> list[Planned]:
    return [Planned(one.kind, one.due_at, one.expires_at, f"{key}:{one.as_}") for one in around]


def _around(
    starts_at: datetime, booked: str, *, about: str, terms: Terms, now: datetime
) -> tuple[_Around, ...]:
    """The confirmation, where it is not too late for one, and the reminders."""
    confirmed = confirmed_at(starts_at, now=now)
    first = () if confirmed is None else (_Around(booked, confirmed, starts_at, booked),)
    ahead = reminders(
        starts_at,
        days=terms.reminder_days,
        hour_before=terms.reminder_hour_before,
        on_bank_holidays=terms.texts_on_bank_holidays,
        after=confirmed or now,
    )
    return first + tuple(
        _Around(f"{about}_reminder_{one.when}", one.due_at, one.expires_at, one.when) for one in ahead
    )


AFTER_A_SESSION = ("missed_course", "course_another")


def tell_at_once(
    kind: str,
    *,
    case_id: int,
    once_key: str,
    now: datetime,
    appointment_id: int | None = None,
    place_id: int | None = None,
    until: datetime | None = None,
    starts_at: datetime | None = None,
) -> None:
    """Plan a text that says something that just happened, at the next polite moment; ``until`` is when it is no use.

    Where it is about what begins at ``starts_at``, within two hours, it goes out at any hour.
    """
    soon = starts_at is not None and timedelta(0) < starts_at - now < SOON
    due = next_polite(now, any_hour=soon)
    plan_text(
        kind,
        case_id=case_id,
        due_at=due,
        expires_at=until or due + A_DAY,
        once_key=once_key,
        appointment_id=appointment_id,
        place_id=place_id,
    )


def say_called_off(appointment: Appointment, *, now: datetime) -> None:
    """Say that a call will not be made at the time that was agreed."""
    _say_of_call("cancelled", appointment, once="called_off", starts_at=appointment.starts_at, now=now)


def say_sorry(appointment: Appointment, *, now: datetime) -> None:
    """Say that it was ours that a call was not made, and that we ring to agree another time."""
    _say_of_call("sorry", appointment, once="sorry", starts_at=None, now=now)


def _say_of_call(
    what: str, appointment: Appointment, *, once: str, starts_at: datetime | None, now: datetime
) -> None:
    about = "assessment" if appointment.kind == "assessment" else "one_to_one"
    tell_at_once(
        f"{about}_{what}",
        case_id=appointment.case_id,
        appointment_id=appointment.id,
        once_key=f"appointment:{appointment.id}:{once}",
        starts_at=starts_at,
        now=now,
    )


def offer_another_time(missed: Appointment, *, terms: Terms, now: datetime) -> None:
    """Offer another time to who did not answer, as long after it as the scheme says, if it says so at all."""
    if terms.missed_text_hours is not None:
        tell_at_once(
            "missed_assessment" if missed.kind == "assessment" else "missed_one_to_one",
            case_id=missed.case_id,
            appointment_id=missed.id,
            once_key=f"appointment:{missed.id}:missed",
            now=now + AN_HOUR * terms.missed_text_hours,
        )


def say_another_follows(case_id: int, place_id: int, *, missed: bool, terms: Terms, now: datetime) -> None:
    """Say that another session follows: at once where they could not help it, after a miss when the scheme says."""
    wait = terms.missed_text_hours if missed else 0
    if wait is not None:
        tell_at_once(
            "missed_course" if missed else "course_another",
            case_id=case_id,
            place_id=place_id,
            once_key=f"place:{place_id}:after",
            now=now + AN_HOUR * wait,
        )


def another_follows_at(place_id: int) -> datetime | None:
    """When they are told that another session follows; None where they were already, or the scheme has no such text."""
    planned = sa.select(Text.due_at).where(
        Text.once_key == f"place:{place_id}:after", Text.state == "planned"
    )
    return db.session.scalars(planned).first()


def name_the_next(place_id: int, *, now: datetime) -> bool:
    """What would say that another session follows is not sent, for that one is named; answers whether it was to be."""
    planned = another_follows_at(place_id) is not None
    cancel_texts(place_id=place_id, kinds=AFTER_A_SESSION, because="another_offered", now=now)
    return planned


def ask_how_it_went(case: Case, *, terms: Terms, now: datetime) -> None:
    """Plan the survey, so many weeks after they completed it, where the scheme has one. It is asked once."""
    if terms.survey_weeks is not None:
        due = survey_due(now, weeks=terms.survey_weeks)
        plan_anew(
            "survey",
            case_id=case.id,
            due_at=due,
            expires_at=due + A_DAY * 2,
            once_key=f"case:{case.id}:survey",
        )


def forget_short_notice(case_id: int, *, now: datetime) -> None:
    kinds = ("place_at_short_notice",)
    cancel_texts(case_id=case_id, kinds=kinds, because="session_moved", now=now)


def forget_survey(case: Case, *, now: datetime) -> None:
    cancel_texts(case_id=case.id, kinds=("survey",), because="open_again", now=now)


def forget_appointment(appointment: Appointment, *, because: str, now: datetime) -> None:
    cancel_texts(appointment_id=appointment.id, because=because, now=now)


def forget_place(place: Place, *, because: str, now: datetime) -> None:
    cancel_texts(place_id=place.id, because=because, now=now)
