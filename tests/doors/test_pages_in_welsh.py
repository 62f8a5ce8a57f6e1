"""Behind the link of somebody whose language is Welsh everything is in Welsh, and says so to a screen reader."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person
from provider.domain.surveys.models import SurveyAnswer
from provider.kernel.database import db, transaction
from provider.web.speech import speeches
from tests.builders import World, build_world
from tests.cases import Known
from tests.doors.test_participant import UNKNOWN, answered, opened, path_of
from tests.doors.test_survey import ALL, due
from tests.doors.test_survey import known as known
from tests.fakes import MovableClock, Phones
from tests.rules.test_speech import sentences
from tests.texting import add_to_ring, book, change_number


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def ringing(world: World) -> Known:
    found = add_to_ring(world)
    book(world, found)
    return found


def speaks(world: World, language: str) -> None:
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(language=language))


ENGLISH = [
    words
    for key, words in sentences(speeches()["en"].said)
    if len(words) > 8 and not key.startswith("moment.")
]


def in_welsh(page: str) -> str:
    """What the page says, which is Welsh from its ``lang`` to its last word."""
    assert '<html lang="cy"' in page
    said = html.unescape(re.sub(r"<[^>]*>", " ", page))
    for words in ENGLISH:
        parts = [part for part in re.split(r"{\w+}", words) if len(part) > 8]
        assert not any(part.strip() in said for part in parts), words
    return said


def test_every_page_of_a_call_is_in_welsh(world: World, client: FlaskClient, ringing: Known) -> None:
    speaks(world, "cy")
    path = path_of(ringing, world)
    assert "Neges i chi" in in_welsh(client.get(path).text)
    asked = opened(client, path).text
    assert "Ai chi sydd yno?" in in_welsh(asked)
    assert "Mae problem" in in_welsh(answered(client, "", "").text)
    assert "Rhowch y diwrnod y cawsoch eich geni" in in_welsh(answered(client, "", "").text)
    assert "Nid dyna sydd gennym" in in_welsh(answered(client, "1", "1").text)
    assert "Teipiwch ef eto" in in_welsh(answered(client, "1" * 30, "1").text)
    home = in_welsh(answered(client, "14", "Mai").text)
    assert "Helo Sam" in home
    assert "Dydd Mercher 2 Rhagfyr 2026" in home
    assert "yn eich ffonio o" in home
    times = client.get("/p/move")
    assert "Dewis amser arall" in in_welsh(times.text)
    assert "Dewiswch amser" in in_welsh(client.post("/p/move").text)
    taken = client.post("/p/move", data={"starts_at": "2026-12-03T03:07:00+00:00"})
    assert "newydd gael ei gymryd" in in_welsh(taken.text)
    assert "Byddwn yn eich ffonio" in in_welsh(client.post("/p/call-me").text)
    assert "Wedi gorffen" in in_welsh(client.post("/p/finish").text)


def test_before_the_number_is_confirmed_too(world: World, client: FlaskClient, ringing: Known) -> None:
    change_number(world, ringing, confirmed_at=None)
    speaks(world, "cy")
    assert "Person anghywir" in in_welsh(opened(client, path_of(ringing, world)).text)
    assert "Diolch am roi gwybod" in in_welsh(client.post("/p/not-me").text)


def test_five_wrong_answers_are_told_in_welsh(world: World, client: FlaskClient, ringing: Known) -> None:
    speaks(world, "cy")
    opened(client, path_of(ringing, world))
    pages = [answered(client, "1", str(month)).text for month in (1, 2, 3, 4, 6)]
    assert "Ni allem fod yn siŵr" in in_welsh(pages[-1])


def test_the_survey_is_asked_in_welsh_and_answered_in_codes(
    world: World, client: FlaskClient, clock: MovableClock, phones: Phones, known: Known
) -> None:
    speaks(world, "cy")
    due(world, clock, known)
    link = phones.arrived[-1].link
    assert link is not None
    opened(client, "/p/" + link.rpartition("/")[2])
    asked = in_welsh(answered(client).text)
    for words in ("Sut mae pethau?", "Wedi stopio", "Byddai'n well gennyf beidio â dweud", "A oedd yr amser"):
        assert words in asked
    assert "Teipiwch ef eto" in in_welsh(client.post("/p/survey", data={"feeling": "grand"}).text)
    assert "Diolch" in in_welsh(client.post("/p/survey", data=ALL, follow_redirects=True).text)
    with world.app.app_context():
        [kept] = db.session.scalars(sa.select(SurveyAnswer))
        assert {name: getattr(kept, name) for name in ALL} == ALL


@pytest.mark.parametrize("language", ["pl", "bfi", "", "../en"])
def test_a_language_without_a_file_is_answered_in_english(
    world: World, client: FlaskClient, ringing: Known, language: str
) -> None:
    speaks(world, language)
    page = opened(client, path_of(ringing, world)).text
    assert '<html lang="en"' in page
    assert "Is it you?" in page


@pytest.mark.parametrize(("asks", "said"), [("cy,en;q=0.5", "cy"), ("pl", "en"), ("", "en"), ("en-GB", "en")])
def test_where_nobody_is_known_the_phone_says_which(
    world: World, client: FlaskClient, asks: str, said: str
) -> None:
    for path in ("/p/", "/p/next/1"):
        assert f'<html lang="{said}"' in client.get(path, headers={"Accept-Language": asks}).text


def test_what_the_phone_asks_for_does_not_go_before_the_persons_language(
    world: World, client: FlaskClient, ringing: Known
) -> None:
    speaks(world, "cy")
    in_welsh(client.get(path_of(ringing, world), headers={"Accept-Language": "en"}).text)


def test_a_dead_link_and_an_unknown_one_stay_the_same_answer(
    world: World, client: FlaskClient, ringing: Known
) -> None:
    speaks(world, "cy")
    path = path_of(ringing, world)
    opened(client, path)
    client.post("/p/not-me")
    dead, unknown = client.get(path), client.get(UNKNOWN)
    assert (dead.status_code, unknown.status_code) == (404, 404)
    assert dead.text.replace(path, UNKNOWN) == unknown.text
    assert '<html lang="en"' in dead.text
