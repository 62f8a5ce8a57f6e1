"""A referral's page says of every text where it stands, when it went out and arrived, why not, and what comes next."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.text_words import WAITS, WHY, became
from provider.domain.messaging.models import Text
from provider.domain.messaging.receipts import SENTENCES, Action
from provider.jobs.run import run_all_once
from provider.kernel.database import db, transaction
from tests.builders import World, build_world
from tests.cases import Known
from tests.desk import section, sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.stand_ins.twilio import signed
from tests.texting import add_to_ring, book, texts_of

SENT, ARRIVED = A_TUESDAY, A_TUESDAY + timedelta(minutes=2)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_to_ring(world)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


def put(world: World, known: Known, **values: Any) -> None:
    with world.app.app_context(), transaction():
        row = {
            "public_id": "txt_1",
            "once_key": "one",
            "case_id": known.case_id,
            "kind": "assessment_booked",
            "due_at": A_TUESDAY,
            "expires_at": A_TUESDAY + timedelta(days=2),
            "tries": 1,
        }
        db.session.add(Text(**{**row, **values}))


def happened(desk: FlaskClient, known: Known, part: str = "happened") -> str:
    """The words of the thread, as they are read."""
    page = desk.get(f"/referrals/{known.reference}").text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section(page, part) if part else page))


@pytest.mark.parametrize(
    ("stands", "said"),
    [
        ({"state": "sent", "sent_at": SENT}, ["Sent", "Sent 9:30am"]),
        (
            {"state": "delivered", "sent_at": SENT, "settled_at": ARRIVED},
            ["Delivered", "Sent 9:30am · delivered 9:32am"],
        ),
        (
            {"state": "delivered", "sent_at": SENT, "settled_at": SENT + timedelta(days=1)},
            ["Sent 9:30am · delivered Wed 25 Nov, 9:30am"],
        ),
        (
            {
                "state": "planned",
                "state_because": "error_30003",
                "sent_at": SENT,
                "due_at": SENT + timedelta(hours=2),
            },
            ["Not delivered yet", "The phone was off or out of reach. Tried again Tue 24 Nov, 11:30am."],
        ),
        (
            {"state": "failed", "state_because": "alert_on_template", "sent_at": SENT, "settled_at": ARRIVED},
            [
                "Not delivered",
                "The network filtered the words: change the template, do not send the same again.",
            ],
        ),
        (
            {"state": "failed", "state_because": "no_more_texts_call", "settled_at": ARRIVED},
            ["Not delivered", "The phone or its network blocks our texts: send no more, ring instead."],
        ),
        (
            {"state": "unknown"},
            ["Not known", "Whether it went out is being found out; it is not sent twice."],
        ),
        ({"state": "unknown", "state_because": "shown"}, ["Not known", "Look at the task."]),
        ({"state": "dropped", "state_because": "too_late"}, ["Not sent", "It was too late to be of use."]),
        (
            {"state": "dropped", "state_because": "words_filtered"},
            ["Not sent", "The networks filter these words until they are changed."],
        ),
        ({"state": "dropped", "state_because": "number_bad"}, ["Not sent", "The number does not work."]),
    ],
)
def test_where_a_text_stands(
    world: World, desk: FlaskClient, known: Known, stands: dict[str, Any], said: list[str]
) -> None:
    put(world, known, **stands)
    thread = happened(desk, known)
    assert "Text: Assessment booked" in thread
    assert [words for words in said if words not in thread] == []


def test_what_is_to_come_and_why_it_waits_and_what_is_not_needed_any_more(
    world: World, desk: FlaskClient, known: Known
) -> None:
    morning = A_TUESDAY + timedelta(days=1)
    put(world, known, state="planned", state_because="polite_hours", due_at=morning, tries=0)
    moved = {
        "public_id": "txt_2",
        "once_key": "two",
        "state": "cancelled",
        "state_because": "moved",
        "tries": 0,
    }
    put(world, known, **moved, kind="assessment_reminder_7d")
    page = happened(desk, known, "")
    assert "Wed 25 Nov, 9:30am: Assessment booked Not at night." in page
    assert "Assessment reminder, 7 days before, planned for Tue 24 Nov, 9:30am It was moved." in page


def test_from_the_callback_to_the_thread(
    world: World, desk: FlaskClient, clock: MovableClock, known: Known
) -> None:
    book(world, known)
    run_all_once(world.app)
    text = next(text for text in texts_of(world, known) if text.provider_id)
    clock.advance(minutes=3)
    form = {"MessageSid": str(text.provider_id), "MessageStatus": "delivered"}
    callback = signed(f"http://localhost/webhooks/twilio/status?text={text.public_id}&try=1", form)
    assert world.app.test_client().post(**callback).status_code == 204
    run_all_once(world.app)
    assert "Sent 9:30am · delivered 9:33am" in happened(desk, known)


def test_every_reason_makes_a_sentence() -> None:
    for state, reasons in (
        ("dropped", WHY),
        ("cancelled", WHY),
        ("planned", WAITS),
        ("failed", dict.fromkeys(Action)),
    ):
        for because in reasons:
            found = became(state, because, due_at=SENT, sent_at=None, settled_at=None)
            assert found.why is not None
            assert found.why[0].isupper()
            assert found.why.endswith(".")
            assert "_" not in found.why


@pytest.mark.parametrize("code", [30003, 30008, 30001, 20429, 99999, "none"])
def test_whatever_is_tried_again_says_what_was_the_matter(code: int | str) -> None:
    found = became("planned", f"error_{code}", due_at=ARRIVED, sent_at=SENT, settled_at=None)
    assert found.again_at == ARRIVED
    assert found.why is not None
    assert found.why.removesuffix(".") in {sentence.partition(":")[0] for sentence in SENTENCES.values()}


def test_a_reason_that_nobody_has_put_into_words_is_shown_all_the_same() -> None:
    found = became("dropped", "something_new", due_at=SENT, sent_at=None, settled_at=None)
    assert found.why == "Something new."
