"""Whether what a text is about still stands, and when it is: one rule a kind of text, read from the live booking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from provider.caseload.surveys import has_answered
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.courses.places import coming_place
from provider.domain.courses.sessions import is_open
from provider.domain.courses.waiting import free_places, waiting_of
from provider.domain.diary.models import Appointment
from provider.domain.diary.queries import booked_appointment
from provider.domain.messaging.kinds import template_for
from provider.domain.messaging.models import Text
from provider.domain.referrals.models import Case
from provider.kernel.database import db
from provider.kernel.rows import among

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class About:
    """What a text is about, as it stands now. ``gone`` says why there is nothing left to say; then the rest is empty.

    ``with_id`` is the account of whoever rings, ``held_at`` the address of a room, ``reply_by`` the end of an offer.
    """

    gone: str | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    with_id: int | None = None
    held_at: str | None = None
    reply_by: datetime | None = None


Bookings: TypeAlias = tuple[Sequence[Appointment], Sequence[tuple[Place, CourseSession]]]


def read_bookings(texts: Sequence[Text]) -> Bookings:
    """The appointments and places that texts are about, read anew; held, so that the session has them for ``about``."""
    appointment_ids = {text.appointment_id for text in texts if text.appointment_id is not None}
    place_ids = {text.place_id for text in texts if text.place_id is not None}
    appointments: Sequence[Appointment] = ()
    places: Sequence[tuple[Place, CourseSession]] = ()
    if appointment_ids:
        found = sa.select(Appointment).where(among(Appointment.id, appointment_ids))
        appointments = db.session.scalars(found.execution_options(populate_existing=True)).all()
    if place_ids:
        both = sa.select(Place, CourseSession).join(CourseSession, CourseSession.id == Place.session_id)
        both = both.where(among(Place.id, place_ids)).execution_options(populate_existing=True)
        places = [(place, session) for place, session in db.session.execute(both)]
    return appointments, places


def about(text: Text, case: Case, *, now: datetime) -> About:
    """What the text's booking says, as ``read_bookings`` found it."""
    if text.kind == "survey":
        return _survey(case)
    if case.closed_at is not None:
        return About(gone="case_closed")
    kind = template_for(text.kind)
    rule = next(rule for ends, rule in _RULES if kind.startswith(ends) or kind.endswith(ends))
    return rule(text, case, now)


def _survey(case: Case) -> About:
    if case.closed_at is None:
        return About(gone="open_again")
    return About(gone="answered") if has_answered(case.id) else About()


def _appointment(text: Text, *states: str) -> tuple[Appointment | None, About]:
    found = db.session.get(Appointment, text.appointment_id) if text.appointment_id else None
    if found is None or found.state not in states:
        return None, About(gone="booking_changed")
    return found, About(starts_at=found.starts_at, minutes=found.minutes, with_id=found.worker_id)


def _coming_call(text: Text, _case: Case, now: datetime) -> About:
    appointment, about = _appointment(text, "booked")
    if appointment is not None and appointment.starts_at <= now:
        return About(gone="started")
    return about


def _call_off(text: Text, case: Case, _now: datetime) -> About:
    _, about = _appointment(text, "cancelled", "ours_to_blame")
    return _unless_booked_again(about, case)


def _missed_call(text: Text, case: Case, _now: datetime) -> About:
    _, about = _appointment(text, "did_not_answer")
    return _unless_booked_again(about, case)


def _unless_booked_again(about: About, case: Case) -> About:
    """What is no more is still said to who was merely offered another: an offer is no booking."""
    place, waiting = coming_place(case.id), waiting_of(case.id)
    offered = place is not None and waiting is not None and waiting.offered_place_id == place.id
    anew = booked_appointment(case.id) is not None or (place is not None and not offered)
    return About(gone="booked_again") if anew else about


def _place(text: Text) -> tuple[Place, CourseSession]:
    place = db.session.get_one(Place, text.place_id)
    return place, db.session.get_one(CourseSession, place.session_id)


def _when(session: CourseSession) -> About:
    return About(starts_at=session.starts_at, minutes=session.minutes, held_at=session.held_at)


def _coming_session(text: Text, case: Case, now: datetime) -> About:
    place, session = _place(text)
    waiting = waiting_of(case.id)
    only_offered = waiting is not None and waiting.offered_place_id == place.id
    if place.released_at is not None or place.attendance is not None or only_offered:
        return About(gone="booking_changed")
    if session.state != "open":
        return About(gone="booking_changed")
    return About(gone="started") if session.starts_at <= now else _when(session)


def _session_off(text: Text, _case: Case, _now: datetime) -> About:
    """Also to who has another by now: nobody else tells them not to come to this one."""
    return _when(_place(text)[1])


def _past_session(text: Text, case: Case, _now: datetime) -> About:
    return _unless_booked_again(_when(_place(text)[1]), case)


def _offer(text: Text, case: Case, now: datetime) -> About:
    waiting = waiting_of(case.id)
    if waiting is None or waiting.offered_place_id != text.place_id or waiting.offer_ends_at is None:
        return About(gone="offer_over")
    if waiting.offer_ends_at <= now:
        return About(gone="offer_over")
    session = _place(text)[1]
    return About(starts_at=session.starts_at, minutes=session.minutes, reply_by=waiting.offer_ends_at)


def _waiting(_text: Text, case: Case, _now: datetime) -> About:
    waiting = waiting_of(case.id)
    if waiting is None or waiting.offered_place_id is not None:
        return About(gone="no_longer_waiting")
    return About(
        minutes=db.session.scalars(sa.select(Course.minutes).where(Course.id == waiting.course_id)).one()
    )


def _soon(_text: Text, case: Case, now: datetime) -> About:
    """Of no use once somebody else has the place."""
    waiting = waiting_of(case.id)
    if waiting is None or waiting.asked_session_id is None:
        return About(gone="no_longer_waiting")
    session = db.session.get_one(CourseSession, waiting.asked_session_id)
    if not is_open(session, now) or not free_places([session.id])[session.id]:
        return About(gone="offer_over")
    return _when(session)


def _first_call(_text: Text, case: Case, now: datetime) -> About:
    if case.next_call_at is None:
        return About(gone="contacted")
    return About(starts_at=max(case.next_call_at, _next_quarter(now)), with_id=case.assigned_to_id)


def _next_quarter(now: datetime) -> datetime:
    """A time somebody would say, for a call that is due already."""
    size = QUARTER.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // size + 1) * size, UTC)


def _hint(_text: Text, case: Case, _now: datetime) -> About:
    return About() if booked_appointment(case.id) is None else About(gone="booked_again")


def _answer(_text: Text, _case: Case, _now: datetime) -> About:
    """What answers a reply holds as long as it is of any use, which is when it expires."""
    return About()


_RULES: tuple[tuple[str, Callable[[Text, Case, datetime], About]], ...] = (
    ("first_contact_", _first_call),
    ("contact_letter_hint", _hint),
    ("reply_", _answer),
    ("waiting_list_joined", _waiting),
    ("place_offered", _offer),
    ("place_at_short_notice", _soon),
    ("course_cancelled", _session_off),
    ("course_another", _past_session),
    ("missed_course", _past_session),
    ("course_", _coming_session),
    ("missed_", _missed_call),
    ("_cancelled", _call_off),
    ("_sorry", _call_off),
    ("assessment_", _coming_call),
    ("one_to_one_", _coming_call),
)
"""How a kind begins or ends, and its rule; the first that fits."""
