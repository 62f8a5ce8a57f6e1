"""Plans and cancels the texts around a booking. Nothing else does.

A reminder whose moment is past is not planned, and one is worded from the live booking when it is sent, so that one
for a moved or cancelled booking cannot go out even if it was planned.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from provider.domain.courses.models import CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.messaging.outbox import cancel_texts, plan_anew, plan_text
from provider.domain.people.models import PhoneNumber
from provider.domain.people.records import takes_texts
from provider.domain.referrals.models import Case
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import at_london, london_date, next_polite

AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
NOTICE = timedelta(minutes=30)
REMINDER_TIME = time(10, 0)


def announce_first_call(case: Case, number: PhoneNumber | None, *, now: datetime) -> None:
    """Say shortly before the first call who will ring, so that it is answered: once, where the number takes texts.

    A call that is planned anew before the text went out takes the text along.
    """
    if case.next_call_at is None or number is None or not takes_texts(number):
        return
    due = next_polite(max(now, case.next_call_at - NOTICE))
    plan_anew(
        "first_contact_soon",
        case_id=case.id,
        due_at=due,
        expires_at=max(case.next_call_at, due) + AN_HOUR,
        once_key=_first_call_key(case),
    )


def forget_first_call(case: Case, *, because: str, now: datetime) -> None:
    """Nobody needs to be told any more who will ring."""
    cancel_texts(case_id=case.id, kind="first_contact_soon", because=because, now=now)


def _first_call_key(case: Case) -> str:
    return f"case:{case.id}:first_contact_soon"


def remind_of_appointment(appointment: Appointment, *, terms: Terms, booked: str, now: datetime) -> None:
    """Plan the confirmation (``booked`` is its kind of text) and the reminders that still lie ahead."""
    kind = appointment.kind
    about = {"case_id": appointment.case_id, "appointment_id": appointment.id}
    key = f"appointment:{appointment.id}"
    starts_at = appointment.starts_at
    confirmed = _confirm(booked, about, key, starts_at, now=now) or now
    _remind(f"{kind}_reminder", about, key, starts_at, days=terms.reminder_days, confirmed=confirmed)


def remind_of_place(
    place: Place, session: CourseSession, *, terms: Terms, booked: str, now: datetime
) -> None:
    """Plan the confirmation of a place and its reminders; the last one carries the link to join."""
    about = {"case_id": place.case_id, "place_id": place.id}
    key = f"place:{place.id}"
    starts_at = session.starts_at
    confirmed = _confirm(booked, about, key, starts_at, now=now) or now
    _remind("course_reminder", about, key, starts_at, days=terms.reminder_days, confirmed=confirmed)


def tell_at_once(
    kind: str,
    *,
    case_id: int,
    once_key: str,
    now: datetime,
    appointment_id: int | None = None,
    place_id: int | None = None,
    until: datetime | None = None,
) -> None:
    """Plan a text that says something that just happened, at the next polite moment; ``until`` is when it is no use."""
    due = next_polite(now)
    plan_text(
        kind,
        case_id=case_id,
        due_at=due,
        expires_at=until or due + A_DAY,
        once_key=once_key,
        appointment_id=appointment_id,
        place_id=place_id,
    )


def forget_appointment(appointment: Appointment, *, because: str, now: datetime) -> None:
    cancel_texts(appointment_id=appointment.id, because=because, now=now)


def forget_place(place: Place, *, because: str, now: datetime) -> None:
    cancel_texts(place_id=place.id, because=because, now=now)


def _confirm(
    kind: str, about: dict[str, int], key: str, starts_at: datetime, *, now: datetime
) -> datetime | None:
    """Plan the confirmation; answers when it goes out, None where that would be too late."""
    due = next_polite(now, any_hour=starts_at - now < 2 * AN_HOUR)
    if due >= starts_at:
        return None
    plan_text(kind, due_at=due, expires_at=starts_at, once_key=f"{key}:{kind}", **about)
    return due


def _remind(
    kind: str,
    about: dict[str, int],
    key: str,
    starts_at: datetime,
    *,
    days: tuple[int, ...],
    confirmed: datetime,
) -> None:
    """Plan the reminders that come well after the confirmation: two texts at once are one too many."""
    for count in days:
        day = london_date(starts_at) - timedelta(days=count)
        due = next_polite(at_london(day, REMINDER_TIME))
        if london_date(due) > london_date(confirmed):
            _plan(f"{kind}_{count}d", about, f"{key}:{count}d", due, until=due + A_DAY / 2)
    due = _an_hour_before(starts_at)
    if due - confirmed >= NOTICE:
        _plan(f"{kind}_1h", about, f"{key}:1h", due, until=starts_at)


def _plan(kind: str, about: dict[str, int], once_key: str, due: datetime, *, until: datetime) -> None:
    plan_text(kind, due_at=due, expires_at=until, once_key=once_key, **about)


def _an_hour_before(starts_at: datetime) -> datetime:
    """An hour before, or once people are up; where that is too late, all the same."""
    hour_before = starts_at - AN_HOUR
    polite = next_polite(hour_before)
    return polite if polite < starts_at else hour_before
