"""The meeting of a session at the desk: where it stands with Zoom, and a link that is used instead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.courses.models import CourseSession
from provider.domain.meetings.models import Meeting, Registrant
from provider.domain.meetings.zoom import Zoom
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world, count
from tests.cases import add_case
from tests.desk import send, sign_in
from tests.fakes import A_TUESDAY, MovableClock

STARTS = A_TUESDAY + timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def zoom(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    zoom = Zoom(account_id="a", client_id="c", client_secret="s", base_url="http://127.0.0.1:9")
    monkeypatch.setitem(app.extensions, "meeting_gateway", zoom)


@pytest.fixture
def session_id(world: World) -> int:
    """Nobody typed a link for it; two people are in it."""
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    for name in ("Sam", "Alex"):
        known = add_case(world, given_name=name)
        with world.app.app_context(), transaction():
            allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    with world.app.app_context(), transaction():
        session = db.session.get_one(CourseSession, session_id)
        session.join_url, session.meeting_number = "", None
    return session_id


@pytest.fixture
def facilitator(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "facilitator")
    return client


def made(app: Flask, session_id: int, *, number: str | None = "81", trouble: str | None = None) -> None:
    with app.app_context(), transaction():
        db.session.add(Meeting(session_id=session_id, key="k", host="me", number=number, trouble=trouble))
        if number:
            row = Registrant(place_id=1, meeting_number=number, registrant="r", sealed_link="sealed")
            db.session.add(row)


def link_of(app: Flask, session_id: int) -> str:
    with app.app_context():
        return db.session.get_one(CourseSession, session_id).join_url


def test_the_register_says_how_many_have_a_link_of_their_own(
    app: Flask, zoom: None, facilitator: FlaskClient, session_id: int
) -> None:
    made(app, session_id)
    page = facilitator.get(f"/sessions/{session_id}/register").text
    assert "Start Zoom meeting 81" in page
    assert "1 of 2 have a link of their own" in page
    assert "sealed" not in page
    assert "1 of 2 people" in facilitator.get(f"/sessions/{session_id}/meeting").text


def test_who_cannot_start_it_at_zoom_is_told_who_can_and_what_to_do(
    app: Flask, zoom: None, facilitator: FlaskClient, session_id: int, world: World
) -> None:
    made(app, session_id)

    def held_by(host: str, hosts: str | None) -> str:
        with app.app_context(), transaction():
            meeting = db.session.get_one(Meeting, 1)
            meeting.host, meeting.hosts = host, hosts
        return facilitator.get(f"/sessions/{session_id}/register").text

    own = world.emails["facilitator"]
    assert "held by somebody@provider.example, who has to start it" in held_by(
        "somebody@provider.example", ""
    )
    assert "held by the user that our application has there" in held_by("me", None)
    assert "you cannot start it" in facilitator.get(f"/sessions/{session_id}/meeting").text
    assert "has to start it" not in held_by(own, "")
    assert "has to start it" not in held_by("me", f"somebody@provider.example;{own}")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("not_let_in", "Zoom does not let us in"),
        ("too_many", "Zoom asks us to wait"),
        ("broke_off", "Zoom did not answer as it should"),
    ],
)
def test_what_zoom_has_not_done_is_said_with_why(
    app: Flask, zoom: None, facilitator: FlaskClient, session_id: int, trouble: str, words: str
) -> None:
    made(app, session_id, number=None, trouble=trouble)
    for page in ("register", "meeting"):
        assert words in facilitator.get(f"/sessions/{session_id}/{page}").text


def test_a_link_that_is_typed_is_what_everybody_joins_by_and_can_be_left_again(
    app: Flask, zoom: None, facilitator: FlaskClient, session_id: int
) -> None:
    path = f"/sessions/{session_id}/meeting"
    answer = send(facilitator, path, join_url="https://meet.example/j/7")
    assert answer.status_code == 302
    assert link_of(app, session_id) == "https://meet.example/j/7"
    assert "https://meet.example/j/7" in facilitator.get(f"/sessions/{session_id}/register").text
    send(facilitator, path, join_url="")
    assert link_of(app, session_id) == ""
    with app.app_context():
        assert count("audit_entries", action="session.link_typed") == 1
        assert count("audit_entries", action="session.link_left") == 1


@pytest.mark.parametrize("typed", ["http://meet.example/j/1", "javascript:alert(1)", "meet", "https://[::1"])
def test_what_is_no_link_is_said_at_its_field(
    app: Flask, zoom: None, facilitator: FlaskClient, session_id: int, typed: str
) -> None:
    answer = send(facilitator, f"/sessions/{session_id}/meeting", join_url=typed)
    assert "Link to join must be a whole address" in answer.text
    assert link_of(app, session_id) == ""


def test_without_zoom_a_link_is_needed(app: Flask, facilitator: FlaskClient, session_id: int) -> None:
    path = f"/sessions/{session_id}/meeting"
    assert "There is no link to join by" in facilitator.get(path).text
    assert "Enter the link to join" in send(facilitator, path, join_url="").text


def test_once_it_is_over_there_is_nothing_to_join(
    app: Flask, zoom: None, facilitator: FlaskClient, session_id: int, clock: MovableClock
) -> None:
    path = f"/sessions/{session_id}/meeting"
    before = send(facilitator, path, join_url="bad")
    assert before.status_code == 200
    clock.set(STARTS + timedelta(hours=3))
    sign_in(facilitator, World(app, emails={"facilitator": "facilitator@provider.example"}), "facilitator")
    assert "Nobody joins it any more." in facilitator.get(path).text


def test_one_in_a_room_has_none(app: Flask, facilitator: FlaskClient, session_id: int) -> None:
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).held_at = "1 Example Street"
    assert facilitator.get(f"/sessions/{session_id}/meeting").status_code == 404


def test_with_zoom_a_session_is_put_on_without_a_link(
    app: Flask, zoom: None, client: FlaskClient, world: World
) -> None:
    sign_in(client, world, "team_lead")
    assert "Zoom makes a meeting, and a link for each person" in client.get("/sessions/add").text
    answer = send(
        client,
        "/sessions/add",
        **{"date-day": "1", "date-month": "12", "date-year": "2026"},
        course=str(world.courses["awareness"]),
        starts_at="6pm",
        capacity="12",
        join_url="",
    )
    assert answer.status_code == 302


def test_only_who_runs_registers_or_adds_sessions_types_a_link(
    app: Flask, client: FlaskClient, world: World, session_id: int
) -> None:
    sign_in(client, world, "drug_worker")
    assert client.get(f"/sessions/{session_id}/meeting").status_code == 403
