"""What a case holds for its person – a time in the diary, a place, a turn on the waiting list – given back."""

from __future__ import annotations

from datetime import datetime

from provider.domain.courses.places import coming_place, release_place
from provider.domain.courses.waiting import leave_waiting_list, waiting_of
from provider.domain.diary.appointments import settle
from provider.domain.diary.queries import booked_appointment
from provider.domain.messaging.outbox import cancel_texts, kill_links
from provider.domain.referrals.models import Case


def give_back(case: Case, *, because: str, now: datetime) -> None:
    """Give back all that a case holds, and send nothing more about it. A job offers a freed place to who waits.

    A call whose time has come is not held any more: how it went can still be said.
    """
    appointment = booked_appointment(case.id)
    if appointment is not None and appointment.starts_at > now:
        settle(appointment, state="cancelled", now=now)
    waiting = waiting_of(case.id)
    if waiting is not None:
        leave_waiting_list(waiting, because=because, now=now)
    place = coming_place(case.id)
    if place is not None:
        release_place(place, because=because, now=now)
    cancel_texts(case_id=case.id, because=because, now=now)
    kill_links(case_id=case.id, now=now)
