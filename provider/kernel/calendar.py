"""London days, working days and polite hours.

Moments are stored and compared in UTC; people live, and the law counts, in London. No clock is read here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
POLITE_FROM = time(8)
POLITE_UNTIL = time(20)
WORKING_DAY_ENDS = time(17)
QUARTER_HOUR = 900


def london(moment: datetime) -> datetime:
    """The same moment on London's clock. ``moment`` is aware; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset has no place on London's clock")
    return moment.astimezone(LONDON)


def london_date(moment: datetime) -> date:
    """The day it is in London at ``moment``."""
    return london(moment).date()


def at_london(day: date, clock_time: time) -> datetime:
    """The moment, in UTC, at which London's clock shows ``clock_time`` on ``day``.

    Where the clock shows it twice (the last Sunday of October, 01:00–02:00) it is the first of the two. Where
    it never shows it (the last Sunday of March, 01:00–02:00) it is as long after the change as the time asked
    for was after 01:00 on a clock not put forward: 01:30 is 02:30 summer time.
    """
    return datetime.combine(day, clock_time.replace(tzinfo=None, fold=0), LONDON).astimezone(UTC)


def comes_twice(moment: datetime) -> bool:
    """Whether London's clock shows that time of day twice that night: an hour before it was there, or will be after."""
    there = london(moment)
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_bank_holiday(day: date) -> bool:
    """Whether ``day`` is a bank holiday in England."""
    return day in _bank_holidays(day.year)


def is_working_day(day: date, *, closures: Collection[date] = ()) -> bool:
    """Whether ``day`` is Monday to Friday, no bank holiday in England, no closure of the service."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year) and day not in closures


def add_working_days(day: date, count: int, *, closures: Collection[date] = ()) -> date:
    """The ``count``-th working day after ``day``; for 0, ``day`` itself or, where it is none, the next one.

    ValueError for a negative count.
    """
    if count < 0:
        raise ValueError("working days are counted forwards")
    if count == 0:
        count, day = 1, day - timedelta(days=1)
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, closures=closures)
    return day


def working_days_between(first: date, last: date, *, closures: Collection[date] = ()) -> int:
    """How many working days come after ``first``, up to and including ``last``."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(is_working_day(day, closures=closures) for day in days)


def end_of_working_day(day: date) -> datetime:
    """The moment, in UTC, when the working day ``day`` ends: 17:00 in London."""
    return at_london(day, WORKING_DAY_ENDS)


def next_polite(moment: datetime, *, any_hour: bool = False) -> datetime:
    """The first moment from ``moment`` on, in UTC, when a text may arrive: 08:00 until 20:00 in London.

    ``any_hour`` is for the few texts that are useless later (an answer to what the person has just done).
    """
    there = london(moment)
    if any_hour or POLITE_FROM <= there.time() < POLITE_UNTIL:
        return moment.astimezone(UTC)
    day = there.date() if there.time() < POLITE_FROM else there.date() + timedelta(days=1)
    return at_london(day, POLITE_FROM)


def age_on(date_of_birth: date, day: date) -> int:
    """Whole years of age on ``day``; negative before birth.

    An age is reached at the start of the birthday (Family Law Reform Act 1969 s. 9); who was born on
    29 February reaches it on 1 March where the year has no such day.
    """
    not_yet = (day.month, day.day) < (date_of_birth.month, date_of_birth.day)
    return day.year - date_of_birth.year - not_yet


def quarter_hours(starts_at: datetime, minutes: int) -> range:
    """The numbers of the quarter hours of UTC, counted from 1970, that something of ``minutes`` touches.

    A quarter hour touched at all is taken whole: 10:05 for 15 minutes takes two. ValueError below a minute.
    """
    if minutes < 1:
        raise ValueError("an appointment has a length")
    if starts_at.tzinfo is None:
        raise ValueError("a moment without an offset has no quarter hour")
    ends_at = starts_at + timedelta(minutes=minutes)
    return range(int(starts_at.timestamp() // QUARTER_HOUR), -int(-ends_at.timestamp() // QUARTER_HOUR))
