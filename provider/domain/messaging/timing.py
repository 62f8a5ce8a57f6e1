"""When the texts around a booking go out, and when each is no use any more: decided from plain moments.

Nobody is texted between 20:00 and 08:00 in London but about something that begins within two hours. What says that a
booking stands comes first, and a reminder only well after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from provider.domain.messaging.kinds import template_for
from provider.kernel.calendar import POLITE_UNTIL, at_london, is_bank_holiday, london_date, next_polite

AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
SOON = timedelta(hours=2)
"""What begins within this may be told at any hour."""

APART = timedelta(hours=2)
"""How far a text that can wait stays from every other one to the same person."""

NOTICE = timedelta(minutes=30)
"""How long before it a call is announced, and how far the text an hour before stays from what said it was booked."""

IN_THE_MORNING = time(10, 0)
AT_MIDDAY = time(12, 30)

_CAN_WAIT = re.compile(r"\w+_reminder_[0-9]+d|first_contact_again|waiting_list_joined|survey")


@dataclass(frozen=True)
class Reminder:
    """``when`` is how its kind ends: ``7d``, ``1h``."""

    when: str
    due_at: datetime
    expires_at: datetime


def can_wait(kind: str) -> bool:
    """Whether a text of this kind says the same an hour later."""
    return _CAN_WAIT.fullmatch(template_for(kind)) is not None


def confirmed_at(starts_at: datetime, *, now: datetime) -> datetime | None:
    """When a booking made now is confirmed; None where people are up only after it has begun."""
    due = next_polite(now, any_hour=starts_at - now < SOON)
    return due if due < starts_at else None


def reminders(
    starts_at: datetime,
    *,
    days: Sequence[int],
    hour_before: bool,
    on_bank_holidays: bool,
    after: datetime,
) -> tuple[Reminder, ...]:
    """The reminders that come well after ``after``, when the booking was confirmed; the first of them first.

    Days are London's, whatever its clock does between. Of two that fall on one day the nearer one is sent.
    """
    by_day = {
        _day(starts_at, count, on_bank_holidays=on_bank_holidays): count
        for count in sorted(days, reverse=True)
    }
    found = [_in_days(day, count) for day, count in sorted(by_day.items()) if day > london_date(after)]
    last = _an_hour_before(starts_at)
    if hour_before and last - after >= NOTICE:
        found.append(Reminder("1h", last, starts_at))
    return tuple(found)


def _day(starts_at: datetime, count: int, *, on_bank_holidays: bool) -> date:
    day = london_date(starts_at) - timedelta(days=count)
    while is_bank_holiday(day) and not on_bank_holidays:
        day -= A_DAY
    return day


def _in_days(day: date, count: int) -> Reminder:
    return Reminder(f"{count}d", at_london(day, IN_THE_MORNING), at_london(day, POLITE_UNTIL))


def _an_hour_before(starts_at: datetime) -> datetime:
    """An hour before, or once people are up; where that is too late, all the same."""
    hour_before = starts_at - AN_HOUR
    polite = next_polite(hour_before)
    return polite if polite < starts_at else hour_before


def survey_due(ended_at: datetime, *, weeks: int) -> datetime:
    """So many weeks on, in the middle of a day that is no bank holiday and no Sunday."""
    day = london_date(ended_at) + timedelta(weeks=weeks)
    return at_london(next(each for each in _days_from(day) if _is_for_asking(each)), AT_MIDDAY)


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += A_DAY


def _is_for_asking(day: date) -> bool:
    return day.weekday() < 6 and not is_bank_holiday(day)
