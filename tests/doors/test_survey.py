"""Some weeks later they are asked how it went: by a link that opens the survey and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.messaging.models import Text, TextLink
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.domain.surveys.models import SurveyAnswer
from provider.jobs.run import run_all_once
from provider.kernel.actors import SYSTEM
from provider.kernel.calendar import london
from provider.kernel.database import db, transaction
from provider.pathway import closing
from tests.builders import World, build_world, count
from tests.cases import Known, add_case
from tests.desk import sign_in
from tests.doors.test_participant import DRUG_WORDS, answered, opened
from tests.fakes import MovableClock, Phones
from tests.texting import add_to_ring, change_number, states

ALL = {"since_then": "stopped", "feeling": "better", "was_useful": "very", "other_help": "no"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World, clock: MovableClock) -> Known:
    """Somebody who completed, this minute."""
    known = add_case(world, status=Status.ASSESSED)
    with world.app.app_context(), transaction():
        closing.complete(db.session.get_one(Case, known.case_id), by=SYSTEM, now=clock.now())
    return known


def due(world: World, clock: MovableClock, known: Known) -> None:
    """The workers do their work when the survey is due."""
    with world.app.app_context():
        found = sa.select(Text.due_at).where(Text.case_id == known.case_id, Text.kind == "survey")
        clock.set(db.session.scalars(found).one())
    run_all_once(world.app)


@pytest.fixture
def path(world: World, clock: MovableClock, known: Known, phones: Phones) -> str:
    """The path of the link that the text carried."""
    due(world, clock, known)
    link = phones.arrived[-1].link
    assert link is not None
    return "/p/" + link.rpartition("/")[2]


def test_is_asked_weeks_later_at_midday_and_once(
    world: World, clock: MovableClock, known: Known, phones: Phones
) -> None:
    ended = clock.now()
    due(world, clock, known)
    assert clock.now() - ended >= timedelta(weeks=5, days=6)
    assert london(clock.now()).hour == 12
    [text] = phones.arrived
    assert not DRUG_WORDS.search(text.body)
    assert text.body.startswith("Hi Sam, Waymark")
    clock.advance(days=90)
    run_all_once(world.app)
    assert len(phones.arrived) == 1


def test_the_link_opens_the_survey_and_nothing_else(
    world: World, client: FlaskClient, known: Known, path: str
) -> None:
    looked = client.get(path)
    assert (looked.status_code, "Sam" in looked.text, "Set-Cookie" in looked.headers) == (200, False, False)
    asked = opened(client, path)
    assert "Is it you?" in asked.text
    assert "This is not me" not in asked.text
    assert client.get("/p/survey").location == "/p/"
    page = answered(client)
    assert "How are things?" in page.text
    assert not DRUG_WORDS.search(page.text)
    assert client.get("/p/move").location == "/p/"
    for shut in ("/p/call-me", "/p/not-me", "/p/offer", "/p/move"):
        assert client.post(shut).location == "/p/", shut
    with world.app.app_context():
        assert count("tasks", case_id=known.case_id) == 0


def test_what_is_answered_is_kept_once_and_shown_at_the_desk(
    world: World, client: FlaskClient, known: Known, path: str
) -> None:
    opened(client, path)
    answered(client)
    thanks = client.post("/p/survey", data=ALL, follow_redirects=True)
    assert "Thank you" in thanks.text
    client.post("/p/survey", data={**ALL, "since_then": "more"})
    assert "Thank you" in client.get("/p/", follow_redirects=True).text
    with world.app.app_context():
        [kept] = db.session.scalars(sa.select(SurveyAnswer))
        assert {name: getattr(kept, name) for name in ALL} == ALL
        assert count("audit_entries", action="survey.answered") == 1
    desk = world.app.test_client()
    sign_in(desk, world, "drug_worker")
    assert "Have stopped" in desk.get(f"/referrals/{known.reference}").text


def test_questions_may_be_left_out_and_nothing_else_is_taken(
    world: World, client: FlaskClient, path: str
) -> None:
    opened(client, path)
    answered(client)
    wrong = client.post("/p/survey", data={"since_then": "cured"})
    assert "Not a valid choice" in wrong.text or "Choose" in wrong.text
    client.post("/p/survey", data={"feeling": "worse"})
    with world.app.app_context():
        [kept] = db.session.scalars(sa.select(SurveyAnswer))
        assert (kept.since_then, kept.feeling) == (None, "worse")


def test_the_link_lives_thirty_days(clock: MovableClock, client: FlaskClient, path: str) -> None:
    clock.advance(days=29, hours=23)
    assert client.get(path).status_code == 200
    clock.advance(hours=2)
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_five_wrong_answers_lock_it_and_nobody_is_promised_a_call(client: FlaskClient, path: str) -> None:
    opened(client, path)
    for _ in range(4):
        assert "not what we have" in answered(client, day="1").text
    locked = answered(client, day="1")
    assert (locked.status_code, "We will ring you" in locked.text) == (403, False)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ({"state": "opted_out"}, "dropped: number_opted_out"),
        ({"state": "bad"}, "dropped: number_bad"),
        ({"texts_wanted": False}, "dropped: texts_not_wanted"),
        ({"confirmed_at": None}, "dropped: number_not_confirmed"),
        ({"who_sees": "say_nothing"}, "dropped: number_not_confirmed"),
    ],
    ids=["stop", "dead", "not wanted", "not theirs any more", "others see it"],
)
def test_does_not_go_where_it_may_not(
    world: World, clock: MovableClock, known: Known, phones: Phones, number: dict[str, object], why: str
) -> None:
    change_number(world, known, **number)
    due(world, clock, known)
    assert states(world, known)["survey"] == why
    assert phones.arrived == []
    with world.app.app_context():
        assert count("tasks", case_id=known.case_id) == 0


def test_does_not_go_to_who_is_with_us_again(
    world: World, clock: MovableClock, known: Known, phones: Phones
) -> None:
    again = add_to_ring(world)
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Case).where(Case.id == again.case_id).values(person_id=known.person_id))
    due(world, clock, known)
    assert states(world, known)["survey"] == "dropped: case_closed"
    assert not re.search("how things are", " ".join(text.body for text in phones.arrived))


def test_a_number_that_is_not_theirs_any_more_shuts_the_link(
    world: World, clock: MovableClock, client: FlaskClient, known: Known, path: str
) -> None:
    opened(client, path)
    answered(client)
    with world.app.app_context(), transaction():
        assert db.session.scalars(sa.select(TextLink.survey_until)).one() is not None
        db.session.execute(sa.update(PhoneNumber).values(ended_at=clock.now()))
    assert client.get("/p/survey").status_code == 403
    assert client.get(path).status_code == 404
