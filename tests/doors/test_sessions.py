"""Sessions over HTTP: the list, adding one, calling one off."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload import session_lines, sessions_page
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.messaging.models import Text
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world
from tests.cases import add_case, status_of
from tests.desk import csrf_of, send, sign_in
from tests.fakes import A_TUESDAY
from tests.queries import queries_of

NEXT_WEEK = A_TUESDAY.replace(hour=18, minute=0) + timedelta(days=7)


ROOM = "Community Hall, 5 High Street, CV1 1AA"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


def new_session(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "course": str(world.courses["awareness"]),
        "date-day": "1",
        "date-month": "12",
        "date-year": "2026",
        "starts_at": "6pm",
        "minutes": "",
        "capacity": "12",
        "facilitator": str(world.accounts["facilitator"]),
        "join_url": "https://meet.example/j/99",
        "meeting_number": "",
        **changes,
    }


def all_sessions(app: Flask) -> list[CourseSession]:
    with app.app_context():
        return list(db.session.scalars(sa.select(CourseSession).order_by(CourseSession.id)))


def test_a_team_lead_adds_a_session_as_long_as_its_course(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    answer = send(lead, "/sessions/add", **new_session(world))
    assert answer.status_code == 302
    (session,) = all_sessions(app)
    assert (session.starts_at, session.minutes, session.capacity) == (NEXT_WEEK, 150, 12)
    assert "Tue 1 Dec, 6pm" in lead.get("/sessions").text


def test_a_new_session_is_offered_to_those_who_wait_in_their_order(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    first, second, third = (add_case(world, given_name=name) for name in ("Sam", "Alex", "Jo"))
    with app.app_context():
        for minutes, known in enumerate((first, second, third)):
            with transaction():
                at = A_TUESDAY + timedelta(minutes=minutes)
                allocating.wait_for_place(known.case_id, world.courses["awareness"], by=SYSTEM, now=at)
    assert "<strong>3 people wait</strong> for a place on <a" in lead.get("/sessions").text
    send(lead, "/sessions/add", **new_session(world, capacity="2"))
    with app.app_context():
        offered = db.session.scalars(
            sa.select(Waiting.case_id).where(Waiting.offered_place_id.is_not(None)).order_by(Waiting.id)
        ).all()
        texts = db.session.scalars(sa.select(Text.case_id).where(Text.kind == "place_offered")).all()
    assert offered == [first.case_id, second.case_id]
    assert sorted(texts) == sorted(offered)
    assert "0 of 2 held, 2 offered" in lead.get("/sessions").text


@pytest.mark.parametrize(
    ("changes", "sentence", "field"),
    [
        ({"course": ""}, "Choose a course", "course"),
        ({"course": "999"}, "Choose one of the answers in the list", "course"),
        ({"date-month": "13"}, "Date must be a real date: check the month", "date-month"),
        ({"date-year": "2025"}, "Date must be in the future", "date-day"),
        ({"starts_at": "evening"}, "Start time must be a time", "starts_at"),
        ({"starts_at": ""}, "Enter a start time", "starts_at"),
        ({"capacity": "0"}, "Places must be between 1 and 100", "capacity"),
        ({"capacity": "a dozen"}, "Places must be a whole number", "capacity"),
        ({"capacity": ""}, "Enter how many places there are", "capacity"),
        ({"minutes": "9"}, "Length in minutes must be between 30 and 480", "minutes"),
        ({"join_url": ""}, "Enter the link to join", "join_url"),
        ({"join_url": "http://meet.example/j/1"}, "Link to join must be a whole address", "join_url"),
        ({"join_url": "https://[::1"}, "Link to join must be a whole address", "join_url"),
        ({"join_url": "javascript:alert(1)"}, "Link to join must be a whole address", "join_url"),
        (
            {"join_url": "https://meet.example/" + "x" * 500},
            "Link to join must be 500 characters",
            "join_url",
        ),
        ({"held_at": "Drug Clinic, 5 High Street"}, "“Drug” must not stand in a text or a letter", "held_at"),
        ({"held_at": "x" * 41}, "Address of the room must be 40 characters", "held_at"),
        ({"dial_in": "0330 088 5830, the court line"}, "“court” must not stand", "dial_in"),
        ({"facilitator": "x"}, "Choose one of the answers in the list", "facilitator"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    lead: FlaskClient, world: World, app: Flask, changes: dict[str, str], sentence: str, field: str
) -> None:
    answer = send(lead, "/sessions/add", **new_session(world, **changes))
    assert answer.status_code == 200
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text
    assert 'value="https://meet.example/j/99"' in answer.text or "join_url" in changes
    assert all_sessions(app) == []


def test_a_session_in_a_room_needs_no_link_and_one_online_can_be_joined_by_telephone(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    assert send(lead, "/sessions/add", **new_session(world, join_url="", held_at=ROOM)).status_code == 302
    dial_in = "0330 088 5830, then 123456789#"
    later = new_session(world, starts_at="9am", dial_in=dial_in)
    assert send(lead, "/sessions/add", **later).status_code == 302
    found = [(session.held_at, session.join_url, session.dial_in) for session in all_sessions(app)]
    assert found == [(ROOM, "", None), (None, "https://meet.example/j/99", dial_in)]


def test_a_facilitator_cannot_be_in_two_sessions_at_once(lead: FlaskClient, world: World, app: Flask) -> None:
    add_session(world, course="cannabis", starts_at=NEXT_WEEK - timedelta(minutes=90))
    answer = send(lead, "/sessions/add", **new_session(world))
    assert "runs another session at that time" in answer.text
    assert len(all_sessions(app)) == 1
    assert send(lead, "/sessions/add", **new_session(world, starts_at="19:30")).status_code == 302


def test_cancelling_says_how_many_and_offers_them_what_is_free(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=3)
    other_id = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=1), capacity=1)
    holders = [add_case(world, given_name=name) for name in ("Sam", "Alex")]
    with app.app_context():
        for known in holders:
            with transaction():
                allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    page = f"/sessions/{session_id}/cancel"
    assert "2 people hold a place" in lead.get(page).text
    assert send(lead, page).status_code == 302
    with app.app_context():
        told = db.session.scalars(sa.select(Text.case_id).where(Text.kind == "course_cancelled")).all()
        offered = db.session.scalars(
            sa.select(Place.session_id).join(Waiting, Waiting.offered_place_id == Place.id)
        ).all()
    assert sorted(told) == sorted(known.case_id for known in holders)
    assert offered == [other_id]
    assert {status_of(world, known) for known in holders} == {Status.WAITING}
    assert "Cancelled" in lead.get("/sessions").text
    assert "can no longer be cancelled" in lead.get(page).text


def test_a_session_that_is_past_is_not_cancelled(lead: FlaskClient, world: World, app: Flask) -> None:
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY - timedelta(hours=1))
    token = csrf_of(lead, "/sessions/add")
    answer = lead.post(f"/sessions/{session_id}/cancel", data={"csrf_token": token}, follow_redirects=True)
    assert "no longer open" in answer.text
    assert all_sessions(app)[0].state == "open"


def test_a_drug_worker_reads_the_sessions_and_changes_none(client: FlaskClient, world: World) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    sign_in(client, world, "drug_worker")
    page = client.get("/sessions")
    assert page.status_code == 200
    assert "Add a session" not in page.text
    assert "/cancel" not in page.text
    for path in ("/sessions/add", f"/sessions/{session_id}/cancel", f"/sessions/{session_id}/register"):
        assert client.get(path).status_code == 403, path


@pytest.mark.parametrize("who", ["commissioner", "administrator", "officer", "clinical_lead"])
def test_others_do_not_see_sessions(client: FlaskClient, world: World, who: str) -> None:
    sign_in(client, world, who)
    assert client.get("/sessions").status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in(client: FlaskClient, world: World) -> None:
    assert "/sign-in" in client.get("/sessions").headers["Location"]


def test_an_unknown_session_is_not_found(lead: FlaskClient) -> None:
    for path in ("/sessions/999/cancel", "/sessions/999/register", "/sessions/x/register"):
        assert lead.get(path).status_code == 404, path


def test_nothing_coming_says_what_to_do(lead: FlaskClient) -> None:
    page = lead.get("/sessions").text
    assert "No session is coming." in page
    assert re.search(r'<a class="govuk-link" href="/sessions/add">Add a session</a>', page)


def test_the_list_costs_the_same_however_long_it_is(lead: FlaskClient, world: World, app: Flask) -> None:
    lead.get("/sessions")
    with queries_of(app) as few:
        lead.get("/sessions")
    for days in range(12):
        add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=days))
        add_session(world, course="awareness", starts_at=A_TUESDAY - timedelta(days=days + 1))
    with queries_of(app) as many:
        lead.get("/sessions")
    assert len(many) == len(few)


def test_a_list_that_is_cut_says_so(lead: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_lines, "MOST", 2)
    monkeypatch.setattr(sessions_page, "MOST", 2)
    for days in range(3):
        add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=days))
    page = lead.get("/sessions").text
    assert "There are more, later than these." in page
    assert "Thu 3 Dec" not in page
