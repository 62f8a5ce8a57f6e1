"""Open times that a person may choose for their call, a day at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from provider.caseload.call_to_book import call_to_book
from provider.caseload.participant_page import NOTICE, ComingCall, coming_call
from provider.caseload.text_facts import terms_served_under
from provider.domain.diary.queries import booked_appointment, slots_between
from provider.kernel.calendar import london_date

LOOK_AHEAD = timedelta(days=14)
DAYS_OFFERED = 10


@dataclass(frozen=True)
class TimesPage:
    """The days with an open time, and the open times of the day looked at. ``call``: as it stands; None where it has no
    time yet."""

    call: ComingCall | None
    days: tuple[date, ...]
    day: date | None
    times: tuple[datetime, ...]


def times_page(case_id: int, day: date | None, *, now: datetime) -> TimesPage | None:
    """Open times for the call, by day; the first day with one where none is asked for. None where nothing is coming."""
    call, appointment = coming_call(case_id, now=now), booked_appointment(case_id)
    if call is None or appointment is None:
        return None
    soonest = now + NOTICE
    slots = slots_between(soonest, now + LOOK_AHEAD, minutes=call.minutes, now=now, moving=appointment.id)
    starts = [slot.starts_at for slot in slots if slot.starts_at != call.starts_at]
    return _page(call, starts, day)


def times_to_book(case_id: int, day: date | None, *, now: datetime) -> TimesPage | None:
    """The same for the call that comes next and has no time yet. None where there is none such."""
    terms = terms_served_under(case_id)
    if terms is None or call_to_book(case_id) is None:
        return None
    slots = slots_between(now + NOTICE, now + LOOK_AHEAD, minutes=terms.assessment_minutes, now=now)
    return _page(None, [slot.starts_at for slot in slots], day)


def _page(call: ComingCall | None, starts: Sequence[datetime], day: date | None) -> TimesPage:
    days = tuple(sorted({london_date(start) for start in starts})[:DAYS_OFFERED])
    shown = day if day in days else next(iter(days), None)
    return TimesPage(call, days, shown, tuple(start for start in starts if london_date(start) == shown))
