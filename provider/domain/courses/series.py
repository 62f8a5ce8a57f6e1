"""The days of a run of sessions: the same weekdays, every week or every other, less the days nothing is held on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

MOST = 60
"""How many sessions can be put on at once."""


@dataclass(frozen=True)
class Rhythm:
    """From ``first`` on, on these ``weekdays`` (Monday 0) of every ``every``-th week, ``first``'s own included.

    It ends with the day ``until``, or after ``times`` sessions; what is None does not end it.
    """

    first: date
    weekdays: Collection[int]
    every: int
    until: date | None = None
    times: int | None = None


@dataclass(frozen=True)
class Days:
    """The days it falls on, and those passed over: a session that falls away is not made up for by ``until``.

    ``cut``: there would be more than ``MOST``.
    """

    held: tuple[date, ...]
    skipped: tuple[date, ...]
    cut: bool = False


def days_of(rhythm: Rhythm, *, closed: Callable[[date], bool]) -> Days:
    """The days of a run. ValueError for one that has no end, no weekday, or a week of nothing."""
    if rhythm.until is None and rhythm.times is None:
        raise ValueError("a run of sessions has an end")
    if not rhythm.weekdays or rhythm.every < 1:
        raise ValueError("a run of sessions has days")
    held: list[date] = []
    skipped: list[date] = []
    monday = rhythm.first - timedelta(days=rhythm.first.weekday())
    while True:
        for day in (monday + timedelta(days=weekday) for weekday in sorted(rhythm.weekdays)):
            if day < rhythm.first:
                continue
            if _is_over(rhythm, day, len(held)):
                return Days(tuple(held), tuple(skipped))
            if len(held) == MOST or len(skipped) > MOST:
                return Days(tuple(held), tuple(skipped), cut=True)
            (skipped if closed(day) else held).append(day)
        monday += timedelta(weeks=rhythm.every)


def _is_over(rhythm: Rhythm, day: date, held: int) -> bool:
    return (rhythm.until is not None and day > rhythm.until) or (
        rhythm.times is not None and held >= rhythm.times
    )
