"""A storm: a web process, Twilio on a bad day, and workers that are killed, around one database."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from signal import SIGTERM
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import ProxyHandler, build_opener

import sqlalchemy as sa

from config import ROOT
from provider.domain.contact.models import Task
from provider.domain.courses.models import Waiting
from provider.domain.messaging.doubts import digest
from provider.domain.messaging.models import Text
from provider.domain.messaging.outbox import plan_text
from provider.kernel.database import db, transaction
from scripts.processes import stop_with_parent
from tests.builders import World
from tests.cases import add_case
from tests.faults.serving import gunicorn
from tests.faults.stormy import Order, Weather

NUMBERS = 1000
"""So many mobile numbers belong to nobody: with more people than that, some have one together."""

_local = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Outcome:
    """What was to go out, by id; what the network took, as it was sent; and how it is known here."""

    expected: frozenset[str]
    taken: Sequence[dict[str, str]]
    stored: Sequence[Text]
    asked: int
    counts: Counter[str]
    killed: int
    left: int
    stormed: float
    seconds: float

    @property
    def times(self) -> Counter[str]:
        """How many times each text reached the network."""
        return Counter(parse_qs(urlsplit(one["StatusCallback"]).query)["text"][0] for one in self.taken)

    @property
    def doubled(self) -> set[str]:
        return {text for text, times in self.times.items() if times > 1}

    @property
    def lost(self) -> frozenset[str]:
        return self.expected - set(self.times)

    @property
    def known_by(self) -> Counter[str]:
        return Counter(text.known_by or "nobody" for text in self.stored)

    @property
    def as_sent(self) -> bool:
        """Whether every text is known here by the name and the words under which the network took it."""
        there = {(one["sid"], digest(one["Body"])) for one in self.taken}
        return {(text.provider_id, text.body_digest) for text in self.stored} == there


class Storm:
    def __init__(self, world: World, weather: Weather, workers: subprocess.Popen[str]) -> None:
        self._world, self._weather, self._workers = world, weather, workers
        self._clock = weather.clock

    def plant(self, texts: int, *, within: float) -> None:
        """A text each for people on the waiting list, due one after the other ``within`` so many seconds from now."""
        known = [add_case(self._world, mobile=f"+4477009{number % NUMBERS:05}") for number in range(texts)]
        now = self._clock.now()
        with self._world.app.app_context(), transaction() as session:
            for number, one in enumerate(known):
                session.add(
                    Waiting(case_id=one.case_id, course_id=self._world.courses["awareness"], joined_at=now)
                )
                due_at = now + timedelta(seconds=number / texts * within * self._clock.speed)
                plan_text(
                    "waiting_list_joined",
                    case_id=one.case_id,
                    due_at=due_at,
                    expires_at=due_at + timedelta(days=1),
                    once_key=f"storm:{number}",
                )

    def rage(self, order: Order) -> Outcome:
        assert self._workers.stdin is not None
        assert self._workers.stdout is not None
        self._workers.stdin.write(json.dumps(asdict(order)) + "\n")
        self._workers.stdin.flush()
        done = json.loads(self._workers.stdout.readline())
        ledger = json.load(_local.open(f"{self._weather.twilio}/ledger", timeout=60))
        with self._world.app.app_context():
            stored = db.session.scalars(sa.select(Text).order_by(Text.id)).all()
            asked = sa.select(sa.func.count()).select_from(Task).where(Task.kind == "text_unknown")
            return Outcome(
                expected=frozenset(text.public_id for text in stored),
                taken=ledger["taken"],
                stored=stored,
                asked=db.session.execute(asked).scalar_one(),
                counts=Counter(ledger["counts"]),
                killed=int(done["killed"]),
                left=int(done["left"]),
                stormed=done["stormed"],
                seconds=done["seconds"],
            )


@contextmanager
def storm(world: World, *, seed: int) -> Iterator[Storm]:
    """Everything is started, and stopped again by its process id. No worker lives before it is ordered to."""
    weather = Weather(world.app.config["SQLALCHEMY_DATABASE_URI"], time.monotonic(), _slowness())
    sky = json.dumps({"seed": seed, **asdict(weather.clock)})
    with _python("tests.stand_ins.stormy_twilio", sky) as twilio:
        assert twilio.stdout is not None
        weather = replace(weather, twilio=f"http://127.0.0.1:{int(twilio.stdout.readline())}")
        with gunicorn(
            "tests.faults.stormy:application()", weather.environment, processes=1, threads=4
        ) as port:
            weather = replace(weather, public=f"http://127.0.0.1:{port}")
            with _python("tests.faults.stormy", environment=weather.environment) as workers:
                yield Storm(world, weather, workers)


def _slowness() -> float:
    """How much of the clock passes while this process works for a tenth of a second, in tenths."""
    began, worked = time.monotonic(), time.process_time()
    while time.process_time() - worked < 0.1:
        pass
    return max((time.monotonic() - began) / 0.1, 1.0)


@contextmanager
def _python(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[Any]:
    child = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=stop_with_parent(SIGTERM),
    )
    try:
        yield child
    finally:
        child.terminate()
        child.communicate()
