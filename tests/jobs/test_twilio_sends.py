"""Through Twilio's own library to a stand-in over HTTP: each text arrives there once, whatever goes wrong."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging import twilio
from provider.domain.messaging.gateways import NotSent, SendUnknown
from provider.domain.messaging.twilio import Twilio
from provider.jobs.run import run_all_once
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.fakes import MovableClock
from tests.stand_ins.twilio import ACCOUNT, SERVICE, TOKEN, TwilioStandIn
from tests.texting import MOBILE, add_to_ring, book, change_number, states, texts_of


@pytest.fixture
def network(clock: MovableClock) -> Iterator[TwilioStandIn]:
    with TwilioStandIn(clock.now) as stand_in:
        yield stand_in


def gateway(base_url: str) -> Twilio:
    return Twilio(account_sid=ACCOUNT, auth_token=TOKEN, sender=SERVICE, base_url=base_url)


@pytest.fixture
def world(app: Flask, network: TwilioStandIn) -> World:
    app.extensions["text_gateway"] = gateway(network.url)
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    return known


def booked(world: World, known: Known) -> str:
    return states(world, known)["assessment_booked"]


def test_what_twilio_is_told(world: World, network: TwilioStandIn, known: Known) -> None:
    run_all_once(world.app)
    form = network.messages[0].form
    assert form["To"] == MOBILE
    assert form["Body"].startswith("Hi Sam, Waymark Midshire will ring you on Wednesday 2 December at 9:30am")
    assert form["MessagingServiceSid"] == SERVICE
    assert form["ValidityPeriod"] == "36000"
    text = texts_of(world, known)[0]
    assert form["StatusCallback"] == f"http://localhost/webhooks/twilio/status?text={text.public_id}&try=1"
    assert text.state == "sent"
    assert text.provider_id == network.messages[0].sid


def test_a_text_an_hour_before_dies_at_the_start(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    starts_at = next(text.expires_at for text in texts_of(world, known) if text.kind.endswith("_1h"))
    clock.set(starts_at - timedelta(minutes=40))
    run_all_once(world.app)
    assert [
        message.form["ValidityPeriod"] for message in network.messages if "nearly time" in message.body
    ] == ["2400"]


@pytest.mark.parametrize("fault", ["429", "refuse 30001", "refuse 20429"])
def test_when_too_much_is_asked_it_is_tried_again_after_a_while(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known, fault: str
) -> None:
    network.faults.extend([fault, fault])
    run_all_once(world.app)
    assert booked(world, known).startswith("planned: error_")
    run_all_once(world.app)
    assert network.asked["send"] == 1
    clock.advance(minutes=1)
    run_all_once(world.app)
    clock.advance(minutes=2)
    run_all_once(world.app)
    assert len(network.messages) == 1
    assert booked(world, known) == "sent"


@pytest.mark.parametrize("fault", ["500 after", "reset after", "hang after", "garbage after"])
def test_what_was_taken_and_not_answered_is_found_and_never_sent_again(
    world: World,
    network: TwilioStandIn,
    clock: MovableClock,
    known: Known,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twilio, "READ_SECONDS", 0.3)
    network.lag = timedelta(seconds=90)
    network.faults.append(fault)
    for _ in range(5):
        run_all_once(world.app)
        clock.advance(seconds=45)
    assert len(network.messages) == 1
    text = texts_of(world, known)[0]
    assert (text.state, text.provider_id, text.tries) == ("sent", network.messages[0].sid, 1)


@pytest.mark.parametrize("fault", ["500", "reset"])
def test_what_was_not_taken_is_sent_again_once_that_is_certain(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known, fault: str
) -> None:
    network.lag = timedelta(seconds=90)
    network.faults.append(fault)
    run_all_once(world.app)
    assert booked(world, known) == "unknown"
    clock.advance(seconds=100)
    run_all_once(world.app)
    assert network.messages == []
    clock.advance(seconds=30)
    run_all_once(world.app)
    run_all_once(world.app)
    assert len(network.messages) == 1
    assert booked(world, known) == "sent"


def test_what_nobody_can_find_out_is_shown_to_a_person_and_not_sent(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    network.faults.append("500")
    network.list_fails = True
    for _ in range(4):
        run_all_once(world.app)
        clock.advance(minutes=6)
    assert booked(world, known) == "unknown: shown"
    network.list_fails = False
    run_all_once(world.app)
    assert network.messages == []
    with world.app.app_context():
        assert count("tasks", kind="text_unknown", case_id=known.case_id) == 1


def test_a_callback_that_names_our_text_settles_it(
    world: World, network: TwilioStandIn, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    network.faults.append("500 after")
    network.list_fails = True
    run_all_once(world.app)
    assert booked(world, known) == "unknown"
    assert client.post(**network.said_of(network.messages[0], "delivered")).status_code == 204
    for _ in range(5):
        run_all_once(world.app)
        clock.advance(minutes=6)
    assert booked(world, known) == "delivered"
    assert len(network.messages) == 1
    with world.app.app_context():
        assert count("tasks", kind="text_unknown") == 0


@pytest.mark.parametrize(
    ("code", "state", "texts_wanted", "task"),
    [
        (21610, "opted_out", False, "text_failed"),
        (21614, "not_a_mobile", True, "text_failed"),
        (21635, "not_a_mobile", True, "text_failed"),
        (30006, "not_a_mobile", True, "text_failed"),
        (30004, "good", False, "text_failed"),
        (30005, "suspect", True, "text_failed"),
        (21211, "bad", True, "number_suspect"),
        (21612, "good", True, "text_failed"),
        (21212, "good", True, "text_failed"),
        (30007, "good", True, "text_failed"),
        (99999, "good", True, "text_failed"),
    ],
)
def test_a_sure_refusal_says_something_of_the_number_and_makes_a_call(
    world: World, network: TwilioStandIn, known: Known, code: int, state: str, texts_wanted: bool, task: str
) -> None:
    network.faults.append(f"refuse {code}")
    run_all_once(world.app)
    run_all_once(world.app)
    assert network.asked["send"] == 1
    assert booked(world, known).startswith("failed: ")
    with world.app.app_context():
        assert count("phone_numbers", state=state, texts_wanted=texts_wanted) == 1
        assert count("tasks", kind=task, case_id=known.case_id) == 1
        assert count("text_links", dead_at=None) == 0


def test_an_unknown_handset_twice_is_a_bad_number(world: World, network: TwilioStandIn, known: Known) -> None:
    change_number(world, known, state="suspect")
    network.faults.append("refuse 30005")
    run_all_once(world.app)
    with world.app.app_context():
        assert count("phone_numbers", state="bad") == 1
        assert count("tasks", kind="number_suspect", case_id=known.case_id) == 1


def test_nobody_there_is_not_sent_for_sure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotSent) as refusal:
            gateway(f"http://127.0.0.1:{taken.getsockname()[1]}").send(
                to=MOBILE, body="x", callback_url="http://localhost/", valid_seconds=60
            )
    assert refusal.value.temporary


def test_a_wrong_password_is_ours_to_put_right_and_loses_no_text(network: TwilioStandIn) -> None:
    wrong = Twilio(account_sid=ACCOUNT, auth_token="another", sender=SERVICE, base_url=network.url)
    with pytest.raises(NotSent) as refusal:
        wrong.send(to=MOBILE, body="x", callback_url="http://localhost/", valid_seconds=60)
    assert refusal.value.temporary


def test_a_list_that_is_not_given_is_not_an_empty_list(network: TwilioStandIn, clock: MovableClock) -> None:
    network.list_fails = True
    with pytest.raises(SendUnknown):
        gateway(network.url).listed(to=MOBILE, since=clock.now())


def test_a_connection_is_kept_for_the_next_text(network: TwilioStandIn) -> None:
    one = gateway(network.url)
    for _ in range(5):
        one.send(to=MOBILE, body="x", callback_url="http://localhost/", valid_seconds=60)
    assert network.asked == {"connection": 1, "send": 5}
