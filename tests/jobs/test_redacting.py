"""The words of what is over are taken from Twilio: once, never while a text is in doubt, and again if that fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging import redactions
from provider.domain.messaging.gateways import NotRedacted
from provider.domain.messaging.models import Redaction, Text
from provider.domain.messaging.redactions import MOST_TRIES
from provider.domain.messaging.sandbox import Sandbox
from provider.domain.messaging.twilio import Twilio
from provider.jobs.redacting import redact
from provider.jobs.run import run_all_once
from provider.jobs.shift import Shift
from provider.kernel.database import db, transaction
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.fakes import MovableClock
from tests.races.together import at_once
from tests.stand_ins.twilio import ACCOUNT, SERVICE, TOKEN, Message, TwilioStandIn, new_message, signed
from tests.texting import MOBILE, add_to_ring, book, texts_of


@pytest.fixture
def network(clock: MovableClock) -> Iterator[TwilioStandIn]:
    with TwilioStandIn(clock.now) as stand_in:
        yield stand_in


@pytest.fixture
def world(app: Flask, network: TwilioStandIn) -> World:
    app.extensions["text_gateway"] = Twilio(
        account_sid=ACCOUNT, auth_token=TOKEN, sender=SERVICE, base_url=network.url
    )
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    return known


def say(
    world: World,
    client: FlaskClient,
    network: TwilioStandIn,
    message: Message,
    status: str,
    code: int | None = None,
) -> None:
    """Twilio says what became of a message, and a worker hears it."""
    message.status = status
    assert client.post(**network.said_of(message, status, code)).status_code == 204
    run_all_once(world.app)


def live_on(world: World, clock: MovableClock, *, minutes: int = 16) -> None:
    clock.advance(minutes=minutes)
    run_all_once(world.app)


def waiting(world: World) -> int:
    with world.app.app_context():
        return count("redactions", done_at=None, given_up_at=None)


@pytest.mark.parametrize(("end", "code"), [("delivered", None), ("undelivered", 30004), ("failed", 30005)])
def test_what_is_over_loses_its_words_once(
    world: World,
    client: FlaskClient,
    clock: MovableClock,
    network: TwilioStandIn,
    known: Known,
    end: str,
    code: int | None,
) -> None:
    message = network.messages[0]
    say(world, client, network, message, end, code)
    assert message.body != ""
    for _ in range(3):
        live_on(world, clock)
    assert message.body == ""
    assert network.asked["redact"] == 1
    assert texts_of(world, known)[0].body != ""
    with world.app.app_context():
        assert count("redactions", provider_id=message.sid, given_up_at=None) == 1
    assert waiting(world) == 0


def test_what_is_on_its_way_keeps_them(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    say(world, client, network, network.messages[0], "sent")
    live_on(world, clock, minutes=60)
    assert network.asked["redact"] == 0


def test_while_it_is_in_doubt_whether_a_text_went_out_nothing_of_it_is_touched(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    """It is found by its body; also the body of an earlier try stays."""
    say(world, client, network, network.messages[0], "undelivered", 30003)
    for state in ("unknown", "claimed"):
        with world.app.app_context(), transaction():
            db.session.execute(
                sa.update(Text)
                .where(Text.id == texts_of(world, known)[0].id)
                .values(state=state, state_because="shown")
            )
        with world.app.app_context():
            clock.advance(minutes=20)
            redact(Shift(world.app))
        assert network.asked["redact"] == 0
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Text).where(Text.state == "claimed").values(state="delivered"))
    with world.app.app_context():
        redact(Shift(world.app))
    assert network.messages[0].body == ""


def test_every_try_of_a_text_loses_its_words(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    say(world, client, network, network.messages[0], "undelivered", 30003)
    live_on(world, clock, minutes=125)
    assert len(network.messages) == 2
    say(world, client, network, network.messages[1], "delivered")
    live_on(world, clock)
    assert [message.body for message in network.messages[:2]] == ["", ""]


def test_what_somebody_answered_goes_too(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    theirs = new_message({"To": "+447700900999", "Body": "something private"}, clock.now())
    theirs.status = "received"
    network.messages.append(theirs)
    form = {"MessageSid": theirs.sid, "From": MOBILE, "To": "+447700900999", "Body": theirs.body}
    assert client.post(**signed("http://localhost/webhooks/twilio/inbound", form)).status_code == 200
    run_all_once(world.app)
    live_on(world, clock)
    assert theirs.body == ""
    with world.app.app_context():
        assert count("replies", body="something private") == 1


def test_a_refusal_is_tried_again_later_and_each_time_after_longer(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    network.redact_fails = 3
    say(world, client, network, network.messages[0], "delivered")
    live_on(world, clock)
    asked = [network.asked["redact"]]
    for minutes in (1, 2, 3, 2, 5):
        live_on(world, clock, minutes=minutes)
        asked.append(network.asked["redact"])
    assert asked == [1, 1, 2, 2, 3, 3]
    live_on(world, clock, minutes=10)
    assert network.messages[0].body == ""
    assert waiting(world) == 0


def test_what_twilio_will_never_do_is_given_up_and_somebody_is_told(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    network.redact_fails = 1000
    say(world, client, network, network.messages[0], "delivered")
    for _ in range(MOST_TRIES + 1):
        live_on(world, clock, minutes=12 * 60)
    assert network.asked["redact"] == MOST_TRIES
    with world.app.app_context():
        assert count("alarms", kind="not_redacted", ended_at=None) == 1


def test_a_message_that_is_gone_has_no_words(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    say(world, client, network, network.messages[0], "delivered")
    network.messages.clear()
    live_on(world, clock)
    assert waiting(world) == 0


def test_a_worker_that_dies_on_the_way_leaves_it_for_the_next(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    """Redacting twice does no harm; not at all would."""
    say(world, client, network, network.messages[0], "delivered")
    clock.advance(minutes=16)
    with world.app.app_context(), transaction():
        taken = redactions.take(limit=10, now=clock.now())
    world.app.extensions["text_gateway"].redact(taken[0].provider_id)
    assert waiting(world) == 1
    live_on(world, clock, minutes=3)
    assert (waiting(world), network.asked["redact"]) == (0, 2)


def test_two_workers_take_each_once(
    world: World, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    with world.app.app_context(), transaction():
        for number in range(30):
            message = new_message({"To": MOBILE, "Body": "x"}, clock.now())
            message.status = "delivered"
            network.messages.append(message)
            redactions.note(message.sid, text_id=None, now=clock.now() - timedelta(hours=1, minutes=number))
    at_once(world.app, [lambda: redact(Shift(world.app))] * 2)
    assert network.asked["redact"] == 30
    assert {message.body for message in network.messages[-30:]} == {""}
    assert waiting(world) == 0


def test_what_twilio_never_told_us_of_is_over_after_two_days(
    world: World, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    network.messages[0].status = "delivered"
    live_on(world, clock, minutes=47 * 60)
    assert network.messages[0].body != ""
    live_on(world, clock, minutes=2 * 60)
    live_on(world, clock, minutes=1)
    assert network.messages[0].body == ""


def test_the_setting_turns_it_off_and_on_again(
    world: World,
    client: FlaskClient,
    clock: MovableClock,
    network: TwilioStandIn,
    known: Known,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = world.app.extensions["settings"]
    assert settings.twilio_redact is True
    with monkeypatch.context() as off:
        off.setitem(world.app.extensions, "settings", settings.model_copy(update={"twilio_redact": False}))
        say(world, client, network, network.messages[0], "delivered")
        live_on(world, clock, minutes=60)
        assert network.asked["redact"] == 0
    live_on(world, clock, minutes=1)
    assert network.messages[0].body == ""


def test_the_sandbox_keeps_what_it_shows(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    say(world, client, network, network.messages[0], "delivered")
    with world.app.app_context():
        world.app.extensions["text_gateway"] = Sandbox(db.engine, clock)
    live_on(world, clock, minutes=60)
    assert network.asked["redact"] == 0


def test_it_is_said_once_of_a_message_however_often_it_is_told(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    for end in ("delivered", "undelivered", "delivered"):
        say(world, client, network, network.messages[0], end)
    with world.app.app_context():
        assert count("redactions") == 1


def test_what_is_done_is_forgotten_after_a_month_and_what_waits_with_the_network(
    world: World, client: FlaskClient, clock: MovableClock, network: TwilioStandIn, known: Known
) -> None:
    say(world, client, network, network.messages[0], "delivered")
    live_on(world, clock)
    with world.app.app_context(), transaction():
        db.session.add(
            Redaction(
                provider_id="SMx", noted_at=clock.now(), due_at=clock.now(), given_up_at=clock.now(), tries=12
            )
        )
    live_on(world, clock, minutes=31 * 24 * 60)
    with world.app.app_context():
        assert [row.provider_id for row in db.session.scalars(sa.select(Redaction))] == ["SMx"]
    live_on(world, clock, minutes=370 * 24 * 60)
    with world.app.app_context():
        assert count("redactions") == 0


def test_a_network_that_does_not_answer_says_so(network: TwilioStandIn) -> None:
    wrong = Twilio(account_sid=ACCOUNT, auth_token="another", sender=SERVICE, base_url=network.url)
    with pytest.raises(NotRedacted):
        wrong.redact("SM" + "0" * 32)
