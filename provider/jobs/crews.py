"""Threads that take one thing after another from a queue: as many as there is work for, until there is no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Crew(Generic[T]):
    """``most`` threads at the most, each of which does ``work`` until it takes nothing any more.

    Left as a context, it waits until all that was put in is done. What ``work`` raises ends the thread it was in.
    """

    def __init__(self, name: str, most: int, work: Callable[[], None]) -> None:
        self._waiting: SimpleQueue[T | None] = SimpleQueue()
        self._threads = ThreadPoolExecutor(most, name)
        self._most, self._work, self._size = most, work, 0

    def put(self, one: T) -> None:
        self._waiting.put(one)

    def grow(self, wanted: int) -> None:
        """Be so many at least, as far as there may be."""
        while self._size < min(wanted, self._most):
            self._threads.submit(self._work)
            self._size += 1

    def take(self) -> T | None:
        """The next, as soon as there is one; None where all is done."""
        return self._waiting.get()

    def take_some(self, most: int) -> Sequence[T]:
        """The next, as soon as there is one, and what waits behind it; nothing where all is done."""
        first = self._waiting.get()
        if first is None:
            return ()
        taken = [first]
        while len(taken) < most and not self._waiting.empty():
            try:
                one = self._waiting.get_nowait()
            except Empty:
                break
            if one is None:
                # That all is done is said once to each.
                self._waiting.put(None)
                break
            taken.append(one)
        return taken

    def __enter__(self) -> Crew[T]:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _at: TracebackType | None
    ) -> None:
        for _ in range(self._size):
            self._waiting.put(None)
        self._threads.shutdown()
