"""What is unknown after a crash or a time-out is settled by the network or by a person, never sent again blindly."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging.models import Text
from provider.domain.messaging.pace import STEADY
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Case
from provider.jobs import lanes
from provider.jobs.pausing import pause, resume
from provider.jobs.run import run_all_once
from provider.jobs.settling import settle_unknown_texts
from provider.jobs.shift import Shift
from provider.jobs.texting import send_due_texts
from provider.kernel.actors import Actor
from provider.kernel.database import transaction
from provider.pathway import booking, contacting, sending, settling
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.fakes import MovableClock
from tests.jobs.test_twilio_sends import booked, gateway
from tests.stand_ins.twilio import TwilioStandIn
from tests.texting import MOBILE, add_to_ring, book, states, texts_of

ANOTHER = "+447700900124"


@pytest.fixture
def network(clock: MovableClock) -> Iterator[TwilioStandIn]:
    with TwilioStandIn(clock.now) as stand_in:
        yield stand_in


@pytest.fixture
def world(app: Flask, network: TwilioStandIn) -> World:
    app.extensions["text_gateway"] = gateway(network.url)
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    return known


@pytest.fixture
def worker(world: World) -> Actor:
    return Actor("account", world.accounts["drug_worker"])


def settle(world: World) -> None:
    with world.app.app_context():
        settle_unknown_texts(Shift(world.app))


def live(world: World, clock: MovableClock, **time: float) -> None:
    clock.advance(**time)
    run_all_once(world.app)


def leave_in_doubt(world: World, network: TwilioStandIn, fault: str) -> None:
    """Send what is due, of which ``fault`` then leaves nobody knowing."""
    network.faults.append(fault)
    with world.app.app_context():
        send_due_texts(Shift(world.app))


def shown(world: World, network: TwilioStandIn, clock: MovableClock, known: Known) -> Text:
    """The text of which a person was asked: it was taken, and the network never said so."""
    leave_in_doubt(world, network, "500 after")
    network.list_fails = True
    live(world, clock, minutes=16)
    assert booked(world, known) == "unknown: shown"
    return texts_of(world, known)[0]


def told(world: World, text: Text, by: Actor, clock: MovableClock, *, arrived: bool) -> None:
    with world.app.app_context(), transaction():
        settling.told(text.id, arrived=arrived, by=by, now=clock.now())


def waiting(world: World, kind: str) -> int:
    with world.app.app_context():
        return count("tasks", kind=kind, done_at=None)


@pytest.mark.parametrize(
    ("said", "code", "state"),
    [
        ("queued", None, "sent"),
        ("sent", None, "sent"),
        ("delivered", None, "delivered"),
        ("undelivered", 30004, "failed: no_more_texts_call"),
        ("failed", 30003, "planned: error_30003"),
    ],
)
def test_a_callback_settles_it_whatever_it_says(
    world: World,
    network: TwilioStandIn,
    client: FlaskClient,
    clock: MovableClock,
    known: Known,
    said: str,
    code: int | None,
    state: str,
) -> None:
    leave_in_doubt(world, network, "reset after")
    assert booked(world, known) == "unknown"
    network.list_fails = True
    client.post(**network.said_of(network.messages[0], said, code))
    live(world, clock, minutes=5)
    assert booked(world, known) == state
    text = texts_of(world, known)[0]
    assert (text.known_by, text.provider_id) == ("callback", network.messages[0].sid)
    assert len(network.messages) == 1


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        ("queued", None, "sent"),
        ("delivered", None, "delivered"),
        ("undelivered", 30004, "failed: no_more_texts_call"),
        ("failed", 30036, "failed: expected"),
    ],
)
def test_the_list_says_what_became_of_it(
    world: World, network: TwilioStandIn, known: Known, status: str, code: int | None, state: str
) -> None:
    leave_in_doubt(world, network, "500 after")
    network.messages[0].status, network.messages[0].error_code = status, code
    settle(world)
    assert booked(world, known) == state
    assert texts_of(world, known)[0].known_by == "list"
    assert len(network.messages) == 1


def test_one_that_went_out_twice_is_said_aloud_and_not_sent_again(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known, caplog: pytest.LogCaptureFixture
) -> None:
    leave_in_doubt(world, network, "500 after")
    network.accept(network.messages[0].form)
    with caplog.at_level(logging.ERROR):
        settle(world)
    assert "a text went out more than once" in caplog.messages
    live(world, clock, minutes=20)
    assert booked(world, known) == "sent"
    assert len(network.messages) == 2


def test_every_page_of_the_list_is_read(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    leave_in_doubt(world, network, "500 after")
    network.per_page = 2
    for number in range(5):
        network.accept({**network.messages[0].form, "Body": f"another text, {number}"})
    live(world, clock, minutes=3)
    assert booked(world, known) == "sent"
    assert network.asked["list"] >= 3
    assert texts_of(world, known)[0].provider_id == network.messages[0].sid


def test_a_list_without_end_proves_nothing(
    world: World,
    network: TwilioStandIn,
    clock: MovableClock,
    known: Known,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provider.domain.messaging.twilio.MOST_LISTED", 3)
    leave_in_doubt(world, network, "500 after")
    for number in range(5):
        network.accept({**network.messages[0].form, "Body": f"another text, {number}"})
    live(world, clock, minutes=16)
    assert booked(world, known) == "unknown: shown"


@pytest.mark.parametrize("redacted", [True, False])
def test_words_that_were_taken_out_could_be_anybodys(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known, redacted: bool
) -> None:
    leave_in_doubt(world, network, "500 after" if redacted else "500")
    if redacted:
        network.messages[0].body = ""
    live(world, clock, minutes=3)
    assert booked(world, known) == ("unknown" if redacted else "planned: was_not_sent")
    live(world, clock, minutes=13)
    assert booked(world, known) == ("unknown: shown" if redacted else "sent")
    assert len(network.messages) == 1


def test_words_taken_out_of_a_text_that_is_known_hide_nothing(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    run_all_once(world.app)
    network.messages[0].body = ""
    leave_in_doubt_later(world, network, clock, known)
    live(world, clock, minutes=3)
    run_all_once(world.app)
    assert len(network.messages) == 2


def leave_in_doubt_later(world: World, network: TwilioStandIn, clock: MovableClock, known: Known) -> None:
    """The next reminder was not taken, and nobody knows."""
    clock.set(texts_of(world, known)[1].due_at + timedelta(minutes=1))
    network.faults.append("500")
    run_all_once(world.app)


def expire(world: World, known: Known, worker: Actor, clock: MovableClock) -> None:
    with world.app.app_context(), transaction() as session:
        session.execute(sa.update(Text).values(expires_at=clock.now() + timedelta(minutes=1)))


def close(world: World, known: Known, worker: Actor, clock: MovableClock) -> None:
    with world.app.app_context(), transaction() as session:
        session.get_one(Case, known.case_id).closed_at = clock.now()


def call_off(world: World, known: Known, worker: Actor, clock: MovableClock) -> None:
    appointment_id = texts_of(world, known)[0].appointment_id
    assert appointment_id is not None
    with world.app.app_context(), transaction():
        booking.call_off(appointment_id, ours=False, by=worker, now=clock.now())


@pytest.mark.parametrize(
    ("meanwhile", "state"),
    [(expire, "dropped: too_late"), (close, "dropped: case_closed"), (call_off, "dropped: booking_changed")],
)
def test_what_was_not_sent_is_sent_only_if_it_still_should_be(
    world: World,
    network: TwilioStandIn,
    clock: MovableClock,
    known: Known,
    worker: Actor,
    meanwhile: Callable[[World, Known, Actor, MovableClock], None],
    state: str,
) -> None:
    leave_in_doubt(world, network, "500")
    ours = texts_of(world, known)[0].public_id
    meanwhile(world, known, worker, clock)
    for _ in range(3):
        live(world, clock, minutes=3)
    assert booked(world, known) == state
    assert [message for message in network.messages if ours in message.form["StatusCallback"]] == []


def test_to_a_number_that_was_changed_it_is_not_sent_again(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known, worker: Actor
) -> None:
    leave_in_doubt(world, network, "500")
    with world.app.app_context(), transaction():
        contacting.change_number(known.case_id, ANOTHER, confirmed_by="voice", by=worker, now=clock.now())
    for _ in range(3):
        live(world, clock, minutes=3)
    assert {message.to for message in network.messages} == {ANOTHER}


def test_where_the_number_is_kept_no_longer_nothing_is_asked_and_nothing_sent(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    leave_in_doubt(world, network, "500")
    with world.app.app_context(), transaction() as session:
        session.execute(sa.update(PhoneNumber).values(e164=None))
    live(world, clock, minutes=16)
    assert booked(world, known) == "unknown: shown"
    assert network.asked["list"] == 0


def test_workers_that_were_all_away_for_a_day_still_find_what_one_of_them_sent(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    with world.app.app_context(), transaction():
        claimed = sending.claim_due(limit=1, worker="dead", public_url="http://localhost", now=clock.now())
    ready = claimed.ready[0]
    world.app.extensions["text_gateway"].send(
        to=ready.to, body=ready.body, callback_url="http://localhost/", valid_seconds=60
    )
    clock.advance(hours=23)
    settle(world)
    clock.advance(minutes=3)
    settle(world)
    assert booked(world, known) == "sent"
    assert len(network.messages) == 1


def test_whoever_was_held_up_does_not_begin(
    world: World,
    network: TwilioStandIn,
    clock: MovableClock,
    known: Known,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine that sleeps between claiming and sending: by then somebody else may have the text."""
    really = lanes.Lane._see_through

    def sleep(self: lanes.Lane, going: lanes.Going) -> None:
        clock.advance(seconds=STEADY.lease.total_seconds() / 2 + 1)
        monkeypatch.undo()
        really(self, going)

    monkeypatch.setattr(lanes.Lane, "_see_through", sleep)
    with world.app.app_context():
        send_due_texts(Shift(world.app))
    run_all_once(world.app)
    assert len(network.messages) == 1
    assert texts_of(world, known)[0].tries == 1


def test_of_an_earlier_try_only_that_it_arrived_is_news(
    world: World, network: TwilioStandIn, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    run_all_once(world.app)
    first = network.messages[0]
    for _ in range(2):
        client.post(**network.said_of(network.messages[-1], "undelivered", 30001))
        run_all_once(world.app)
        live(world, clock, minutes=5)
    assert len(network.messages) == 3
    network.faults.append("500")
    client.post(**network.said_of(network.messages[-1], "undelivered", 30001))
    run_all_once(world.app)
    assert booked(world, known) == "planned: error_30001"
    client.post(**network.said_of(first, "sent"))
    run_all_once(world.app)
    assert booked(world, known) == "planned: error_30001"
    client.post(**network.said_of(first, "delivered"))
    run_all_once(world.app)
    assert booked(world, known) == "delivered"


def test_a_person_says_that_it_arrived(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known, worker: Actor
) -> None:
    text = shown(world, network, clock, known)
    assert waiting(world, "text_unknown") == 1
    told(world, text, worker, clock, arrived=True)
    assert booked(world, known) == "delivered"
    assert waiting(world, "text_unknown") == 0
    assert texts_of(world, known)[0].known_by == "person"
    with pytest.raises(settling.KnownByNow):
        told(world, text, worker, clock, arrived=False)


def test_a_person_says_that_it_did_not(
    world: World,
    network: TwilioStandIn,
    client: FlaskClient,
    clock: MovableClock,
    known: Known,
    worker: Actor,
) -> None:
    text = shown(world, network, clock, known)
    told(world, text, worker, clock, arrived=False)
    assert booked(world, known) == "failed: person_said"
    assert (waiting(world, "text_unknown"), waiting(world, "text_failed")) == (0, 1)
    client.post(**network.said_of(network.messages[0], "sent"))
    run_all_once(world.app)
    assert booked(world, known) == "failed: person_said"
    client.post(**network.said_of(network.messages[0], "delivered"))
    run_all_once(world.app)
    assert booked(world, known) == "delivered"
    assert len(network.messages) == 1


def test_a_late_callback_settles_it_and_nobody_is_asked_any_more(
    world: World,
    network: TwilioStandIn,
    client: FlaskClient,
    clock: MovableClock,
    known: Known,
    worker: Actor,
) -> None:
    text = shown(world, network, clock, known)
    client.post(**network.said_of(network.messages[0], "delivered"))
    live(world, clock, hours=1)
    assert booked(world, known) == "delivered"
    assert waiting(world, "text_unknown") == 0
    with pytest.raises(settling.KnownByNow):
        told(world, text, worker, clock, arrived=True)


def test_a_network_that_lists_again_spares_them_the_answer(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    shown(world, network, clock, known)
    network.list_fails = False
    live(world, clock, minutes=5)
    assert booked(world, known) == "sent"
    assert waiting(world, "text_unknown") == 0


def test_what_they_were_asked_about_and_is_not_listed_stays_with_them(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    shown(world, network, clock, known)
    network.list_fails = False
    network.messages.clear()
    live(world, clock, minutes=5)
    assert booked(world, known) == "unknown: shown"
    assert waiting(world, "text_unknown") == 1
    live(world, clock, days=2)
    asked = network.asked["list"]
    live(world, clock, minutes=5)
    assert network.asked["list"] == asked


def test_they_are_asked_until_the_last_text_is_known(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known, worker: Actor
) -> None:
    first = shown(world, network, clock, known)
    with world.app.app_context(), transaction() as session:
        second = session.scalars(
            sa.select(Text).where(Text.case_id == known.case_id, Text.state == "planned").limit(1)
        ).one()
        second.state, second.state_because, second.claimed_at = "unknown", "shown", clock.now()
    told(world, first, worker, clock, arrived=True)
    assert waiting(world, "text_unknown") == 1
    told(world, second, worker, clock, arrived=True)
    assert waiting(world, "text_unknown") == 0


def test_a_restored_copy_neither_sends_nor_asks_until_somebody_says_go(
    world: World, network: TwilioStandIn, clock: MovableClock, known: Known
) -> None:
    leave_in_doubt(world, network, "500")
    with world.app.app_context(), transaction():
        pause(now=clock.now())
    asked = dict(network.asked)
    for _ in range(4):
        live(world, clock, minutes=3)
    assert dict(network.asked) == asked
    with world.app.app_context(), transaction():
        resume()
    for _ in range(2):
        live(world, clock, minutes=3)
    assert [message.to for message in network.messages] == [MOBILE]
    assert states(world, known)["assessment_booked"] == "sent"
