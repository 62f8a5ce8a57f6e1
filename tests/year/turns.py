"""A year in one go: whoever acts does so at their own moment, in the order in which it happens, a transaction each."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol

from flask import Flask

from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from tests.fakes import MovableClock

STUBBORN = 40
"""Refused so often in a row, somebody is doing what cannot be done: a fault of this year, or of the product."""


class Acts(Protocol):
    """Somebody, or something, that acts again and again."""

    by_itself: bool
    """Whether it opens its own transactions, as a worker's jobs do."""

    def act(self, now: datetime) -> datetime | None:
        """Do what is due; answers when to act again, or None for never."""


class Turns:
    """Everybody who acts, until ``until``. ``refused`` counts what the pathway refused, by code."""

    def __init__(self, app: Flask, clock: MovableClock, *, until: datetime) -> None:
        self._app, self._clock, self.until = app, clock, until
        self._queue: list[tuple[datetime, int, Acts]] = []
        self._ticket = count()
        self._in_a_row: dict[int, int] = {}
        self.refused: dict[str, int] = {}
        self.taken = 0

    def add(self, somebody: Acts, *, at: datetime) -> None:
        heapq.heappush(self._queue, (at, next(self._ticket), somebody))

    def run(self) -> None:
        """Live through it all. Needs an application context."""
        while self._queue and self._queue[0][0] <= self.until:
            at, _, somebody = heapq.heappop(self._queue)
            self._clock.set(at)
            again = self._act(somebody, at)
            self.taken += 1
            db.session.remove()
            if again is not None:
                self.add(somebody, at=max(again, at + timedelta(minutes=1)))

    def _act(self, somebody: Acts, now: datetime) -> datetime | None:
        """What is refused is undone as it would be at a door, and tried on another day."""
        try:
            if somebody.by_itself:
                again = somebody.act(now)
            else:
                with transaction():
                    again = somebody.act(now)
        except Refusal as refusal:
            return self._refused(somebody, refusal, now)
        self._in_a_row.pop(id(somebody), None)
        return again

    def _refused(self, somebody: Acts, refusal: Refusal, now: datetime) -> datetime:
        self.refused[refusal.code] = self.refused.get(refusal.code, 0) + 1
        times = self._in_a_row[id(somebody)] = self._in_a_row.get(id(somebody), 0) + 1
        if times > STUBBORN:
            raise RuntimeError(f"{somebody} was refused {times} times in a row: {refusal.code}")
        return now + timedelta(hours=7)
