"""The API as it is served: gunicorn on loopback, on the database of this test, by a clock that hurries.

A second of ours is a minute there, so that no rate limit stands in the way for long.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from signal import SIGTERM

from flask import Flask

from config import ROOT
from provider import create_app
from scripts.processes import stop_with_parent
from tests.conftest import settings_for
from tests.fakes import A_TUESDAY, MovableClock, Phones

START_SECONDS = 30
HURRY = 60


class HurriedClock:
    def __init__(self) -> None:
        self.started = time.monotonic()

    def now(self) -> datetime:
        return A_TUESDAY + HURRY * timedelta(seconds=time.monotonic() - self.started)


def application() -> Flask:
    """What gunicorn serves."""
    settings = settings_for(os.environ["LIVE_DATABASE_URL"], api_rate_limit=1_000_000)
    return create_app(settings, clock=HurriedClock(), text_gateway=Phones(MovableClock()))


@contextmanager
def live(database_url: str) -> Iterator[str]:
    """The address of a server of this database; stopped by its process id."""
    with socket.socket() as listening:
        # Held open and handed down, so that nobody else is given the port in between.
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        port = listening.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "tests.contracts.live:application()"]
        size = ["--worker-class", "gthread", "--workers", "1", "--threads", "8", "--no-control-socket"]
        server = subprocess.Popen(
            [*command, *size, "--bind", f"fd://{listening.fileno()}", "--log-level", "error"],
            cwd=ROOT,
            env={**os.environ, "LIVE_DATABASE_URL": database_url},
            pass_fds=[listening.fileno()],
            preexec_fn=stop_with_parent(SIGTERM),
        )
        try:
            _wait_until_ready(server, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as asking:
        asking.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        asking.settimeout(max(0.1, deadline - time.monotonic()))
        answer = asking.recv(64)
    assert b" 200 " in answer, (server.poll(), answer)
