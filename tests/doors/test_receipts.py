"""Twilio's callbacks at the door: what is forged, bent or replayed changes nothing; what is genuine is kept at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from provider.domain.messaging.gateways import Sent
from provider.domain.messaging.models import Callback, Text
from provider.jobs.run import run_all_once
from provider.kernel.database import db, transaction
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.fakes import MovableClock, Phones
from tests.stand_ins.twilio import TOKEN, signed
from tests.texting import add_to_ring, book, states, texts_of

HERE = "http://localhost/webhooks/twilio/status"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    return known


def booked(world: World, known: Known) -> Text:
    return next(text for text in texts_of(world, known) if text.kind == "assessment_booked")


def said_of(text: Text, status: str, code: int | None = None, *, at: str = HERE) -> dict[str, Any]:
    form = {"MessageSid": str(text.provider_id), "MessageStatus": status, "AccountSid": "AC1"}
    if code is not None:
        form["ErrorCode"] = str(code)
    return signed(f"{at}?text={text.public_id}&try={text.tries}", form)


def everything(world: World) -> dict[str, list[Any]]:
    """Every row that a callback could change; what is merely noted to be tidied up is not among them."""
    aside = {"callbacks", "redactions", "worker_heartbeats", "job_runs"}
    with world.app.app_context():
        tables = [table for table in db.metadata.sorted_tables if table.name not in aside]
        return {
            table.name: list(db.session.execute(sa.select(table).order_by(*table.primary_key)))
            for table in tables
        }


def bent(request: dict[str, Any], **form: Any) -> dict[str, Any]:
    """The same signature on another form."""
    return {**request, "data": MultiDict({**request["data"], **form})}


def forgeries(text: Text) -> dict[str, dict[str, Any]]:
    right = said_of(text, "undelivered", 30005)
    form, path = right["data"], right["path"]
    joined = {
        "AccountSid": "AC1ErrorCode30005",
        "MessageSid": form["MessageSid"],
        "MessageStatus": "undelivered",
    }
    run_on = {
        "AccountSidAC1ErrorCode": "30005",
        "MessageSid": form["MessageSid"],
        "MessageStatus": "undelivered",
    }
    return {
        "no signature": {**right, "headers": {}},
        "an empty one": {**right, "headers": {"X-Twilio-Signature": ""}},
        "another's token": signed(f"http://localhost{path}", form, token="another account's"),
        "a parameter changed": bent(right, MessageStatus="delivered"),
        "a parameter added": bent(right, SmsStatus="delivered"),
        "a parameter missing": {**right, "data": {key: form[key] for key in form if key != "ErrorCode"}},
        "one twice": bent(right, MessageStatus=["undelivered", "undelivered"]),
        "one twice, the second another": bent(right, MessageStatus=["undelivered", "delivered"]),
        "one inside another's value": {**right, "data": joined},
        "one inside another's name": {**right, "data": run_on},
        "another text's address": {**right, "path": path.replace(text.public_id, "txt_" + "0" * 24)},
        "more in the address": {**right, "path": path + "&x=1"},
        "less in the address": {**right, "path": path.partition("&")[0]},
        "another door": {**right, "path": path.replace("/status", "/inbound")},
        "of a request to another host": signed(f"http://elsewhere.example{path}", form),
        "of the same over https": signed(f"https://localhost{path}", form),
        "parameters in the address": {
            "path": f"{path}&MessageSid={form['MessageSid']}&MessageStatus=delivered",
            "headers": right["headers"],
        },
    }


def test_what_is_forged_or_bent_is_refused_and_changes_nothing(
    world: World, client: FlaskClient, known: Known
) -> None:
    before, text = everything(world), booked(world, known)
    answers = {name: client.post(**request).status_code for name, request in forgeries(text).items()}
    assert {name for name, answer in answers.items() if answer != 403} == set()
    run_all_once(world.app)
    assert everything(world) == before


def test_what_is_signed_twice_over_in_one_parameter_is_not_guessed_at(
    world: World, client: FlaskClient, known: Known
) -> None:
    """Even where it carries a right signature of both values."""
    right = said_of(booked(world, known), "sent")
    form = MultiDict([*right["data"].items(), ("MessageStatus", "delivered")])
    signature = RequestValidator(TOKEN).compute_signature(f"http://localhost{right['path']}", form)
    answer = client.post(right["path"], data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


def test_the_order_of_parameters_says_nothing(world: World, client: FlaskClient, known: Known) -> None:
    right = said_of(booked(world, known), "delivered")
    backwards = dict(reversed(right["data"].items()))
    assert client.post(**{**right, "data": backwards}).status_code == 204
    run_all_once(world.app)
    assert states(world, known)["assessment_booked"] == "delivered"


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "texts.example"}, {"X-Forwarded-Proto": "http"}],
)
def test_behind_a_proxy_the_address_that_twilio_was_given_is_what_was_signed(
    world: World, client: FlaskClient, known: Known, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = world.app.extensions["settings"].model_copy(update={"public_url": "https://texts.example/"})
    monkeypatch.setitem(world.app.extensions, "settings", outside)
    text = booked(world, known)
    right = said_of(text, "delivered", at="https://texts.example/webhooks/twilio/status")
    inside = said_of(text, "delivered", at="http://texts.example/webhooks/twilio/status")
    assert client.post(**{**inside, "headers": {**inside["headers"], **headers}}).status_code == 403
    assert client.post(**{**right, "headers": {**right["headers"], **headers}}).status_code == 204


@pytest.mark.parametrize("days", [1, 31, 400])
@pytest.mark.parametrize("end", [("delivered", None), ("undelivered", 30005), ("undelivered", 30003)])
def test_what_is_replayed_days_later_changes_nothing(
    world: World,
    client: FlaskClient,
    clock: MovableClock,
    known: Known,
    days: int,
    end: tuple[str, int | None],
) -> None:
    text = booked(world, known)
    recorded = [said_of(text, "sent"), said_of(text, *end)]
    for callback in recorded:
        assert client.post(**callback).status_code == 204
    run_all_once(world.app)
    clock.advance(days=days)
    for _ in range(2):
        run_all_once(world.app)
    before = everything(world)
    for callback in (*recorded, *reversed(recorded)):
        assert client.post(**callback).status_code == 204
    run_all_once(world.app)
    assert everything(world) == before


class Hasty(Phones):
    """A network that says what became of a text before it has answered that it takes it."""

    client: FlaskClient
    app: Flask

    def send(self, **asked: Any) -> Sent:
        answer = super().send(**asked)
        for status in ("delivered", "sent", "queued"):
            form = {"MessageSid": answer.provider_id, "MessageStatus": status}
            assert self.client.post(**signed(asked["callback_url"], form)).status_code == 204
        return answer


def test_a_callback_before_the_answer_to_our_own_call(
    world: World, client: FlaskClient, clock: MovableClock
) -> None:
    hasty = Hasty(clock)
    hasty.client, hasty.app = world.app.test_client(), world.app
    world.app.extensions["text_gateway"] = hasty
    known = add_to_ring(world)
    book(world, known)
    for _ in range(2):
        run_all_once(world.app)
    assert states(world, known)["assessment_booked"] == "delivered"
    assert len(hasty.arrived) == 1


def test_the_door_answers_at_once_while_the_text_is_being_worked_on(
    world: World, client: FlaskClient, known: Known, engine_name: str
) -> None:
    """It keeps what was said and touches nothing else: nobody who holds the text or its case holds it up."""
    text, started, done = booked(world, known), threading.Event(), threading.Event()

    def hold() -> None:
        with world.app.app_context(), transaction():
            for table in ("cases", "texts", "phone_numbers"):
                db.session.execute(sa.text(f"UPDATE {table} SET id = id"))
            started.set()
            # SQLite has one writer: there the door waits for it, and no longer.
            done.wait(0.5 if engine_name == "sqlite" else 20)

    holding = threading.Thread(target=hold)
    holding.start()
    assert started.wait(10)
    began = time.monotonic()
    answer = client.post(**said_of(text, "delivered"))
    took = time.monotonic() - began
    done.set()
    holding.join()
    assert answer.status_code == 204
    assert took < 5
    with world.app.app_context():
        assert count("callbacks") == 1


def test_many_at_once_are_all_kept(world: World, known: Known) -> None:
    text, threads = booked(world, known), 8
    requests = [said_of(text, status) for status in ("queued", "sent", "delivered") for _ in range(threads)]
    answers: list[int] = []

    def post(mine: list[dict[str, Any]]) -> None:
        client = world.app.test_client()
        answers.extend(client.post(**request).status_code for request in mine)

    workers = [threading.Thread(target=post, args=(requests[number::threads],)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert answers == [204] * len(requests)
    with world.app.app_context():
        assert count("callbacks") == 3
    run_all_once(world.app)
    assert states(world, known)["assessment_booked"] == "delivered"


def test_what_was_said_is_kept_for_a_month_and_no_longer(
    world: World, client: FlaskClient, clock: MovableClock, known: Known
) -> None:
    client.post(**said_of(booked(world, known), "delivered"))
    run_all_once(world.app)
    clock.advance(days=31)
    run_all_once(world.app)
    with world.app.app_context():
        assert db.session.scalars(sa.select(Callback)).all() == []
