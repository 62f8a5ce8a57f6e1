"""How many places will be needed in the weeks to come, with a range, and how many sessions that takes.

Plain counts in, plain counts out. Weeks are numbered from 0, the one that has begun; people may be fractions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WEEKS = 8
EIGHT_IN_TEN = 1.2816
"""Standard deviations to either side that hold eight outcomes in ten, where many small chances add up."""

LEARNT_FROM = 10
"""What is assumed weighs as much as so many people of whom it is known."""


@dataclass(frozen=True)
class Chance:
    """So many ``people`` who each come to need a place with chance ``likely``, ``weeks[w]`` of them in week ``w``.

    ``weeks`` sums to 1 or, where some will need theirs only later, to less. ``to_come``: nobody knows yet who they are,
    so that how many they are is a matter of chance as well.
    """

    people: float
    likely: float
    weeks: Sequence[float]
    to_come: bool = False


@dataclass(frozen=True)
class Needed:
    """Places needed in one week: ``likely``, and with eight chances in ten from ``low`` to ``high``."""

    likely: float
    low: int
    high: int


def share(times: int, of: int, *, assumed: float) -> float:
    """The share that ``times`` ``of`` so many shows, drawn to what is assumed while there are few."""
    return (times + assumed * LEARNT_FROM) / (of + LEARNT_FROM)


def spread(weeks: Iterable[int], *, assumed: Sequence[float]) -> tuple[float, ...]:
    """How waits of so many whole weeks are spread over the weeks, drawn to what is assumed while there are few.

    Waits past the last week count in none.
    """
    counts = [assumed[week] * LEARNT_FROM for week in range(WEEKS)]
    people = float(LEARNT_FROM)
    for wait in weeks:
        people += 1
        if wait < WEEKS:
            counts[wait] += 1
    return tuple(count / people for count in counts)


def forecast(chances: Iterable[Chance], *, misses: float, again_after: int = 2) -> tuple[Needed, ...]:
    """Places needed in each of the next eight weeks.

    ``misses`` is the share of places after which somebody needs another one, ``again_after`` so many weeks later.
    """
    means, variances = [0.0] * WEEKS, [0.0] * WEEKS
    for chance in chances:
        for week in range(WEEKS):
            here = chance.likely * chance.weeks[week]
            means[week] += chance.people * here
            variances[week] += chance.people * here * (1 if chance.to_come else 1 - here)
    for week in range(again_after, WEEKS):
        means[week] += means[week - again_after] * misses
        variances[week] += variances[week - again_after] * misses**2 + means[week - again_after] * misses * (
            1 - misses
        )
    return tuple(_needed(mean, variance) for mean, variance in zip(means, variances, strict=True))


def _needed(mean: float, variance: float) -> Needed:
    either_side = EIGHT_IN_TEN * math.sqrt(variance)
    # Half a person more on both sides: people are whole, the curve is not.
    rough = 0.5 if variance > 0 else 0.0
    low, high = mean - either_side - rough, mean + either_side + rough
    return Needed(mean, max(math.floor(low + 1e-9), 0), max(math.ceil(high - 1e-9), 0))


def left_waiting(needed: Sequence[float], free: Sequence[int]) -> tuple[float, ...]:
    """Who is still without a place at the end of each week, where whoever waits longest is placed first."""
    waiting, left = 0.0, []
    for need, places in zip(needed, free, strict=True):
        waiting = max(waiting + need - places, 0.0)
        left.append(waiting)
    return tuple(left)


def sessions_short(
    needed: Sequence[float], free: Sequence[int], *, capacity: int, fewest: int, from_week: int
) -> tuple[int, ...]:
    """How many more sessions each week takes, from the first week in which one can still be put on.

    One is put on for ``fewest`` people who would else be without a place at the end of the week, or for fewer once
    somebody would have been so for a second week.
    """
    more, places = [0] * len(needed), list(free)
    for week in range(from_week, len(needed)):
        left = left_waiting(needed, places)
        waits_since = week > 0 and left[week - 1] >= 0.5
        if left[week] >= fewest or (waits_since and left[week] >= 0.5):
            more[week] = max(math.ceil((left[week] - 0.5) / capacity), 1)
            places[week] += more[week] * capacity
    return tuple(more)


def extra_places(capacity: int, *, show_rate: float, most: int) -> int:
    """How many more places than there are seats a session may give, where so many of those placed come.

    As many as keep those who are expected within the seats, and never more than ``most``.
    """
    if not 0 < show_rate <= 1:
        raise ValueError("a show rate is a share of those placed")
    return max(min(math.floor(capacity / show_rate + 1e-9) - capacity, most), 0)
