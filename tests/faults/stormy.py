"""The application as it stands in a storm: a clock that runs fast, Twilio on a bad day, workers that are killed.

``python -m tests.faults.stormy`` starts workers, two at a time, and kills them with SIGKILL at random instants; each
line it reads is an order, each line it prints says what it did. Workers are forked from a process that has everything
loaded, so that starting one costs next to nothing.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from provider import create_app
from provider.domain.messaging import dispatch, twilio
from provider.domain.messaging.gateways import NotSent, SendUnknown, Sent
from provider.domain.messaging.models import Text
from provider.domain.messaging.network import text_gateway_for
from provider.domain.messaging.pace import Pace
from provider.jobs.acting import act_on_callbacks
from provider.jobs.redacting import redact
from provider.jobs.run import run, work
from provider.jobs.settling import settle_unknown_texts
from provider.jobs.shift import Job, Shift
from provider.jobs.texting import send_due_texts
from provider.kernel.database import db, transaction
from provider.pathway import sending
from tests.conftest import settings_for
from tests.faults.served import PORT
from tests.stand_ins.twilio import ACCOUNT, SERVICE
from tests.swift import SwiftClock

WEATHER = "STORM_WEATHER"
AT_A_TIME = 2
SPEED = 40.0
"""How much faster than the machine's the clock runs; less where the machine is busy."""

PACE = Pace(lease=timedelta(seconds=100))
"""Two and a half seconds of a quiet machine; the grace is the usual one."""

PATIENCE = {"CONNECT_SECONDS": 0.3, "READ_SECONDS": 0.3, "TOTAL_SECONDS": 0.45}
"""How long a call takes at the most, in seconds of a quiet machine: sockets know no other clock."""

JOBS = (
    Job("act on callbacks", timedelta(seconds=0.1), act_on_callbacks),
    Job("send texts", timedelta(seconds=0.05), send_due_texts),
    Job("settle unknown texts", timedelta(seconds=0.2), settle_unknown_texts),
    Job("redact what is over", timedelta(seconds=0.5), redact),
)


@dataclass(frozen=True)
class Weather:
    """What every process of a storm is told. ``twilio`` and ``public`` are addresses; a server knows its own.

    ``slowness``: how many times as long as on a quiet machine everything takes.
    """

    database: str
    started: float
    slowness: float
    twilio: str = ""
    public: str = ""

    @property
    def clock(self) -> SwiftClock:
        return SwiftClock(self.started, SPEED / self.slowness)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, WEATHER: json.dumps(asdict(self))}


def application() -> Flask:
    weather = Weather(**json.loads(os.environ[WEATHER]))
    vars(twilio).update({name: seconds * weather.slowness for name, seconds in PATIENCE.items()})
    settings = settings_for(
        weather.database,
        public_url=weather.public or f"http://127.0.0.1:{os.environ[PORT]}",
        twilio_account_sid=ACCOUNT,
        twilio_messaging_service_sid=SERVICE,
        twilio_api_base_url=weather.twilio,
    )
    return create_app(settings, clock=weather.clock)


def _ours(app: Flask) -> None:
    work(app, jobs=JOBS, pace=PACE)


def _send_then_mark(app: Flask) -> None:
    """The protection taken away: what was not marked as sent is due, and is sent."""
    shift = Shift(app)
    at = shift.settings.public_url
    while True:
        with app.app_context(), transaction():
            claimed = sending.claim_due(limit=1, worker="control", public_url=at, now=shift.now())
            for ready in claimed.ready:
                text = db.session.get_one(Text, ready.text_id)
                try:
                    dispatch.record_sent(text, _send(shift, ready), known_by="answer", now=shift.now())
                except (NotSent, SendUnknown):
                    dispatch.plan_again(text, due_at=shift.now(), because="failed")
        time.sleep(0 if claimed.looked_at else 0.02)


def _send(shift: Shift, ready: sending.Ready) -> Sent:
    return shift.texts.send(
        to=ready.to,
        body=ready.body,
        callback_url=f"{shift.settings.public_url}/webhooks/twilio/status?text={ready.public_id}",
        valid_seconds=ready.valid_seconds,
    )


WORKERS: dict[str, Callable[[Flask], None]] = {"ours": _ours, "control": _send_then_mark}


@dataclass(frozen=True)
class Order:
    """Kill so many workers, each after it lived at random up to ``live`` seconds; then let two finish the work."""

    worker: str
    kills: int
    live: float
    give_up: float
    seed: int


def carry_out(app: Flask, order: Order) -> dict[str, float]:
    """Answers how many were killed and how many seconds it all took; ``left`` is how many texts were not settled."""
    began, dice, killed = time.monotonic(), random.Random(order.seed), 0
    while killed < order.kills:
        pair = [_start(app, order.worker) for _ in range(AT_A_TIME)]
        time.sleep(dice.uniform(0.05, order.live))
        killed += _end(pair, signal.SIGKILL)
    stormed = time.monotonic()
    pair = [_start(app, order.worker) for _ in range(AT_A_TIME)]
    while (left := _left(app)) and time.monotonic() < began + order.give_up:
        time.sleep(0.1)
    _end(pair, signal.SIGTERM if order.worker == "ours" else signal.SIGKILL)
    return {"killed": killed, "left": left, "stormed": stormed - began, "seconds": time.monotonic() - began}


def _start(app: Flask, worker: str) -> int:
    child = os.fork()
    if child == 0:
        try:
            WORKERS[worker](app)
        finally:
            os._exit(0)
    return child


def _end(workers: list[int], how: signal.Signals) -> int:
    for worker in workers:
        os.kill(worker, how)
    return sum(os.waitpid(worker, 0)[0] == worker for worker in workers)


def _left(app: Flask) -> int:
    """How many texts are still to go out, or nobody knows of. No connection stays open: a fork would share it."""
    waits = sa.select(sa.func.count()).where(Text.state.in_(("planned", "claimed", "unknown")))
    shown = Text.state_because.is_not_distinct_from(dispatch.SHOWN)
    with app.app_context():
        try:
            return int(db.session.execute(waits.where(~shown)).scalar_one())
        finally:
            db.session.remove()
            db.engine.dispose()


def _warm_up(app: Flask) -> None:
    """What a worker works out once is worked out here, and inherited by every one; no connection is: two that shared
    one would read each other's answers.
    """
    for job in JOBS:
        run(job, Shift(app, pace=PACE))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        clock, settings = app.extensions["clock"], app.extensions["settings"]
        app.extensions["text_gateway"] = text_gateway_for(settings, engine=db.engine, clock=clock)
    gc.freeze()


def main() -> None:
    app = application()
    for line in sys.stdin:
        order = Order(**json.loads(line))
        if order.worker == "ours":
            _warm_up(app)
        print(json.dumps(carry_out(app, order)), flush=True)


if __name__ == "__main__":
    main()
