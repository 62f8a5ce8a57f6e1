"""One session over HTTP: what it is, changing its places and closing time, and who runs it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.courses.models import CourseSession, SessionFacilitator, Waiting
from provider.domain.diary.models import Absence, DiaryCell
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case
from tests.desk import csrf_of, send, sign_in
from tests.doors.test_sessions import new_session
from tests.fakes import A_TUESDAY

NEXT_WEEK = A_TUESDAY.replace(hour=18, minute=0) + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


@pytest.fixture
def session_id(world: World) -> int:
    return add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=3)


def hold(world: World, session_id: int, *names: str) -> list[Known]:
    known = [add_case(world, given_name=name) for name in names]
    with world.app.app_context():
        for one in known:
            with transaction():
                allocating.give_place(one.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return known


def details(**changes: Any) -> dict[str, Any]:
    return {"capacity": "3", "closes_hours": "", "join_url": "https://meet.example/j/9", **changes}


def stored(app: Flask, session_id: int) -> CourseSession:
    with app.app_context():
        return db.session.get_one(CourseSession, session_id)


def test_a_session_says_when_it_is_how_full_and_who_runs_it(lead: FlaskClient, session_id: int) -> None:
    assert f'href="/sessions/{session_id}"' in lead.get("/sessions").text
    page = lead.get(f"/sessions/{session_id}").text
    assert "Tuesday 1 December 2026 at 6pm" in page
    assert "0 of 3 held" in page
    assert "When it begins" in page
    assert "Facilitator Example" in page


def test_places_go_down_to_those_held_and_not_below(
    lead: FlaskClient, world: World, app: Flask, session_id: int
) -> None:
    hold(world, session_id, "Sam", "Alex")
    page = f"/sessions/{session_id}/change"
    answer = send(lead, page, **details(capacity="1"))
    assert "2 places are held or offered: 1 place must be free first." in answer.text
    assert stored(app, session_id).capacity == 3
    assert send(lead, page, **details(capacity="2")).status_code == 302
    assert stored(app, session_id).capacity == 2


def test_new_places_go_to_those_who_wait(lead: FlaskClient, world: World, app: Flask) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    hold(world, session_id, "Sam")
    known = add_case(world, given_name="Alex")
    with app.app_context(), transaction():
        allocating.wait_for_place(known.case_id, world.courses["awareness"], by=SYSTEM, now=A_TUESDAY)
    send(lead, f"/sessions/{session_id}/change", **details(capacity="2"))
    with app.app_context():
        assert db.session.scalars(sa.select(Waiting.offered_place_id)).one() is not None


def test_booking_closes_as_many_hours_before_as_is_said(
    lead: FlaskClient, app: Flask, session_id: int
) -> None:
    page = f"/sessions/{session_id}/change"
    send(lead, page, **details(closes_hours="24"))
    assert stored(app, session_id).closes_at == NEXT_WEEK - timedelta(hours=24)
    assert "Monday 30 November 2026 at 6pm" in lead.get(f"/sessions/{session_id}").text
    assert 'value="24"' in lead.get(page).text
    send(lead, page, **details(closes_hours=""))
    assert stored(app, session_id).closes_at is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"capacity": "0"}, "Places must be between 1 and 100"),
        ({"join_url": "http://meet.example"}, "Link to join must be a whole address"),
        ({"closes_hours": "400"}, "must be between 0 and 336"),
        ({"held_at": "The drug clinic"}, "must not stand in a text"),
    ],
)
def test_what_is_wrong_with_a_change_is_said_and_nothing_is_changed(
    lead: FlaskClient, app: Flask, session_id: int, changes: dict[str, str], sentence: str
) -> None:
    answer = send(lead, f"/sessions/{session_id}/change", **details(**changes))
    assert sentence in answer.text
    assert stored(app, session_id).join_url == "https://meet.example/j/123"


def test_a_session_that_has_begun_is_not_changed(lead: FlaskClient, world: World, app: Flask) -> None:
    begun = add_session(world, course="awareness", starts_at=A_TUESDAY - timedelta(minutes=5))
    assert "It can no longer be changed" in lead.get(f"/sessions/{begun}/change").text
    token = csrf_of(lead, "/sessions/add")
    answer = lead.post(f"/sessions/{begun}/change", data={"csrf_token": token, **details(capacity="9")})
    assert stored(app, begun).capacity == 12
    assert answer.status_code == 200


def test_a_sick_facilitator_is_covered_with_who_and_why(
    lead: FlaskClient, world: World, app: Flask, session_id: int
) -> None:
    sick, cover = world.accounts["facilitator"], world.accounts["team_lead"]
    page = f"/sessions/{session_id}/facilitators/{sick}"
    assert "Say why" in send(lead, page, who=str(cover), because="").text
    assert send(lead, page, who=str(cover), because="Away at short notice").status_code == 302
    shown = lead.get(f"/sessions/{session_id}").text
    assert "Cover for Facilitator Example" in shown
    assert "Away at short notice" in shown
    assert "Team Lead Example for Facilitator Example" in lead.get("/sessions").text
    with app.app_context():
        taken = set(db.session.scalars(sa.select(DiaryCell.worker_id)))
        roles = db.session.scalars(sa.select(SessionFacilitator.role).order_by(SessionFacilitator.id)).all()
    assert taken == {cover}
    assert roles == ["lead", "cover"]


def test_cover_is_found_also_while_the_session_runs(lead: FlaskClient, world: World) -> None:
    running = add_session(world, course="awareness", starts_at=A_TUESDAY - timedelta(minutes=5))
    page = f"/sessions/{running}/facilitators/{world.accounts['facilitator']}"
    send(lead, page, who=str(world.accounts["team_lead"]), because="Lost their connection")
    assert "Cover for Facilitator Example" in lead.get(f"/sessions/{running}").text


def test_nobody_covers_two_sessions_at_once(lead: FlaskClient, world: World, session_id: int) -> None:
    send(lead, "/sessions/add", **new_session(world, facilitator=str(world.accounts["team_lead"])))
    page = f"/sessions/{session_id}/facilitators/{world.accounts['facilitator']}"
    answer = send(lead, page, who=str(world.accounts["team_lead"]), because="Unwell")
    assert "runs another session at that time" in answer.text


def test_a_second_helps_and_may_leave_and_the_last_one_may_not(
    lead: FlaskClient, world: World, session_id: int
) -> None:
    second = world.accounts["team_lead"]
    assert send(lead, f"/sessions/{session_id}/facilitators", who=str(second)).status_code == 302
    assert "Helps" in lead.get(f"/sessions/{session_id}").text
    page = f"/sessions/{session_id}/facilitators/{second}"
    assert send(lead, page, who="", because="Not needed").status_code == 302
    last = f"/sessions/{session_id}/facilitators/{world.accounts['facilitator']}"
    assert "say who covers for them" in send(lead, last, who="", because="Not needed").text
    assert "Facilitator Example" in lead.get(f"/sessions/{session_id}").text


def test_seconds_are_put_on_with_the_session(lead: FlaskClient, world: World) -> None:
    second = str(world.accounts["team_lead"])
    send(lead, "/sessions/add", **new_session(world, seconds=[second]))
    assert "Facilitator Example, Team Lead Example" in lead.get("/sessions").text
    twice = send(
        lead, "/sessions/add", **new_session(world, starts_at="9am", facilitator=second, seconds=[second])
    )
    assert "Whoever leads it is not counted twice" in twice.text


def test_that_a_facilitator_is_away_then_is_said_and_may_be_overruled(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    busy = world.accounts["team_lead"]
    with app.app_context(), transaction():
        db.session.add(
            Absence(
                worker_id=busy,
                reason="leave",
                starts_at=NEXT_WEEK - timedelta(hours=6),
                ends_at=NEXT_WEEK + timedelta(minutes=1),
                entered_by="system",
                entered_at=A_TUESDAY,
            )
        )
    wanted = new_session(world, facilitator=str(busy))
    assert "Team Lead Example is away then" in send(lead, "/sessions/add", **wanted).text
    assert send(lead, "/sessions/add", **wanted, anyway="y").status_code == 302


def test_a_drug_worker_reads_a_session_and_changes_nothing_of_it(
    client: FlaskClient, world: World, session_id: int
) -> None:
    sign_in(client, world, "drug_worker")
    page = client.get(f"/sessions/{session_id}").text
    assert "Change" not in page
    assert "Does not run it" not in page
    who = world.accounts["facilitator"]
    for path in ("change", "facilitators", f"facilitators/{who}"):
        assert client.get(f"/sessions/{session_id}/{path}").status_code == 403, path


def test_an_unknown_session_is_not_found(lead: FlaskClient) -> None:
    for path in ("", "/change", "/facilitators", "/facilitators/1"):
        assert lead.get(f"/sessions/999{path}").status_code == 404, path
