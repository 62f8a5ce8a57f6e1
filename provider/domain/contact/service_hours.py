"""When somebody is here who reads what is written to us, and when somebody who asked for it is rung."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from provider.domain.contact.times import WINDOWS, Window, first_in, suiting
from provider.kernel.calendar import WORKING_DAY_ENDS, at_london, is_working_day, london, london_date

OPENS = time(9)
CLOSES = WORKING_DAY_ENDS


def are_open(now: datetime, *, closures: Collection[date]) -> bool:
    """Whether it is a working day between nine and five in London."""
    there = london(now)
    return is_working_day(there.date(), closures=closures) and OPENS <= there.time() < CLOSES


def when_to_ring(
    now: datetime, *, closures: Collection[date], asked: str | None = None, best_times: str | None = None
) -> datetime:
    """When somebody who wants to be rung is rung: on a working day, at the time of day that suits them, never at night.

    ``asked`` is what they wrote just now and goes before ``best_times``, which they once said. At five in the
    afternoon whoever asked for the evening is still rung that day; whoever asked for no time, while we are here.
    """
    windows = suiting(asked) or suiting(best_times) or (_HERE,)
    begin = now
    if asked and any(word in asked.casefold() for word in _TOMORROW):
        begin = at_london(london_date(now) + timedelta(days=1), time(0))
    return first_in(windows, at_or_after=begin, closures=closures)[0]


_TOMORROW = ("tomorrow", "yfory")
_HERE = Window(WINDOWS[0].part, OPENS, CLOSES)
