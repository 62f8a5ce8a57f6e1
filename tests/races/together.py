"""Runs things at the same moment, each in a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from provider.kernel.errors import Refusal

PATIENCE = 10


def at_once(app: Flask, things: Sequence[Callable[[], Any]], *, threads: int | None = None) -> list[Any]:
    """What each answered, or the Refusal it raised, in the order given. Anything else that is raised is raised here."""
    start = threading.Barrier(threads or len(things))

    def run(thing: Callable[[], Any]) -> Any:
        with app.app_context():
            if threads is None:
                start.wait(PATIENCE)
            try:
                return thing()
            except Refusal as refusal:
                return refusal

    with ThreadPoolExecutor(threads or len(things)) as pool:
        return list(pool.map(run, things))


class MeetOnce:
    """Wraps a function so that, the first time each thread is past it, all wait for each other.

    Only where the database lets them: SQLite's writers take turns, and none could ever reach a second one.
    """

    def __init__(self, function: Callable[..., Any], *, parties: int, when: bool) -> None:
        self.function, self.when = function, when
        self.barrier = threading.Barrier(parties)
        self.been = threading.local()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        answer = self.function(*args, **kwargs)
        if self.when and not getattr(self.been, "here", False):
            self.been.here = True
            self.barrier.wait(PATIENCE)
        return answer
