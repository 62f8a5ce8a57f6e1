"""The text sandbox: there in a demo, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging.sandbox import Sandbox
from provider.jobs.run import run_all_once
from provider.kernel.database import db
from tests.builders import World, build_world
from tests.fakes import MovableClock
from tests.texting import add_to_ring, book, states


@pytest.fixture
def demo(app: Flask, clock: MovableClock) -> Iterator[World]:
    settings = app.extensions["settings"]
    with app.app_context():
        app.extensions["text_gateway"] = Sandbox(db.engine, clock)
    app.extensions["settings"] = settings.model_copy(update={"provider_env": "demo"})
    yield build_world(app)
    app.extensions["settings"] = settings


def test_outside_a_demo_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get("/sandbox/texts").status_code == 404


def test_an_empty_sandbox_says_so(demo: World, client: FlaskClient) -> None:
    assert "Nothing has arrived yet" in client.get("/sandbox/texts").text


def test_each_text_is_shown_on_its_phone_with_a_link_that_works(
    demo: World, client: FlaskClient, clock: MovableClock
) -> None:
    one, other = add_to_ring(demo), add_to_ring(demo, given_name="<b>Al", mobile="+447700900124")
    for known in (one, other):
        book(demo, known)
    run_all_once(demo.app)
    clock.advance(hours=25)
    run_all_once(demo.app)
    assert states(demo, one)["assessment_booked"] == "delivered"
    page = client.get("/sandbox/texts").text
    assert page.count("app-phone__name") == 2
    assert "07700 900123" in page
    assert "<b>" not in page
    assert page.index("a reminder") < page.index("Reply 1 if that suits, 2 to change it, or use")
    links = re.findall(r'href="(http://localhost/p/[^"]+)"', page)
    assert len(links) == 4
    for link in links:
        assert client.get(link).status_code == 200
    only = client.get("/sandbox/texts?number=%2B447700900124").text
    assert "07700 900123" not in only
