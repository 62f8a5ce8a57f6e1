"""Behind their link somebody gives their place back: what follows is said first, and a second press does it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.kernel.actors import SYSTEM
from provider.kernel.database import transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case, status_of
from tests.doors.test_pages_in_welsh import in_welsh, speaks
from tests.doors.test_participant import DRUG_WORDS, opened, path_of, place_shown, proved
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import set_terms

STARTS = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    known = add_case(world)
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return known


def test_what_follows_is_said_and_then_done(world: World, client: FlaskClient, known: Known) -> None:
    assert 'href="/p/cannot-come"' in proved(client, path_of(known, world)).text
    asked = client.get("/p/cannot-come")
    assert "Tuesday 1 December 2026 at 9:30am" in asked.text
    assert "You cannot have the same one again" in asked.text
    assert "You are then in line for another" in asked.text
    assert not DRUG_WORDS.search(asked.text)
    assert status_of(world, known) == "placed", "looking changes nothing"
    done = client.post("/p/cannot-come", follow_redirects=True)
    assert "You are on the list" in done.text
    assert "Tuesday 1 December" not in done.text
    assert status_of(world, known) == "waiting"
    with world.app.app_context():
        assert count("places", released_because="asked") == 1


def test_pressed_again_it_says_so(world: World, client: FlaskClient, known: Known) -> None:
    proved(client, path_of(known, world))
    client.post("/p/cannot-come")
    again = client.post("/p/cannot-come")
    assert "There is no place to give back any more" in again.text
    assert client.get("/p/cannot-come").headers["Location"] == "/p/"


def test_a_page_that_is_old_gives_no_other_place_back(
    world: World, client: FlaskClient, known: Known
) -> None:
    add_session(world, course="awareness", starts_at=STARTS + timedelta(days=7))
    proved(client, path_of(known, world))
    old = {"place": place_shown(client.get("/p/cannot-come").text)}
    client.post("/p/cannot-come", data=old)
    client.post("/p/offer", data={"answer": "yes", "place": place_shown(client.get("/p/").text)})
    assert "There is no place to give back any more" in client.post("/p/cannot-come", data=old).text
    assert status_of(world, known) == "placed"


def test_when_it_is_too_late_the_number_to_ring_is_said(
    world: World, client: FlaskClient, known: Known, clock: MovableClock
) -> None:
    clock.set(STARTS + timedelta(minutes=5))
    page = proved(client, path_of(known, world)).text
    assert "cannot-come" not in page
    assert "Cannot make it? Ring" in page
    assert "0121 496 0100" in page
    assert client.get("/p/cannot-come").headers["Location"] == "/p/"
    refused = client.post("/p/cannot-come").text
    assert "too late to change this here. Ring us" in refused
    assert "0121 496 0100" in refused
    assert status_of(world, known) == "placed"


def test_as_often_as_the_scheme_allows(world: World, client: FlaskClient, known: Known) -> None:
    with world.app.app_context():
        set_terms(world, "divert-adult", moves_allowed=0)
    page = proved(client, path_of(known, world)).text
    assert "cannot-come" not in page
    assert "Cannot make it? Ring" in page
    assert "changed as often as it can be here" in client.post("/p/cannot-come").text
    assert status_of(world, known) == "placed"


def test_it_is_all_in_welsh(world: World, client: FlaskClient, known: Known, clock: MovableClock) -> None:
    speaks(world, "cy")
    opened(client, path_of(known, world))
    home = client.post("/p/birth", data={"day": "14", "month": "5"}, follow_redirects=True).text
    assert "Ni allaf ddod" in in_welsh(home)
    assert "Rhoi fy lle yn ôl" in in_welsh(client.get("/p/cannot-come").text)
    assert "ar y rhestr" in in_welsh(client.post("/p/cannot-come", follow_redirects=True).text)
    assert "yn ôl mwyach" in in_welsh(client.post("/p/cannot-come").text)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_birthday_it_is_not_told_nor_done(
    world: World, client: FlaskClient, known: Known, method: str
) -> None:
    assert client.open("/p/cannot-come", method=method).status_code == 403
    opened(client, path_of(known, world))
    page = client.open("/p/cannot-come", method=method, follow_redirects=True)
    assert 'name="day"' in page.text
    assert "December" not in page.text
    assert status_of(world, known) == "placed"


def test_another_site_cannot_press_it(world: World, client: FlaskClient, known: Known) -> None:
    proved(client, path_of(known, world))
    answer = client.post("/p/cannot-come", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert status_of(world, known) == "placed"
