"""Texts that are due go out, against what else could send them: the same stand-in for Twilio takes all, in alternating
rounds, at 0 and at 100 ms. Prints texts a second and the ratios; and planning 10,000 reminders against ``add_job``.

Beside ours stand the HTTP client that Twilio's library brings, with as many threads and no database, and one
APScheduler job a reminder as it comes: ten threads, and a SQLAlchemyJobStore in the same kind of database.

``python -m benchmarks.dispatch [--rounds 5] [--texts 1000] [--reminders 10000] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import requests
import sqlalchemy as sa
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from requests.adapters import HTTPAdapter

from benchmarks.databases import each_engine
from benchmarks.servers import free_port
from provider.domain.diary.models import Appointment
from provider.domain.messaging.models import Text, TextLink
from provider.domain.messaging.outbox import Planned, plan_texts
from provider.domain.messaging.twilio import Twilio
from provider.domain.referrals.status import Status
from provider.domain.schemes.terms import Terms
from provider.jobs.lanes import AT_ONCE
from provider.jobs.shift import Shift
from provider.jobs.texting import send_due_texts
from provider.kernel.database import db, transaction
from provider.pathway import reminding
from tests.builders import World, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY

ACCOUNT, TOKEN, SERVICE = "AC" + "a" * 32, "token", "MG" + "b" * 32
LATENCIES = (0, 100)
WORDS = (
    "Hi Sam, Waymark Midshire will ring you on Wednesday 2 December at 9:30am for about 45 minutes. "
    "Reply 1 if it suits you, 2 for another time, or see http://localhost/p/abcdefghijklmnopqrstuvwx"
)


class RunningClock:
    """A Tuesday morning that goes on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return A_TUESDAY + timedelta(seconds=time.monotonic() - self._began)


@dataclass(frozen=True)
class Booked:
    case_id: int
    appointment_id: int


@contextmanager
def answering(milliseconds: int) -> Iterator[str]:
    """The address of a stand-in for Twilio in a process of its own, stopped by its process id."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.answering", str(port), str(milliseconds)]
    ) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the stand-in did not start in time")


def build_bookings(world: World, count: int, *, at: datetime = A_TUESDAY) -> list[Booked]:
    """People who are booked for eight days ahead, and none of whose texts is planned."""
    cases = [
        add_case(world, mobile=f"+4477009{number:05}", status=Status.ASSESSMENT_BOOKED, at=at).case_id
        for number in range(count)
    ]
    with world.app.app_context(), transaction() as session:
        appointments = [
            Appointment(
                case_id=case_id,
                worker_id=world.accounts["drug_worker"],
                kind="assessment",
                starts_at=at + timedelta(days=8),
                minutes=45,
                state="booked",
                state_at=at,
                booked_by="benchmark",
            )
            for case_id in cases
        ]
        session.add_all(appointments)
        session.flush()
        return [Booked(one.case_id, one.id) for one in appointments]


class Round:
    """Names what is planned, so that nothing is planned already."""

    def __init__(self) -> None:
        self._number = 0

    def plan(self, app: Flask, bookings: list[Booked]) -> None:
        """A reminder that is due, for each of them."""
        self._number += 1
        with app.app_context(), transaction():
            for one in bookings:
                text = Planned(
                    "assessment_reminder_7d",
                    A_TUESDAY,
                    A_TUESDAY + timedelta(hours=12),
                    f"round:{self._number}:{one.appointment_id}",
                )
                plan_texts([text], case_id=one.case_id, appointment_id=one.appointment_id)


def ours(app: Flask, url: str, count: int) -> float:
    """Texts a second: from planned to recorded as sent, each in a commit of its own."""
    app.extensions["text_gateway"] = Twilio(
        account_sid=ACCOUNT, auth_token=TOKEN, sender=SERVICE, base_url=url
    )
    with app.app_context():
        began = time.perf_counter()
        send_due_texts(Shift(app))
        took = time.perf_counter() - began
        left = db.session.scalar(sa.select(sa.func.count()).where(Text.state != "sent"))
        db.session.rollback()
    if left:
        raise SystemExit(f"{left} texts did not go out")
    return count / took


def form(number: int) -> dict[str, str]:
    """What is posted for one text."""
    return {
        "To": f"+4477009{number % 100_000:05}",
        "MessagingServiceSid": SERVICE,
        "Body": WORDS,
        "StatusCallback": f"http://localhost/webhooks/twilio/status?text=txt_{number:024x}&try=1",
        "ValidityPeriod": "36000",
    }


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.auth = (ACCOUNT, TOKEN)
    session.mount("http://", HTTPAdapter(pool_maxsize=AT_ONCE, pool_block=True))
    return session


def bare(url: str, count: int) -> float:
    """The same requests by the client that Twilio's library brings, with as many threads, and nothing remembered."""
    with _session() as session, ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        for answer in pool.map(lambda number: _post(session, url, number), range(count)):
            assert answer
        return count / (time.perf_counter() - began)


def _post(session: requests.Session, url: str, number: int) -> str:
    answer = session.post(f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", data=form(number), timeout=10)
    answer.raise_for_status()
    return str(answer.json()["sid"])


class OneJobEach:
    """One APScheduler job a reminder, in a SQLAlchemyJobStore; a job is a module's function, as the store asks."""

    sent: SimpleQueue[str]
    session: requests.Session
    url: str

    def __init__(self, store_url: str) -> None:
        self._store = SQLAlchemyJobStore(store_url)

    def scheduler(self) -> BackgroundScheduler:
        return BackgroundScheduler(
            jobstores={"default": self._store},
            job_defaults={"misfire_grace_time": None, "coalesce": True},
            timezone=UTC,
        )

    def add(self, scheduler: BackgroundScheduler, count: int, *, ahead: timedelta) -> float:
        """Jobs a second by ``add_job``, one for each reminder."""
        at = datetime.now(UTC) + ahead
        began = time.perf_counter()
        for number in range(count):
            scheduler.add_job(send_one, "date", run_date=at, args=(number,))
        return count / (time.perf_counter() - began)

    def send(self, url: str, count: int) -> float:
        """Texts a second by jobs whose time has come."""
        scheduler = self.scheduler()
        scheduler.start(paused=True)
        self.add(scheduler, count, ahead=-timedelta(minutes=1))
        OneJobEach.sent, OneJobEach.url, OneJobEach.session = SimpleQueue(), url, _session()
        began = time.perf_counter()
        scheduler.resume()
        for _ in range(count):
            OneJobEach.sent.get(timeout=120)
        took = time.perf_counter() - began
        scheduler.shutdown()
        OneJobEach.session.close()
        return count / took

    def schedule(self, count: int) -> float:
        """Reminders a second; taken away again."""
        scheduler = self.scheduler()
        scheduler.start(paused=True)
        rate = self.add(scheduler, count, ahead=timedelta(days=30))
        scheduler.remove_all_jobs()
        scheduler.shutdown()
        return rate


def send_one(number: int) -> None:
    OneJobEach.sent.put(_post(OneJobEach.session, OneJobEach.url, number))


def schedule(app: Flask, terms: Terms, count: int) -> float:
    """Reminders a second, planned by a booking's own code; each booking is a commit."""
    planned = 0
    with app.app_context():
        appointments = list(db.session.scalars(sa.select(Appointment).order_by(Appointment.id)))
        before = _texts()
        began = time.perf_counter()
        for appointment in appointments:
            with transaction():
                reminding.remind_of_appointment(
                    appointment, terms=terms, booked="assessment_booked", now=A_TUESDAY
                )
            planned += 5
            if planned >= count:
                break
        took = time.perf_counter() - began
        made = _texts() - before
        with transaction() as session:
            session.execute(sa.delete(Text).where(Text.state == "planned"))
    return made / took


def _texts() -> int:
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Text))
    db.session.rollback()
    return count or 0


def measure(engine: str, app: Flask, *, rounds: int, texts: int, reminders: int) -> None:
    world = build_world(app)
    app.extensions["clock"] = RunningClock()
    bookings = build_bookings(world, max(texts, reminders // 5))
    print(f"{engine}: {AT_ONCE} calls at once, {rounds} rounds of {texts} texts", flush=True)
    with ExitStack() as stack:
        jobs = OneJobEach(_store_url(app, stack))
        for milliseconds in LATENCIES:
            url = stack.enter_context(answering(milliseconds))
            _compare(engine, app, bookings[:texts], jobs, url, milliseconds, rounds=rounds)
        _compare_planning(engine, app, jobs, rounds=rounds, reminders=reminders)


def _store_url(app: Flask, stack: ExitStack) -> str:
    """Their jobs stand in a database of the same kind: on PostgreSQL in ours, on SQLite in a file beside it."""
    url: str = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        return f"sqlite:///{Path(stack.enter_context(tempfile.TemporaryDirectory())) / 'jobs.db'}"
    return url


def _compare(
    engine: str,
    app: Flask,
    bookings: list[Booked],
    jobs: OneJobEach,
    url: str,
    milliseconds: int,
    *,
    rounds: int,
) -> None:
    planning, count = Round(), len(bookings)
    seen: list[tuple[float, float, float]] = []
    for _ in range(rounds + 1):
        planning.plan(app, bookings)
        seen.append((ours(app, url, count), bare(url, count), jobs.send(url, count)))
        with app.app_context(), transaction() as session:
            session.execute(sa.delete(TextLink))
            session.execute(sa.delete(Text))
    # The first round warms up.
    mine, client, scheduler = (statistics.median(one[place] for one in seen[1:]) for place in range(3))
    against = [statistics.median(one[0] / one[place] for one in seen[1:]) for place in (1, 2)]
    print(f"{engine}, {milliseconds} ms: {mine:.0f} texts/s", flush=True)
    print(f"    bare HTTP client {client:.0f}/s, ratio {against[0]:.2f}", flush=True)
    print(f"    one APScheduler job each {scheduler:.0f}/s, ratio {against[1]:.1f}", flush=True)
    if milliseconds:
        most = AT_ONCE / (milliseconds / 1000)
        print(f"    in flight / latency {most:.0f}/s, ratio {mine / most:.2f}", flush=True)


def _compare_planning(engine: str, app: Flask, jobs: OneJobEach, *, rounds: int, reminders: int) -> None:
    terms = Terms(intelligence_sentence="", service_name="", phone="")
    pairs = [(schedule(app, terms, reminders), jobs.schedule(reminders)) for _ in range(min(rounds, 3))]
    mine, theirs = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(
        f"{engine}: {reminders:,} reminders planned at {mine:.0f}/s, add_job {theirs:.0f}/s, ratio {ratio:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--reminders", type=int, default=10_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for engine, app in each_engine(only=given.only, texts_a_second=1_000_000.0):
        measure(engine, app, rounds=given.rounds, texts=given.texts, reminders=given.reminders)


if __name__ == "__main__":
    main()
