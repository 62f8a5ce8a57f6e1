"""When a worker works, on London's clock, and how their calls are laid out in it. Pure: nothing is read or stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from provider.kernel.calendar import at_london, is_bank_holiday

A_DAY = 24 * 60
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Valid:
    """Something that holds from one London day to another, both included; without an end until it is changed."""

    valid_from: date
    valid_until: date | None

    def on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True)
class Hours(Valid):
    """A stretch of one weekday (Monday 0), in minutes after midnight on London's clock; 1440 is the next midnight."""

    weekday: int
    from_minute: int
    until_minute: int


@dataclass(frozen=True)
class Lunch:
    """So many minutes in one piece are kept free between two times of day."""

    from_minute: int
    until_minute: int
    minutes: int


@dataclass(frozen=True)
class Layout(Valid):
    """``buffer_minutes`` stay free after a call and before the next; ``most_calls`` a London day, None for no limit."""

    buffer_minutes: int = 0
    most_calls: int | None = None
    lunch: Lunch | None = None
    bank_holidays: bool = False


ANY_TIME = Layout(date.min, None)
"""How calls are laid out where nothing was said: back to back, as many as fit, on no bank holiday."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of time of one London day in which somebody works."""

    day: date
    starts_at: datetime
    ends_at: datetime


def layout_on(day: date, layouts: Iterable[Layout]) -> Layout:
    return next((layout for layout in layouts if layout.on(day)), ANY_TIME)


def stretches(
    hours: Sequence[Hours],
    layouts: Sequence[Layout],
    days: Iterable[date],
    *,
    closed: Collection[date] = frozenset(),
) -> list[Stretch]:
    """Working time on ``days``, in the order of the clock; none on a bank holiday, unless they work those, and none on
    one of those ``closed``.

    The clock is London's, so the night in October that has 01:00 twice has an hour more between 00:30 and 02:30, and
    the one in March an hour less. Hours that name a time which is there twice begin and end at the first of the two.
    """
    found = (
        Stretch(day, moment(day, each.from_minute), moment(day, each.until_minute))
        for day in days
        if day not in closed and (not is_bank_holiday(day) or layout_on(day, layouts).bank_holidays)
        for each in hours
        if each.weekday == day.weekday() and each.on(day)
    )
    return sorted((one for one in found if one.starts_at < one.ends_at), key=lambda one: one.starts_at)


def in_one_piece(found: Iterable[Stretch]) -> list[tuple[datetime, datetime]]:
    """Working time with what touches put together: a call may run over midnight, or from one stretch into the next."""
    pieces: list[tuple[datetime, datetime]] = []
    for one in found:
        if pieces and one.starts_at <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], one.ends_at))
        else:
            pieces.append((one.starts_at, one.ends_at))
    return pieces


@lru_cache(maxsize=4096)
def moment(day: date, minute: int) -> datetime:
    """The moment at which London's clock is so many minutes past the midnight that ``day`` begins with."""
    if minute == A_DAY:
        return at_london(day + ONE_DAY, time(0))
    return at_london(day, time(minute // 60, minute % 60))


def around(days: Sequence[date]) -> list[date]:
    """The days with the one before and the one after: what somebody works at night may touch them."""
    return [days[0] - ONE_DAY, *days, days[-1] + ONE_DAY] if days else []
