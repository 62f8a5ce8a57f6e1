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
from collections.abc import Callable, Iterator
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
from provider.domain.courses.models import CourseSession, Place
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
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY

ACCOUNT, TOKEN, SERVICE = "AC" + "a" * 32, "token", "MG" + "b" * 32
LATENCIES = (0, 100)
IN_A_SESSION = 20
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


def build_bookings(
    world: World, count: int, *, at: datetime = A_TUESDAY, ahead: timedelta = timedelta(days=8)
) -> list[Booked]:
    """People who are booked for so far ahead, and none of whose texts is planned."""
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
                starts_at=at + ahead,
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


def schedule_each(app: Flask, terms: Terms, count: int) -> float:
    """Reminders a second, planned by a booking's own code; each booking is a commit."""
    with app.app_context():
        ids = list(db.session.scalars(sa.select(Appointment.id).order_by(Appointment.id).limit(count // 5)))
        return _planned_in(ids, lambda appointment_id: _remind_of_one(appointment_id, terms))


def _remind_of_one(appointment_id: int, terms: Terms) -> None:
    with transaction():
        reminding.remind_of_appointment(
            db.session.get_one(Appointment, appointment_id),
            terms=terms,
            booked="assessment_booked",
            now=A_TUESDAY,
        )


def schedule_sessions(app: Flask, terms: Terms, count: int) -> float:
    """Reminders a second, planned for everybody in a session at once, as when it is moved; each session is a commit."""
    with app.app_context():
        ids = list(
            db.session.scalars(
                sa.select(CourseSession.id).order_by(CourseSession.id).limit(count // 5 // IN_A_SESSION)
            )
        )
        return _planned_in(ids, lambda session_id: _remind_of_session(session_id, terms))


def _remind_of_session(session_id: int, terms: Terms) -> None:
    with transaction():
        places = db.session.scalars(sa.select(Place).where(Place.session_id == session_id))
        reminding.remind_of_places(
            [(place, terms) for place in places],
            db.session.get_one(CourseSession, session_id),
            booked="course_moved",
            now=A_TUESDAY,
        )


def _planned_in(ids: list[int], plan: Callable[[int], None]) -> float:
    """Reminders a second; taken away again."""
    before = _texts()
    began = time.perf_counter()
    for one in ids:
        plan(one)
    took = time.perf_counter() - began
    made = _texts() - before
    with transaction() as session:
        session.execute(sa.delete(Text).where(Text.state == "planned"))
    return made / took


def build_sessions(world: World, bookings: list[Booked]) -> None:
    """The same people hold a place each, so many in a session, one session a day from ten days ahead on."""
    for day, at in enumerate(range(0, len(bookings), IN_A_SESSION), start=10):
        session_id = add_session(
            world, course="awareness", starts_at=A_TUESDAY + timedelta(days=day), capacity=IN_A_SESSION
        )
        with world.app.app_context(), transaction() as session:
            session.add_all(
                Place(
                    session_id=session_id,
                    number=number,
                    case_id=one.case_id,
                    alias=f"p{one.case_id}",
                    created_at=A_TUESDAY,
                    created_by="benchmark",
                )
                for number, one in enumerate(bookings[at : at + IN_A_SESSION], start=1)
            )


def _texts() -> int:
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Text))
    db.session.rollback()
    return count or 0


def measure(engine: str, app: Flask, *, rounds: int, texts: int, reminders: int) -> None:
    world = build_world(app)
    app.extensions["clock"] = RunningClock()
    bookings = build_bookings(world, max(texts, reminders // 5))
    build_sessions(world, bookings)
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
    seen = [
        (
            schedule_each(app, terms, reminders),
            schedule_sessions(app, terms, reminders),
            jobs.schedule(reminders),
        )
        for _ in range(min(rounds, 3))
    ]
    each, together, theirs = (statistics.median(one[place] for one in seen) for place in range(3))
    against = [statistics.median(one[place] / one[2] for one in seen) for place in (0, 1)]
    print(f"{engine}: {reminders:,} reminders planned, add_job {theirs:.0f}/s")
    print(f"    a session of {IN_A_SESSION} at once, a commit each: {together:.0f}/s, ratio {against[1]:.1f}")
    print(f"    a booking at a time, a commit each: {each:.0f}/s, ratio {against[0]:.1f}", flush=True)


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
