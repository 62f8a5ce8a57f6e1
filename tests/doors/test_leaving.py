"""Somebody's account is closed: nobody is booked with them, and what they leave behind is somebody's to see to."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.team import team_page
from provider.domain.courses.models import SessionFacilitator
from provider.domain.diary.models import Appointment, DiaryCell
from provider.domain.diary.queries import at_work, slots_between
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import booking, staffing
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.desk import send, sign_in
from tests.doors.test_alarms import alarms, look
from tests.doors.test_spread import choices
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of

NEXT_WEEK = A_TUESDAY + timedelta(days=7)
TOMORROW_AT_TEN = A_TUESDAY.replace(hour=10, minute=0) + timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


@pytest.fixture
def desk(app: Flask, world: World) -> FlaskClient:
    client = app.test_client()
    sign_in(client, world, "administrator")
    return client


def close(world: World, who: str) -> None:
    with world.app.app_context(), transaction():
        staffing.close_account(world.accounts[who], by=SYSTEM, now=A_TUESDAY)


def add_call(world: World, who: str = "drug_worker", *, name: str = "Sam", days: int = 0) -> int:
    known = add_case(world, status=Status.ACCEPTED, given_name=name)
    with world.app.app_context(), transaction():
        made = booking.book(
            known.case_id,
            starts_at=TOMORROW_AT_TEN + timedelta(days=days),
            worker_id=world.accounts[who],
            by=SYSTEM,
            now=A_TUESDAY,
        )
        assert made.worker_id == world.accounts[who]
        return made.id


def workers_free(world: World) -> set[int]:
    with world.app.app_context():
        found = slots_between(A_TUESDAY, NEXT_WEEK, minutes=45, now=A_TUESDAY)
        return {worker_id for slot in found for worker_id in slot.worker_ids}


def test_from_then_on_nobody_is_offered_or_booked_with_them(world: World) -> None:
    gone = world.accounts["drug_worker"]
    assert gone in workers_free(world)
    close(world, "drug_worker")
    assert workers_free(world) == {world.accounts["drug_worker_2"], world.accounts["team_lead"]}
    known = add_case(world, status=Status.ACCEPTED)
    with world.app.app_context():
        assert gone not in at_work(A_TUESDAY)
        with transaction():
            made = booking.book(
                known.case_id, starts_at=TOMORROW_AT_TEN, worker_id=gone, by=SYSTEM, now=A_TUESDAY
            )
        assert made.worker_id != gone
        with transaction():
            staffing.open_account(gone, by=SYSTEM, now=A_TUESDAY)
    assert gone in workers_free(world)


def test_before_it_is_closed_the_page_counts_what_they_leave(desk: FlaskClient, world: World) -> None:
    page = f"/accounts/{world.accounts['drug_worker']}"
    assert "booked with them" not in desk.get(page).text
    add_call(world)
    assert "1 call is booked with them" in desk.get(page).text
    add_call(world, name="Alex", days=1)
    shown = desk.get(page).text
    assert "2 calls are booked with them" in shown
    assert "A team lead spreads them" in shown
    assert "/spread" not in shown
    add_session(world, course="awareness", starts_at=NEXT_WEEK)
    assert "They run 1 session to come" in desk.get(f"/accounts/{world.accounts['facilitator']}").text
    send(desk, page, f"{page}/close")
    assert "2 calls are still booked with them" in desk.get(page).text


def test_a_team_lead_sees_their_calls_and_spreads_them(lead: FlaskClient, world: World) -> None:
    call = add_call(world)
    assert "calls to spread" not in lead.get("/team").text
    close(world, "drug_worker")
    page = f"/diary/{world.accounts['drug_worker']}/spread"
    shown = lead.get("/team").text
    assert "Booked with somebody who is not there then" in shown
    assert page in shown
    proposed = choices(lead.get(page).text, call)
    assert proposed[0][1].startswith("Same time")
    assert not any("Drug Worker Example" in words for _, words in proposed)
    send(lead, page, **{f"call_{call}": proposed[0][0]})
    assert "Booked with somebody who is not there then" not in lead.get("/team").text
    assert "No call is booked with" in lead.get(page).text
    with world.app.app_context():
        booked = db.session.scalars(sa.select(Appointment.worker_id).where(Appointment.state == "booked"))
        assert world.accounts["drug_worker"] not in set(booked)


def test_their_sessions_are_without_a_facilitator_and_say_so(
    lead: FlaskClient, world: World, clock: MovableClock
) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    past = add_session(world, course="awareness", starts_at=A_TUESDAY - timedelta(days=1))
    assert "Sessions that nobody runs" not in lead.get("/team").text
    close(world, "facilitator")
    assert (
        f"/sessions/{session_id}/facilitators" in lead.get("/team").text.split("Sessions that nobody runs")[1]
    )
    assert "Account closed" in lead.get(f"/sessions/{session_id}").text
    look(world)
    assert "nobody_runs" not in alarms(world)
    clock.set(NEXT_WEEK - timedelta(hours=24))
    look(world)
    assert "nobody_runs" in alarms(world)
    sign_in(lead, world, "team_lead")
    who = str(world.accounts["team_lead"])
    assert send(lead, f"/sessions/{session_id}/facilitators", who=who).status_code == 302
    look(world)
    assert "nobody_runs" not in alarms(world)
    assert "Sessions that nobody runs" not in lead.get("/team").text
    with world.app.app_context():
        ran = db.session.scalars(
            sa.select(SessionFacilitator.ended_at).where(SessionFacilitator.session_id == past)
        )
        assert ran.all() == [None]
        cells = sa.select(DiaryCell.session_id).where(DiaryCell.worker_id == world.accounts["facilitator"])
        assert set(db.session.scalars(cells)) == {past}


def test_nobody_whose_account_is_closed_is_put_to_a_session(lead: FlaskClient, world: World) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    close(world, "facilitator")
    page = f"/sessions/{session_id}/facilitators"
    assert "Facilitator Example" not in lead.get(page).text
    assert "Error: Add a facilitator" in send(lead, page, who=str(world.accounts["facilitator"])).text


def test_only_who_spreads_the_work_sees_the_calls_of_who_has_left(
    app: Flask, lead: FlaskClient, world: World
) -> None:
    close(world, "drug_worker")
    page = f"/diary/{world.accounts['drug_worker']}/spread"
    for who in ("drug_worker_2", "administrator"):
        client = app.test_client()
        sign_in(client, world, who)
        assert client.get(page).status_code == 403, who
    assert lead.get(page).status_code == 200
    assert lead.get(f"/diary/{world.accounts['facilitator']}/spread").status_code == 404
    assert lead.get(f"/diary/{world.accounts['drug_worker']}/hours").status_code == 404


def test_the_team_page_asks_as_often_however_many_calls_are_to_be_spread(app: Flask, world: World) -> None:
    def asked() -> int:
        with queries_of(app) as sent, app.app_context():
            team_page(reader_id=world.accounts["team_lead"], now=A_TUESDAY)
        return len(sent)

    add_call(world)
    close(world, "drug_worker")
    few = asked()
    for number, name in enumerate(("Alex", "Billie", "Chris")):
        add_call(world, "drug_worker_2", name=name, days=number % 3)
    close(world, "drug_worker_2")
    assert asked() == few
