"""What Twilio tells us: only what it signs is heard, once, and only ever forward."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging.models import Reply, Text
from provider.jobs.run import run_all_once
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, offering
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.stand_ins.twilio import signed
from tests.texting import MOBILE, add_to_ring, book, change_number, states, texts_of

INBOUND = "http://localhost/webhooks/twilio/inbound"
VOICE = "http://localhost/webhooks/twilio/voice"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    return known


def status(text: Text, said: str, code: int | None = None) -> dict[str, Any]:
    form = {"MessageSid": str(text.provider_id), "MessageStatus": said, "To": MOBILE}
    if code is not None:
        form["ErrorCode"] = str(code)
    return signed(f"http://localhost/webhooks/twilio/status?text={text.public_id}", form)


def tell(world: World, client: FlaskClient, *callbacks: dict[str, Any]) -> None:
    for callback in callbacks:
        assert client.post(**callback).status_code == 204
    run_all_once(world.app)


def answer(
    client: FlaskClient, world: World, body: str, *, sid: str = "SM1", number: str = MOBILE, **more: str
) -> str:
    form = {"MessageSid": sid, "From": number, "To": "+447700900999", "Body": body, **more}
    said = client.post(**signed(INBOUND, form))
    assert said.status_code == 200
    assert said.content_type.startswith("text/xml")
    run_all_once(world.app)
    return said.text


@pytest.mark.parametrize("path", ["status?text=txt_1", "inbound", "voice"])
def test_what_is_not_signed_is_not_heard(world: World, client: FlaskClient, path: str) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "From": MOBILE, "Body": "hello"}
    right = signed(f"http://localhost/webhooks/twilio/{path}", form)
    forged = [
        {**right, "headers": {}},
        {**right, "data": {**form, "Body": "STOP"}},
        {**right, "path": right["path"] + ("&x=1" if "?" in right["path"] else "?x=1")},
        signed(f"http://localhost/webhooks/twilio/{path}", form, token="another"),
        signed(f"http://elsewhere.example/webhooks/twilio/{path}", form),
        {**right, "headers": {"X-Twilio-Signature": "é"}},
    ]
    assert [client.post(**request).status_code for request in forged] == [403] * len(forged)
    assert client.get(right["path"]).status_code in (404, 405)
    with world.app.app_context():
        assert count("callbacks") == 0


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered"])))
def test_a_status_only_moves_forward(
    world: World, client: FlaskClient, known: Known, order: tuple[str, ...]
) -> None:
    text = texts_of(world, known)[0]
    tell(world, client, *(status(text, said) for said in order))
    assert states(world, known)["assessment_booked"] == "delivered"


def test_said_twice_is_done_once(world: World, client: FlaskClient, known: Known) -> None:
    text = texts_of(world, known)[0]
    for _ in range(3):
        tell(world, client, status(text, "undelivered", 30004), status(text, "undelivered", 30004))
    with world.app.app_context():
        assert count("callbacks") == 1
        assert count("tasks", kind="text_failed") == 1


def test_a_status_of_another_message_or_of_none_changes_nothing(
    world: World, client: FlaskClient, known: Known
) -> None:
    text = texts_of(world, known)[0]
    other = signed(
        f"http://localhost/webhooks/twilio/status?text={text.public_id}",
        {"MessageSid": "SMother", "MessageStatus": "failed", "ErrorCode": "30005"},
    )
    nobody = signed(
        "http://localhost/webhooks/twilio/status?text=txt_nobody",
        {"MessageSid": "SM2", "MessageStatus": "sent"},
    )
    tell(world, client, other, nobody, signed("http://localhost/webhooks/twilio/status", {}))
    assert states(world, known)["assessment_booked"] == "sent"


def test_out_of_reach_is_tried_once_more_and_then_rung(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known
) -> None:
    tell(world, client, status(texts_of(world, known)[0], "undelivered", 30003))
    assert len(phones.arrived) == 1
    clock.advance(hours=2, minutes=1)
    run_all_once(world.app)
    assert len(phones.arrived) == 2
    assert phones.arrived[0].link != phones.arrived[1].link
    tell(world, client, status(texts_of(world, known)[0], "undelivered", 30003))
    clock.advance(hours=3)
    run_all_once(world.app)
    assert len(phones.arrived) == 2
    assert states(world, known)["assessment_booked"] == "failed: retry_once_then_call"
    with world.app.app_context():
        assert count("tasks", kind="text_failed", case_id=known.case_id) == 1


@pytest.mark.parametrize(
    ("code", "state", "texts_wanted", "tries", "task"),
    [
        (30003, "good", True, 2, "text_failed"),
        (30004, "good", False, 1, "text_failed"),
        (30005, "suspect", True, 1, "text_failed"),
        (30006, "not_a_mobile", True, 1, "text_failed"),
        (21614, "not_a_mobile", True, 1, "text_failed"),
        (21635, "not_a_mobile", True, 1, "text_failed"),
        (30007, "good", True, 1, "text_failed"),
        (30008, "good", True, 2, "text_failed"),
        (30036, "good", True, 1, None),
        (21610, "opted_out", False, 1, "text_failed"),
        (21211, "bad", True, 1, "number_suspect"),
        (21612, "good", True, 1, "text_failed"),
        (21212, "good", True, 1, "text_failed"),
        (20429, "good", True, 4, None),
        (30001, "good", True, 4, None),
    ],
)
def test_what_each_code_of_a_callback_says_of_the_number_and_asks_for(
    world: World,
    client: FlaskClient,
    clock: MovableClock,
    phones: Phones,
    known: Known,
    code: int,
    state: str,
    texts_wanted: bool,
    tries: int,
    task: str | None,
) -> None:
    for _ in range(3):
        text = texts_of(world, known)[0]
        if text.state in ("sent", "delivered"):
            tell(world, client, status(text, "undelivered", code))
        clock.advance(hours=2, minutes=1)
        run_all_once(world.app)
    assert texts_of(world, known)[0].tries == tries
    with world.app.app_context():
        assert count("phone_numbers", state=state, texts_wanted=texts_wanted) == 1
        assert count("tasks", case_id=known.case_id, kind=task or "text_failed") == (task is not None)


@pytest.mark.parametrize(
    "word", ["STOP", "stopall", "Unsubscribe", "CANCEL", "end", "Quit", "REVOKE", "optout", "Stop."]
)
@pytest.mark.parametrize("back", ["START", "unstop", "Yes"])
def test_each_word_that_twilio_takes_for_itself_ends_texts_and_lets_them_go_on(
    world: World, client: FlaskClient, known: Known, word: str, back: str
) -> None:
    answer(client, world, word, sid="SMout")
    with world.app.app_context():
        assert count("phone_numbers", state="opted_out", texts_wanted=False) == 1
        assert count("texts", state="planned") == 0
    answer(client, world, back, sid="SMin")
    with world.app.app_context():
        assert count("phone_numbers", state="good", texts_wanted=True) == 1


def test_what_arrived_after_all_is_not_sent_again(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known
) -> None:
    text = texts_of(world, known)[0]
    tell(world, client, status(text, "undelivered", 30003))
    tell(world, client, status(text, "delivered"))
    clock.advance(hours=3)
    run_all_once(world.app)
    assert len(phones.arrived) == 1
    assert states(world, known)["assessment_booked"] == "delivered"


def test_a_late_reminder_that_was_not_sent_is_expected(
    world: World, client: FlaskClient, known: Known
) -> None:
    tell(world, client, status(texts_of(world, known)[0], "undelivered", 30036))
    with world.app.app_context():
        assert count("tasks", kind="text_failed") == 0


def test_one_says_that_it_suits_and_that_the_number_is_theirs(
    world: World, client: FlaskClient, known: Known
) -> None:
    change_number(world, known, confirmed_at=None, confirmed_by=None)
    assert "<Response></Response>" in answer(client, world, "1")
    with world.app.app_context():
        assert count("phone_numbers", confirmed_by="reply") == 1
        assert count("replies", meaning="suits", case_id=known.case_id) == 1
        assert count("tasks") == 0


def test_two_is_answered_with_the_link_to_move(
    world: World, client: FlaskClient, phones: Phones, known: Known
) -> None:
    answer(client, world, " 2. ")
    assert "choose another time here" in phones.arrived[-1].body
    assert phones.arrived[-1].link not in {None, phones.arrived[0].link}
    with world.app.app_context():
        assert count("tasks") == 0


@pytest.mark.parametrize("body", ["ok", "👍", "Liked “Hi Sam, …”", "Thanks!"])
def test_what_needs_nothing_makes_no_work(world: World, client: FlaskClient, known: Known, body: str) -> None:
    answer(client, world, body)
    with world.app.app_context():
        assert count("replies", meaning="nothing_to_do") == 1
        assert count("tasks") == 0


def test_words_are_for_a_person_and_a_repeated_webhook_acts_once(
    world: World, client: FlaskClient, known: Known
) -> None:
    for _ in range(3):
        answer(client, world, "can someone ring me about\0 this")
    with world.app.app_context():
        assert count("replies") == 1
        assert count("tasks", kind="reply", case_id=known.case_id) == 1
        assert count("phone_numbers", confirmed_by="reply") == 0


@pytest.mark.parametrize("more", [{}, {"OptOutType": "STOP"}])
def test_stop_stops_texts_and_asks_for_a_call(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known, more: dict[str, str]
) -> None:
    answer(client, world, "Stop" if not more else "Arrêt", **more)
    clock.advance(days=2)
    run_all_once(world.app)
    assert len(phones.arrived) == 1
    with world.app.app_context():
        assert count("phone_numbers", state="opted_out") == 1
        assert count("tasks", kind="text_failed", case_id=known.case_id) == 1
        assert count("appointments", state="booked") == 1
    answer(client, world, "START", sid="SM2")
    with world.app.app_context():
        assert count("phone_numbers", state="good") == 1


def test_a_number_that_two_people_have_is_nobodys(world: World, client: FlaskClient, known: Known) -> None:
    add_to_ring(world, given_name="Alex")
    for number, body in enumerate(("STOP", "1", "words")):
        answer(client, world, body, sid=f"SM{number}")
    with world.app.app_context():
        assert count("replies", case_id=None) == 3
        assert count("tasks") == 0
        assert count("phone_numbers", state="opted_out") == 0


def test_an_unknown_number_is_kept_and_changes_nothing(
    world: World, client: FlaskClient, known: Known
) -> None:
    answer(client, world, "STOP", number="+447700900777")
    answer(client, world, "hello", number="whatsapp:+44770090077712345678", sid="SM2")
    with world.app.app_context():
        assert count("replies", case_id=None) == 2
        assert count("tasks") == 0


@pytest.mark.parametrize(("digit", "because", "status"), [("1", None, "placed"), ("2", "refused", "waiting")])
def test_an_offer_is_answered_by_text(
    world: World, client: FlaskClient, digit: str, because: str | None, status: str
) -> None:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY.replace(day=30))
    someone = Actor("account", 1)
    with world.app.app_context(), transaction():
        allocating.wait_for_place(known.case_id, world.courses["awareness"], by=someone, now=A_TUESDAY)
        offering.offer_free_places(session_id, by=someone, now=A_TUESDAY)
    run_all_once(world.app)
    answer(client, world, digit)
    with world.app.app_context():
        assert count("places", released_because=because) == 1
        assert count("referrals", status=status) == 1


def test_a_reply_is_never_in_a_log_or_a_task(world: World, client: FlaskClient, known: Known) -> None:
    answer(client, world, "something private")
    with world.app.app_context():
        assert db.session.query(Reply).one().body == "something private"
        tables = [table for table in db.metadata.sorted_tables if table.name not in {"replies", "callbacks"}]
        for table in tables:
            assert "something private" not in str(db.session.execute(table.select()).all())


@pytest.mark.parametrize("number", [MOBILE, "+447700900777"])
def test_who_rings_the_texting_number_hears_which_number_to_ring(
    world: World, client: FlaskClient, known: Known, number: str
) -> None:
    said = client.post(**signed(VOICE, {"From": number, "CallSid": "CA1"}))
    assert said.status_code == 200
    assert said.text.count('<say-as interpret-as="digits">0121 496 0100</say-as>') >= 2
    assert 'language="en-GB"' in said.text
    assert not re.search("Sam|drug|police|offence|course|appointment", said.text, re.IGNORECASE)
