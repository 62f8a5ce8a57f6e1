"""Over HTTP: a session is moved, one like it is added, and a run of them after its days were looked at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.diary.models import Absence
from provider.domain.messaging.models import Text
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from provider.web.staff import series
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.desk import csrf_of, send, sign_in
from tests.doors.test_sessions import all_sessions, new_session
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of

NEXT_WEEK = A_TUESDAY.replace(hour=18, minute=0) + timedelta(days=7)
TO = {"date-day": "3", "date-month": "12", "date-year": "2026", "starts_at": "10:00"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


@pytest.fixture
def session_id(world: World) -> int:
    return add_session(world, course="awareness", starts_at=NEXT_WEEK)


def test_a_team_lead_moves_a_session_and_everybody_is_told(
    lead: FlaskClient, world: World, app: Flask, session_id: int
) -> None:
    known = add_case(world)
    with app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    page = f"/sessions/{session_id}/move"
    assert f'href="{page}"' in lead.get(f"/sessions/{session_id}").text
    assert "1 person holds a place" in lead.get(page).text
    assert send(lead, page, **TO).headers["Location"] == f"/sessions/{session_id}"
    assert "Thursday 3 December 2026 at 10am" in lead.get(f"/sessions/{session_id}").text
    with app.app_context():
        kinds = db.session.scalars(sa.select(Text.kind).where(Text.case_id == known.case_id)).all()
    assert "course_moved" in kinds


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"date-year": "2025"}, "New date must be in the future"),
        ({"date-day": ""}, "New date must include a day"),
        ({"starts_at": "late"}, "New start time must be a time"),
        ({"date-day": "1", "starts_at": "6pm"}, "It is held at that time already"),
    ],
)
def test_a_time_that_cannot_be_is_said_and_nothing_moves(
    lead: FlaskClient, app: Flask, session_id: int, changes: dict[str, str], sentence: str
) -> None:
    assert sentence in send(lead, f"/sessions/{session_id}/move", **{**TO, **changes}).text
    assert all_sessions(app)[0].starts_at == NEXT_WEEK


def test_a_past_session_is_moved_by_no_form(lead: FlaskClient, world: World, app: Flask) -> None:
    past = add_session(world, course="awareness", starts_at=A_TUESDAY - timedelta(days=1))
    page = f"/sessions/{past}/move"
    assert "It can no longer be moved" in lead.get(page).text
    lead.post(page, data={"csrf_token": csrf_of(lead, "/sessions/add"), **TO})
    assert all_sessions(app)[0].starts_at == A_TUESDAY - timedelta(days=1)


def test_a_facilitator_who_is_away_at_the_new_time_is_named_first(
    lead: FlaskClient, world: World, app: Flask, session_id: int
) -> None:
    away = Absence(
        worker_id=world.accounts["facilitator"],
        reason="leave",
        starts_at=NEXT_WEEK + timedelta(days=1),
        ends_at=NEXT_WEEK + timedelta(days=5),
        entered_by="system",
        entered_at=A_TUESDAY,
    )
    with app.app_context(), transaction():
        db.session.add(away)
    page = f"/sessions/{session_id}/move"
    assert "Facilitator Example is away then" in send(lead, page, **TO).text
    assert send(lead, page, **TO, anyway="y").status_code == 302


def test_one_like_it_needs_only_a_day(lead: FlaskClient, world: World, app: Flask) -> None:
    first = new_session(world, capacity="7", closes_hours="5", seconds=[str(world.accounts["team_lead"])])
    send(lead, "/sessions/add", **first)
    (session,) = all_sessions(app)
    page = f"/sessions/add?like={session.id}"
    assert page in lead.get(f"/sessions/{session.id}").text
    form = form_on(lead, page)
    assert form["capacity"] == ["7"]
    answer = lead.post(page, data={**form, "date-day": "8", "date-month": "12", "date-year": "2026"})
    assert answer.status_code == 302
    copy = all_sessions(app)[1]
    assert copy.starts_at == NEXT_WEEK + timedelta(days=7)
    assert copy.closes_at == copy.starts_at - timedelta(hours=5)
    assert (copy.course_id, copy.minutes, copy.capacity) == (session.course_id, session.minutes, 7)
    assert "Facilitator Example, Team Lead Example" in lead.get("/sessions").text.split("Tue 8 Dec")[1]


def form_on(client: FlaskClient, page: str) -> dict[str, Any]:
    """What the form on a page would send as it stands."""
    text = client.get(page).text
    form: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (("checkbox" not in tag and "radio" not in tag) or " checked" in tag):
            form.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        form[name] = [chosen[1] if chosen else ""]
    return form


def run(world: World, **changes: Any) -> dict[str, Any]:
    return new_session(world, **{"every": "1", "times": "4", "until-day": "", "press": "show", **changes})


def put_on(lead: FlaskClient, wanted: dict[str, Any]) -> Any:
    """Look at the days, and then press for those that were seen."""
    shown = send(lead, "/sessions/run", **wanted).text
    seen = re.findall(r'name="seen" value="(\w+)"', shown)
    assert seen, shown
    return send(lead, "/sessions/run", **{**wanted, "press": "put_on", "seen": seen[0]})


def starts(app: Flask) -> list[datetime]:
    return [session.starts_at for session in all_sessions(app)]


def test_a_run_is_looked_at_first_and_then_put_on(lead: FlaskClient, world: World, app: Flask) -> None:
    shown = send(lead, "/sessions/run", **run(world)).text
    assert "Tuesday 1 December 2026 at 6pm" in shown
    assert "Add 4 sessions" in shown
    assert starts(app) == []
    assert put_on(lead, run(world)).headers["Location"] == "/sessions"
    assert starts(app) == [NEXT_WEEK + timedelta(weeks=number) for number in range(4)]


def test_the_time_on_the_clock_is_kept_when_the_clock_changes(
    lead: FlaskClient, world: World, app: Flask, clock: MovableClock
) -> None:
    wanted = run(world, times="3", **{"date-day": "23", "date-month": "3", "date-year": "2027"})
    put_on(lead, wanted)
    assert starts(app) == [
        datetime(2027, 3, 23, 18, tzinfo=UTC),
        datetime(2027, 3, 30, 17, tzinfo=UTC),
        datetime(2027, 4, 6, 17, tzinfo=UTC),
    ]


def test_bank_holidays_are_passed_over_and_said(lead: FlaskClient, world: World, app: Flask) -> None:
    wanted = run(world, times="3", **{"date-day": "18"})
    assert (
        "a bank holiday or a day on which we are closed: Friday 25 December 2026, Friday 1 January 2027"
        in send(lead, "/sessions/run", **wanted).text
    )
    put_on(lead, wanted)
    assert [f"{one:%d %b}" for one in starts(app)] == ["18 Dec", "08 Jan", "15 Jan"]


def test_a_clash_is_named_at_its_date_and_nothing_is_made(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    add_session(world, course="cannabis", starts_at=NEXT_WEEK + timedelta(weeks=2, minutes=30))
    shown = send(lead, "/sessions/run", **run(world)).text
    row = shown.split("Tuesday 15 December 2026 at 6pm")[1].split("</tr>")[0]
    assert "Facilitator Example runs another session" in row
    assert shown.count("runs another session") == 1
    assert "Add 4 sessions" not in shown
    send(lead, "/sessions/run", **run(world, press="put_on"))
    assert len(starts(app)) == 1


def test_a_clash_that_came_between_leaves_nothing_half_made(
    lead: FlaskClient, world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The days were seen to be free; by the time they are put on, one is not."""
    add_session(world, course="cannabis", starts_at=NEXT_WEEK + timedelta(weeks=2))
    monkeypatch.setattr(series, "_is_meant", lambda _form, _page: True)
    answer = send(lead, "/sessions/run", **run(world, press="put_on"))
    assert "Facilitator Example runs another session at that time" in answer.text
    assert len(starts(app)) == 1


def test_what_was_changed_after_looking_is_looked_at_again(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    shown = send(lead, "/sessions/run", **run(world)).text
    seen = re.findall(r'name="seen" value="(\w+)"', shown)[0]
    answer = send(lead, "/sessions/run", **run(world, capacity="3", press="put_on", seen=seen))
    assert "Add 4 sessions" in answer.text
    assert starts(app) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"times": ""}, "Enter the last day, or how many"),
        ({"times": "61"}, "How many must be between 1 and 60"),
        (
            {"times": "", "until-day": "1", "until-month": "11", "until-year": "2026"},
            "must not be before the first",
        ),
        ({"every": "3"}, "Choose one of the answers in the list"),
        ({"weekdays": ["7"]}, "Choose one of the answers in the list"),
        ({"date-year": "2025"}, "Date must be in the future"),
    ],
)
def test_what_is_wrong_with_a_run_is_said(
    lead: FlaskClient, world: World, app: Flask, changes: dict[str, Any], sentence: str
) -> None:
    answer = send(lead, "/sessions/run", **run(world, **changes))
    assert sentence in answer.text
    assert starts(app) == []


def test_a_long_run_costs_no_more_queries_to_look_at(lead: FlaskClient, world: World, app: Flask) -> None:
    few, many = run(world, times="1"), run(world, times="60")
    send(lead, "/sessions/run", **few)
    token = csrf_of(lead, "/sessions/run")
    with queries_of(app) as one:
        lead.post("/sessions/run", data={"csrf_token": token, **few})
    with queries_of(app) as sixty:
        lead.post("/sessions/run", data={"csrf_token": token, **many})
    assert len(one) == len(sixty)


def test_nobody_else_moves_or_runs(client: FlaskClient, world: World, session_id: int) -> None:
    sign_in(client, world, "facilitator")
    for path in (f"/sessions/{session_id}/move", "/sessions/run", f"/sessions/add?like={session_id}"):
        assert client.get(path).status_code == 403, path
