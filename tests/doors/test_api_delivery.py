"""What a police system that subscribes is sent: the feed's own events, signed, from then on; secrets and replays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from standardwebhooks.webhooks import Webhook

from tests.builders import World, build_world, count, referral_body
from tests.doors.police import Police, code_of, faults
from tests.doors.test_api_feed import person
from tests.fakes import MovableClock
from tests.notices import deliver
from tests.stand_ins.receiver import Receiver


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def add_endpoint(police: Police, url: str) -> dict[str, str]:
    answer = police.post("/webhook-endpoints", {"url": url})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.get_json()
    return made


def state_of(police: Police) -> str:
    (endpoint,) = police.get("/webhook-endpoints").get_json()["endpoints"]
    return str(endpoint["state"])


def test_an_event_arrives_as_the_feed_gives_it_and_is_signed(
    world: World, midshire: Police, receiver: Receiver, clock: MovableClock
) -> None:
    clock.set(datetime.now(UTC).replace(microsecond=0))
    made = add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body(occurred_at="2026-01-05T10:00:00+00:00", agreement={"at": None}))
    deliver(world)
    [sent] = receiver.received
    event = midshire.get("/compliance-events").get_json()["events"][0]
    assert json.loads(sent.body) == event
    assert sent.path == "/in?x=1"
    assert sent.headers["webhook-id"] == event["id"]
    assert sent.headers["content-type"] == "application/json"
    assert Webhook(made["secret"]).verify(sent.body, sent.headers) == event
    deliver(world)
    assert len(receiver.received) == 1


def test_an_endpoint_is_sent_what_happens_from_then_on(
    world: World, midshire: Police, receiver: Receiver
) -> None:
    midshire.refer(referral_body(person=person(1)))
    add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body(person=person(2)))
    deliver(world)
    events = midshire.get("/compliance-events").get_json()["events"]
    assert receiver.ids() == [events[1]["id"]]


def test_410_disables_and_a_test_that_gets_through_brings_it_back(
    world: World, midshire: Police, receiver: Receiver
) -> None:
    made = add_endpoint(midshire, receiver.url)
    midshire.refer(referral_body())
    receiver.answers.append(410)
    deliver(world)
    assert state_of(midshire) == "disabled"
    assert midshire.post(f"/webhook-endpoints/{made['id']}/test").status_code == 202
    deliver(world)
    assert state_of(midshire) == "active"
    assert [json.loads(one.body)["type"] for one in receiver.received] == [
        "referral.accepted",
        "endpoint.test",
        "referral.accepted",
    ]


class TestSecret:
    def test_a_new_one_is_shown_once_and_both_sign_for_a_day(
        self, world: World, midshire: Police, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(midshire, receiver.url)
        answer = midshire.post(f"/webhook-endpoints/{made['id']}/secret")
        changed = answer.get_json()
        assert answer.status_code == 200
        assert changed == made | {"secret": changed["secret"]}
        assert changed["secret"] not in midshire.get("/webhook-endpoints").text
        midshire.refer(referral_body(person=person(1)))
        deliver(world)
        clock.advance(hours=24)
        midshire.refer(referral_body(person=person(2)))
        deliver(world)
        first, second = receiver.received
        assert first.signed_by(changed["secret"], made["secret"])
        assert second.signed_by(changed["secret"])

    def test_a_second_within_the_day_is_answered_clearly(self, world: World, midshire: Police) -> None:
        made = add_endpoint(midshire, "https://force.example/")
        path = f"/webhook-endpoints/{made['id']}/secret"
        midshire.post(path)
        refused = midshire.post(path)
        assert code_of(refused, 409) == "secret_changed_already"
        assert "24 hours" in refused.get_json()["detail"]
        with world.app.app_context():
            assert count("audit_entries", action="endpoint.secret_changed") == 1


class TestReplay:
    def ask(self, police: Police, made: dict[str, str], start: Any) -> Any:
        return police.post(f"/webhook-endpoints/{made['id']}/replay", {"from": start})

    def test_from_an_event_a_moment_or_the_beginning(
        self, world: World, midshire: Police, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(midshire, receiver.url)
        for number in range(3):
            midshire.refer(referral_body(person=person(number)))
            clock.advance(hours=1)
        deliver(world)
        ids = receiver.ids()
        for start, from_then in (
            ("beginning", ids),
            (ids[1], ids[1:]),
            ((clock.now() - timedelta(hours=1)).isoformat(), ids[2:]),
            (clock.now().isoformat(), []),
        ):
            receiver.received.clear()
            answer = self.ask(midshire, made, start)
            assert answer.status_code == 202, answer.text
            known = {name: made[name] for name in ("id", "url", "state")}
            assert answer.get_json() == {**known, "events": len(from_then)}
            deliver(world)
            assert receiver.ids() == from_then
        with world.app.app_context():
            assert count("audit_entries", action="endpoint.replayed") == 4

    @pytest.mark.parametrize(
        ("start", "code"),
        [
            (None, "required"),
            ("", "required"),
            (5, "invalid"),
            ("yesterday", "invalid"),
            ("2026-11-20", "invalid"),
            ("2026-11-20T21:40:00", "offset_required"),
            ("evt_" + "0" * 24, "invalid"),
            ("evt_1", "invalid"),
            ("x" * 61, "too_long"),
        ],
    )
    def test_a_start_that_is_none_is_refused_at_its_field(
        self, world: World, midshire: Police, start: Any, code: str
    ) -> None:
        made = add_endpoint(midshire, "https://force.example/")
        assert faults(self.ask(midshire, made, start)) == [("/from", code)]
        with world.app.app_context():
            assert count("audit_entries", action="endpoint.replayed") == 0

    def test_another_forces_event_is_as_if_it_were_missing(
        self, world: World, midshire: Police, client: FlaskClient
    ) -> None:
        thamesford = Police(client, world.keys["thamesford"])
        thamesford.refer(referral_body(scheme="diversion-deferred"))
        (theirs,) = thamesford.get("/compliance-events").get_json()["events"]
        made = add_endpoint(midshire, "https://force.example/")
        found = self.ask(midshire, made, theirs["id"])
        assert faults(found) == [("/from", "invalid")]
        assert found.data == self.ask(midshire, made, "evt_" + "0" * 24).data
