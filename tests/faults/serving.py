"""The application in several processes under gunicorn, on a database of its own, and a police system that asks it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGQUIT, SIGTERM
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_migrate import upgrade

from config import ROOT
from provider import create_app
from provider.kernel.database import db
from scripts.processes import stop_with_parent
from tests.builders import World, build_world
from tests.conftest import settings_for
from tests.doors.police import API
from tests.fakes import A_TUESDAY
from tests.faults.served import CLOCK, DATABASE, PORT, RATE_LIMIT, WITHOUT, ClockFile

Got = TypeVar("Got")
PROCESSES, PATIENCE = 3, 60


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def replayed(self) -> bool:
        return self.headers.get("Idempotent-Replay") == "true"


@dataclass(frozen=True)
class Server:
    """A server that is up, and what it works on."""

    port: int
    world: World
    clock: ClockFile

    def ask(
        self,
        method: str,
        path: str,
        sent: object = None,
        *,
        force: str = "midshire",
        key: str = "",
        **headers: str,
    ) -> Answer:
        """One request on a connection of its own. Raises where the server goes away without an answer."""
        said = {"Authorization": f"Bearer {key or self.world.keys[force]}"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = None if sent is None else json.dumps(sent)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                method, API + path, body, said | ({"Content-Type": "application/json"} if body else {})
            )
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def count(self, statement: str, **values: Any) -> int:
        with self.world.app.app_context():
            return int(db.session.execute(sa.text(statement), values).scalar_one())


def at_once(things: Sequence[Callable[[], Got]]) -> list[Got]:
    """Each from a thread of its own, all let go at the same moment."""
    start = threading.Barrier(len(things))

    def run(thing: Callable[[], Got]) -> Got:
        start.wait(PATIENCE)
        return thing()

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(run, things))


@contextmanager
def own_database(server: str, folder: Path, name: str) -> Iterator[str]:
    """A new database beside the one that ``server`` names."""
    url = sa.make_url(server)
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{folder / 'served.db'}"
        return
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    name = f"{url.database}_{name}"
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def new_world(url: str, folder: Path) -> tuple[World, ClockFile]:
    clock = ClockFile(folder / "clock")
    clock.set(A_TUESDAY)
    app = create_app(settings_for(url), clock=clock)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    return build_world(app), clock


@contextmanager
def served(
    world: World, clock: ClockFile, *, rate_limit: int = 1_000_000, without: str = ""
) -> Iterator[Server]:
    """The application in several processes on this world's database; stopped by their master's process id.

    ``without`` names the protection that a control takes away: ``claim`` or ``count``.
    """
    environment = {
        **os.environ,
        DATABASE: world.app.config["SQLALCHEMY_DATABASE_URI"],
        CLOCK: str(clock.path),
        RATE_LIMIT: str(rate_limit),
        WITHOUT: without,
    }
    with gunicorn("tests.faults.served:application()", environment, processes=PROCESSES, threads=8) as port:
        server = Server(port, world, clock)
        _wait_for_every_process(server)
        yield server


@contextmanager
def gunicorn(
    application: str, environment: Mapping[str, str], *, processes: int, threads: int
) -> Iterator[int]:
    """The port at which an application is served as in production, and told; stopped by the master's process id."""
    with socket.socket() as listening:
        # Held open and handed down, so that nobody else is given the port in between.
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        size = ["--worker-class", "gthread", "--workers", str(processes), "--threads", str(threads)]
        quietly = ["--preload", "--graceful-timeout", "1", "--no-control-socket", "--log-level", "critical"]
        master = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                application,
                *size,
                *quietly,
                "--bind",
                f"fd://{listening.fileno()}",
            ],
            cwd=ROOT,
            env={**environment, PORT: str(listening.getsockname()[1])},
            pass_fds=[listening.fileno()],
            preexec_fn=stop_with_parent(SIGTERM),
        )
        try:
            yield int(listening.getsockname()[1])
        finally:
            master.send_signal(SIGQUIT)  # gunicorn's quick stop
            master.wait(PATIENCE)


def _wait_for_every_process(server: Server) -> None:
    """Whoever comes first waits in the socket's queue; asked often enough at once, all of them answer."""
    seen: set[str] = set()
    while len(seen) < PROCESSES:
        asked = [lambda: server.ask("GET", "/openapi.json")] * (2 * PROCESSES)
        seen |= {answer.headers["X-Process"] for answer in at_once(asked)}
