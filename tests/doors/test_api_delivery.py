"""Notices: signed, sent in order, tried again, never sent where they should not go. The receiver is a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from standardwebhooks.webhooks import Webhook

from provider.domain.accounts.secrets import SecretBox
from provider.domain.compliance import delivery, feed, sending
from provider.domain.compliance.delivery import Notice, Outcome
from provider.domain.compliance.models import NoticeAttempt
from provider.domain.compliance.retrying import RETRIES, After, after_delivery
from provider.domain.forces.models import WebhookEndpoint
from provider.kernel.database import db, transaction
from tests.builders import World, build_world, referral_body
from tests.doors.police import Police
from tests.doors.test_api_feed import person
from tests.fakes import MovableClock

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass
class Receiver:
    """A force's web server: what it answers, and what it was sent."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.received]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if state.hold is not None:
                state.hold.wait(10)
            self.send_response(state.answers.pop(0) if state.answers else 204)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/in?x=1"
    yield state
    if state.hold is not None:
        state.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


def run_the_job(world: World, clock: MovableClock) -> int:
    """What the job does: number, then claim → send → note until nothing is due. Answers how many were sent."""
    box: SecretBox = world.app.extensions["secret_box"]
    sent = 0
    with world.app.app_context():
        for force_id in delivery.forces_to_number():
            with transaction():
                feed.number(force_id)
        while True:
            with transaction():
                notice = delivery.claim(now=clock.now())
            if notice is None:
                return sent
            secret = box.open(notice.sealed_secret)
            outcome = sending.send(notice, secret=secret, public_only=False, now=clock.now())
            with transaction():
                delivery.note(notice, outcome, jitter=0.5, now=clock.now())
            sent += 1


def add_endpoint(police: Police, url: str) -> dict[str, str]:
    answer = police.post("/webhook-endpoints", {"url": url})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.get_json()
    return made


def state_of(world: World) -> str:
    with world.app.app_context():
        return db.session.scalars(sa.select(WebhookEndpoint.state)).one()


def test_an_event_arrives_as_the_feed_gives_it_and_is_signed(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    clock.set(datetime.now(UTC).replace(microsecond=0))
    made = add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body(occurred_at="2026-01-05T10:00:00+00:00", agreement={"at": None}))
    assert run_the_job(world, clock) == 1
    [(headers, body)] = receiver.received
    event = midshire.get("/compliance-events").get_json()["events"][0]
    assert json.loads(body) == event
    assert headers["webhook-id"] == event["id"]
    assert headers["content-type"] == "application/json"
    assert Webhook(made["secret"]).verify(body, headers) == event
    assert run_the_job(world, clock) == 0


def test_an_endpoint_is_sent_what_happens_from_then_on(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    midshire.refer(referral_body(person=person(1)))
    add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body(person=person(2)))
    assert run_the_job(world, clock) == 1
    events = midshire.get("/compliance-events").get_json()["events"]
    assert receiver.ids() == [events[1]["id"]]


def test_events_go_in_order_and_the_oldest_is_tried_until_it_is_taken(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    add_endpoint(midshire, receiver.url)
    for number in range(3):
        midshire.refer(referral_body(person=person(number)))
    receiver.answers = [500, 302, 204]
    assert run_the_job(world, clock) == 1, "nothing overtakes what was not taken"
    clock.advance(seconds=4)
    assert run_the_job(world, clock) == 0
    clock.advance(seconds=2)
    assert run_the_job(world, clock) == 1, "a redirect is not followed, and is no success"
    clock.advance(minutes=6)
    assert run_the_job(world, clock) == 3
    first, second, third = (event["id"] for event in midshire.get("/compliance-events").get_json()["events"])
    assert receiver.ids() == [first, first, first, second, third]
    with world.app.app_context():
        attempts = db.session.scalars(sa.select(NoticeAttempt.status).order_by(NoticeAttempt.id)).all()
    assert attempts == [500, 302, 204, 204, 204]


def test_a_receiver_down_for_three_days_misses_nothing(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    add_endpoint(midshire, receiver.url)
    for number in range(3):
        midshire.refer(referral_body(person=person(number)))
    receiver.answers = [503] * 9
    for wait in (timedelta(0), *RETRIES):
        clock.advance(seconds=wait.total_seconds() * 1.1)
        run_the_job(world, clock)
    assert state_of(world) == "active"
    events = midshire.get("/compliance-events").get_json()["events"]
    assert receiver.ids()[9:] == [event["id"] for event in events]


def test_after_the_last_try_an_endpoint_is_failing_and_a_test_brings_it_back(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    made = add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body())
    receiver.answers = [500] * 10
    for wait in (timedelta(0), *RETRIES):
        clock.advance(seconds=wait.total_seconds() * 1.1)
        assert run_the_job(world, clock) == 1
    assert midshire.get("/webhook-endpoints").get_json()["endpoints"][0]["state"] == "failing"
    clock.advance(days=10)
    assert run_the_job(world, clock) == 0
    midshire.post(f"/webhook-endpoints/{made['id']}/test")
    assert run_the_job(world, clock) == 2, "the test, and then what was waiting"
    test, event = (json.loads(body) for _, body in receiver.received[-2:])
    assert test["type"] == "endpoint.test"
    assert event["type"] == "referral.accepted"
    assert state_of(world) == "active"


def test_410_disables_and_nothing_more_is_sent(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body())
    receiver.answers = [410]
    assert run_the_job(world, clock) == 1
    assert state_of(world) == "disabled"
    clock.advance(days=5)
    assert run_the_job(world, clock) == 0


def test_one_force_that_does_not_answer_keeps_no_other_waiting(
    world: World, midshire: Police, client: FlaskClient, receiver: Receiver, clock: MovableClock
) -> None:
    thamesford = Police(client, world.keys["thamesford"])
    add_endpoint(midshire, "http://127.0.0.1:9/in")
    add_endpoint(thamesford, receiver.url)
    midshire.refer(referral_body(person=person(1)))
    thamesford.refer(referral_body(person=person(2), scheme="diversion-deferred"))
    assert run_the_job(world, clock) == 2
    assert len(receiver.received) == 1
    with world.app.app_context():
        assert set(db.session.scalars(sa.select(NoticeAttempt.problem))) == {None, "no_connection"}


def test_what_is_claimed_is_nobody_elses_until_the_lease_lapses(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body())
    midshire.get("/compliance-events")
    with world.app.app_context():
        with transaction():
            first = delivery.claim(now=clock.now())
        with transaction():
            assert delivery.claim(now=clock.now()) is None
        clock.advance(minutes=3)
        with transaction():
            second = delivery.claim(now=clock.now())
        assert first is not None
        assert second is not None
        assert first.message_id == second.message_id
        for status in (204, None):
            with transaction():
                delivery.note(first, Outcome(status, None, 5), jitter=0, now=clock.now())
        with transaction():
            assert delivery.claim(now=clock.now()) is None, "a late failure does not undo what was taken"


def test_two_workers_at_once_never_claim_the_same(
    world: World, midshire: Police, clock: MovableClock
) -> None:
    for _ in range(4):
        add_endpoint(midshire, "http://127.0.0.1:9/in")
    midshire.refer(referral_body())
    midshire.get("/compliance-events")
    claimed: list[int] = []

    def work() -> None:
        with world.app.app_context():
            for _ in range(3):
                with transaction():
                    notice = delivery.claim(now=clock.now())
                if notice is not None:
                    claimed.append(notice.endpoint_id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 4


@pytest.mark.parametrize(
    ("status", "tries", "after"),
    [
        (200, 0, After(True, "active", 0, NOW)),
        (204, 7, After(True, "active", 0, NOW)),
        (410, 0, After(False, "disabled", 1, None)),
        (500, 0, After(False, "active", 1, NOW + timedelta(seconds=5))),
        (None, 1, After(False, "active", 2, NOW + timedelta(minutes=5))),
        (301, 2, After(False, "active", 3, NOW + timedelta(minutes=30))),
        (404, 8, After(False, "active", 9, NOW + timedelta(hours=24))),
        (None, 9, After(False, "failing", 10, None)),
    ],
)
def test_what_follows_from_an_answer(status: int | None, tries: int, after: After) -> None:
    assert after_delivery(status, tries=tries, jitter=0, now=NOW) == after


def test_tries_are_spread_a_little() -> None:
    late = after_delivery(None, tries=3, jitter=1, now=NOW).next_try_at
    assert late == NOW + timedelta(hours=2, minutes=12)


def notice(url: str) -> Notice:
    return Notice(1, url, "", "evt_1", b"{}", 0)


def post(url: str, addresses: Sequence[str] = (), *, public_only: bool = True) -> Outcome:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    secret = "whsec_" + "a" * 44
    return sending.send(notice(url), secret=secret, public_only=public_only, now=NOW, resolve=resolve)


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("https://force.example/", ["127.0.0.1"]),
        ("https://force.example/", ["8.8.8.8", "10.0.0.1"]),
        ("https://force.example/", ["::ffff:8.8.8.8"]),
        ("https://force.example/", ["fe80::1%eth0"]),
        ("https://force.example/", []),
        ("https://127.0.0.1/", ["127.0.0.1"]),
        ("http://force.example/", ["8.8.8.8"]),
    ],
)
def test_nothing_is_sent_where_any_address_is_not_public(url: str, addresses: Sequence[str]) -> None:
    assert post(url, addresses).problem == "address_not_public"


def test_the_connection_goes_to_the_address_that_was_checked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second answer from the name server changes nothing: the name is asked for once, the address is connected to."""
    monkeypatch.setattr(sending, "is_public", lambda _address: True)
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    port = receiver.url.split(":")[2].split("/")[0]
    url = f"https://force.example:{port}/in"
    outcome = sending.send(
        notice(url), secret="whsec_" + "a" * 44, public_only=True, now=NOW, resolve=resolve
    )
    # The receiver speaks no TLS, so that the connection ends there; that it got there is what is looked at.
    assert (asked, outcome.problem) == (["force.example"], "no_connection")
    [target] = sending._checked(httpx.URL(url), resolve)
    assert (str(target.url), target.host) == (f"https://127.0.0.1:{port}/in", "force.example")


def test_where_one_address_cannot_be_reached_the_next_is_tried(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    both = [
        sending.Target(httpx.URL(f"http://127.0.0.1:{number}/in"), "force.example") for number in (9, port)
    ]
    monkeypatch.setattr(sending, "_checked", lambda _url, _resolve: both)
    assert post(f"https://force.example:{port}/in").status == 204
    [(headers, _)] = receiver.received
    assert headers["host"] == f"force.example:{port}"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:9/", "no_connection"),
        ("http://no-such-host.invalid/", "no_connection"),
        ("http://[::1", "name_not_found"),
        ("http://xn--a/", "name_not_found"),
    ],
)
def test_whatever_is_wrong_there_is_said_and_not_raised(url: str, problem: str) -> None:
    assert post(url, public_only=False).problem == problem


def test_an_answer_that_takes_too_long_is_none(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    receiver.hold = threading.Event()
    outcome = post(receiver.url, public_only=False)
    assert (outcome.status, outcome.problem) == (None, "no_answer_in_time")
    assert 250 < outcome.milliseconds < 3000
