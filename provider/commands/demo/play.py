"""Lives through some weeks in one go: every scene goes on at its own moment, in the order in which it happened.

A scene is a generator that does one thing through the pathway and yields the moment at which it goes on. What lies
behind the present is left undone, so that every referral stands where it would stand today.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import count
from random import Random

from provider.kernel.calendar import at_london, is_working_day, london
from provider.kernel.database import transaction

Scene = Iterator[datetime]
AT_ONCE = 40
"""Steps in one transaction: few enough that nobody waits, many enough that it is quick."""


class Play:
    """Scenes on their way, until ``until``."""

    def __init__(self, *, until: datetime) -> None:
        self.until = until
        self._queue: list[tuple[datetime, int, Scene]] = []
        self._ticket = count()

    def add(self, scene: Scene) -> None:
        """Put a scene on. It yields its first moment before it does anything."""
        self._go_on(scene)

    def run(self) -> None:
        """Live through it all."""
        while self._queue and self._queue[0][0] <= self.until:
            with transaction():
                self._some_steps()

    def _some_steps(self) -> None:
        for _ in range(AT_ONCE):
            if self._queue and self._queue[0][0] <= self.until:
                self._go_on(heapq.heappop(self._queue)[2])

    def _go_on(self, scene: Scene) -> None:
        at = next(scene, None)
        if at is not None:
            heapq.heappush(self._queue, (at, next(self._ticket), scene))


def at_work(moment: datetime, random: Random) -> datetime:
    """A minute or forty after ``moment``, or at the start of the next working day: when somebody is at their desk."""
    moment += timedelta(minutes=random.randint(1, 40))
    here = london(moment)
    if is_working_day(here.date()) and 9 <= here.hour < 17:
        return moment
    day = here.date() if here.hour < 9 else here.date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return at_london(day, time(9, random.randint(2, 55)))
