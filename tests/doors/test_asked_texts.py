"""The desk's page about a text of which only a person may still find out whether it arrived."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging.models import Text
from provider.kernel.database import transaction
from provider.pathway import failing
from tests.builders import World, build_world, count
from tests.cases import Known
from tests.desk import send, sign_in
from tests.fakes import MovableClock
from tests.roadside import errors_in
from tests.texting import add_to_ring, book, states, texts_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World, clock: MovableClock) -> Known:
    """Somebody two of whose texts may have gone out or not."""
    known = add_to_ring(world)
    book(world, known)
    with world.app.app_context(), transaction() as session:
        for text in session.scalars(sa.select(Text).order_by(Text.id).limit(2)):
            text.state, text.state_because, text.tries = "unknown", "shown", 1
            text.claimed_at, text.body = clock.now(), f"Hello, this is number {text.id}. [link]"
            failing.ask_a_person(text, now=clock.now())
    return known


@pytest.fixture
def worker(world: World) -> FlaskClient:
    client = world.app.test_client()
    sign_in(client, world, "drug_worker")
    return client


def page_of(known: Known) -> str:
    return f"/referrals/{known.reference}/text-arrived"


def test_the_work_leads_to_the_page(worker: FlaskClient, known: Known) -> None:
    page = worker.get(f"/referrals/{known.reference}").text
    assert "Whether a text went out is not known" in page
    assert page_of(known) in page
    first = worker.get(page_of(known)).text
    assert "Hello, this is number 1. [link]" in first
    assert "This is the first of 2 texts." in first


def test_one_after_the_other_until_all_are_known(world: World, worker: FlaskClient, known: Known) -> None:
    first, second = (str(text.id) for text in sorted(texts_of(world, known), key=lambda text: text.id)[:2])
    answer = send(worker, page_of(known), text=first, answer="arrived")
    assert answer.location.endswith(page_of(known))
    answer = send(worker, page_of(known), text=second, answer="did_not")
    assert answer.location.endswith(f"/referrals/{known.reference}#call")
    assert sorted(states(world, known).values())[:2] == ["delivered", "failed: person_said"]
    assert "What became of every text is known." in worker.get(page_of(known)).text
    with world.app.app_context():
        assert count("tasks", kind="text_unknown", done_at=None) == 0
        assert count("tasks", kind="text_failed", done_at=None) == 1
        assert count("audit_entries", action="text.told") == 2


def test_what_is_left_out_is_asked_for(world: World, worker: FlaskClient, known: Known) -> None:
    answer = send(worker, page_of(known), text="1")
    assert answer.status_code == 200
    assert "Say whether it arrived" in errors_in(answer).values()
    assert states(world, known)["assessment_booked"] == "unknown: shown"


@pytest.mark.parametrize("text", ["", "0", "3", "no number"])
def test_a_text_that_nobody_asks_about_is_left_as_it_is(
    world: World, worker: FlaskClient, known: Known, text: str
) -> None:
    answer = send(worker, page_of(known), text=text, answer="arrived")
    assert answer.status_code == 302
    assert "What became of this text is known by now" in worker.get(page_of(known)).text
    assert states(world, known)["assessment_booked"] == "unknown: shown"


def test_of_another_case_nothing_is_settled(world: World, worker: FlaskClient, known: Known) -> None:
    other = add_to_ring(world, mobile="+447700900124")
    send(worker, page_of(known), f"/referrals/{other.reference}/text-arrived", text="1", answer="arrived")
    assert states(world, known)["assessment_booked"] == "unknown: shown"


@pytest.mark.parametrize("who", ["facilitator", "commissioner", "administrator"])
def test_whoever_does_not_ring_does_not_answer(world: World, known: Known, who: str) -> None:
    client = world.app.test_client()
    sign_in(client, world, who)
    assert client.get(page_of(known)).status_code == 403
