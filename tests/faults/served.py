"""What gunicorn serves in these tests: the application itself, with what a test asks for done to it from outside.

A request says by its headers what shall happen to it: ``X-Linger``, how many seconds whoever has taken an
Idempotency-Key does nothing, and ``X-Claimed``, a file that is there from then on; ``X-Dies``, where its process is
killed, ``before`` or ``after`` the commit.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from provider import create_app
from provider.domain.forces import idempotency
from provider.domain.forces.rate_limits import WINDOW, Counted
from provider.kernel.database import transaction
from provider.web.api import access, once
from tests.conftest import settings_for

CLOCK, DATABASE, RATE_LIMIT, WITHOUT = (
    "SERVED_CLOCK",
    "SERVED_DATABASE",
    "SERVED_RATE_LIMIT",
    "SERVED_WITHOUT",
)
PORT = "SERVED_PORT"
_asked = threading.local()


class ClockFile:
    """A clock that the test moves and every process reads."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text())

    def set(self, at: datetime) -> None:
        beside = self.path.with_suffix(".new")
        beside.write_text(at.isoformat())
        beside.replace(self.path)


def application() -> Flask:
    settings = settings_for(os.environ[DATABASE], api_rate_limit=int(os.environ[RATE_LIMIT]))
    app = create_app(settings, clock=ClockFile(Path(os.environ[CLOCK])))
    for protection in filter(None, os.environ[WITHOUT].split()):
        {"claim": _keep_answers_apart, "count": _count_by_process}[protection]()
    _instead_of(once, "claim", _lingering(vars(once)["claim"]))
    event.listen(Session, "before_commit", lambda _session: _die_if_asked("before"))
    app.wsgi_app = Outside(app, app.wsgi_app)  # type: ignore[method-assign]
    return app


class Outside:
    """Stands between gunicorn and the application: when this returns, nothing of the answer has been sent."""

    def __init__(self, app: Flask, inside: Callable[..., Iterable[bytes]]) -> None:
        self.app, self.inside = app, inside

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _asked.linger = float(environ.get("HTTP_X_LINGER", 0))
        _asked.claimed = environ.get("HTTP_X_CLAIMED")
        _asked.dies = environ.get("HTTP_X_DIES")
        _asked.kept_apart = None

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, ("X-Process", str(os.getpid()))], *more)

        answer = self.inside(environ, start)
        _die_if_asked("after")
        self._keep_apart()
        return answer

    def _keep_apart(self) -> None:
        if _asked.kept_apart is None:
            return
        request, answer, now = _asked.kept_apart
        time.sleep(_asked.linger)
        with self.app.app_context(), transaction():
            if idempotency.claim(request, now=now) is None:
                idempotency.keep(request, answer)


def _instead_of(module: ModuleType, name: str, stand_in: Callable[..., Any]) -> None:
    vars(module)[name] = stand_in


def _die_if_asked(place: str) -> None:
    if getattr(_asked, "dies", None) == place:
        os.kill(os.getpid(), signal.SIGKILL)


def _lingering(claim: Callable[..., Any]) -> Callable[..., Any]:
    def linger(request: idempotency.Request, *, now: datetime) -> Any:
        first = claim(request, now=now)
        if first is None:
            if _asked.claimed:
                Path(_asked.claimed).touch()
            time.sleep(_asked.linger)
        return first

    return linger


def _keep_answers_apart() -> None:
    """The protection taken away: looked up before, and kept in a transaction of its own when all is done."""

    def look(request: idempotency.Request, *, now: datetime) -> Any:
        _asked.now = now
        return idempotency.first_answer(request, now=now)

    def remember(request: idempotency.Request, answer: idempotency.FirstAnswer) -> None:
        _asked.kept_apart = (request, answer, _asked.now)

    _instead_of(once, "claim", look)
    _instead_of(once, "keep", remember)


def _count_by_process() -> None:
    """The protection taken away: every process counts for itself."""
    counts: Counter[str] = Counter()

    def count(key: str, *, now: datetime) -> Counted:
        counts[key] += 1
        return Counted(counts[key], now + WINDOW)

    _instead_of(access, "count_use", count)
