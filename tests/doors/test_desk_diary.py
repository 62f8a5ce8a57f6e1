"""The diary: a week of one worker or of all, booked and open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import altering, booking
from tests.builders import World, add_session, build_world
from tests.desk import case_of, refer, referral_of, sign_in, somebody
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


def book(app: Flask, world: World, number: int, *, after: timedelta, who: str = "drug_worker") -> str:
    reference = refer(app, world, person=somebody(number))
    worker = world.accounts[who]
    case_id, now = case_of(app, reference).id, app.extensions["clock"].now()
    with app.app_context(), transaction():
        booking.book(
            case_id, starts_at=A_TUESDAY + after, worker_id=worker, by=Actor("account", worker), now=now
        )
    return reference


def test_the_week_of_who_is_signed_in_with_what_is_booked_and_open(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    reference = book(app, world, 1, after=timedelta(hours=1))
    other = book(app, world, 2, after=timedelta(hours=1), who="drug_worker_2")
    page = desk.get("/diary").text
    assert "Diary: Drug Worker Example" in page
    assert "Tuesday 24 November, today" in page
    assert f"/referrals/{reference}" in page
    assert other not in page
    assert "10:30am</strong>" in page
    assert "9:30am <span" in page
    assert "Saturday" not in page


def test_sessions_that_somebody_runs_are_in_their_week_and_in_everybodys(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    runs = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=1))
    covers = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=2))
    now = app.extensions["clock"].now()
    with app.app_context(), transaction():
        me = world.accounts["drug_worker"]
        altering.take_off(
            covers,
            world.accounts["facilitator"],
            cover_id=me,
            because="Ill",
            by=Actor("account", me),
            now=now,
        )
    mine, everybodys = desk.get("/diary").text, desk.get("/diary?worker=all").text
    assert f'/sessions/{covers}"' in mine
    assert f'/sessions/{runs}"' not in mine
    assert f'/sessions/{covers}"' in everybodys
    assert f'/sessions/{runs}"' in everybodys


def test_everybodys_week_names_the_worker(app: Flask, world: World, desk: FlaskClient) -> None:
    book(app, world, 1, after=timedelta(hours=1))
    other = book(app, world, 2, after=timedelta(hours=1), who="drug_worker_2")
    page = desk.get("/diary?worker=all").text
    assert f"/referrals/{other}" in page
    assert "Drug Worker 2 Example" in page
    assert "3 open" in page


def test_other_weeks_are_a_link_away(desk: FlaskClient) -> None:
    page = desk.get("/diary").text
    assert "day=2026-11-30" in page
    assert "Monday 30 November" in desk.get("/diary?day=2026-12-02").text
    for nonsense in ("x", "0001-01-01", "9999-12-31", "2026-13-01"):
        assert "Tuesday 24 November, today" in desk.get(f"/diary?day={nonsense}").text


def test_a_christmas_week_has_no_working_days_where_there_are_none(desk: FlaskClient) -> None:
    page = desk.get("/diary?day=2026-12-25").text
    assert "No working day" not in page.split("Friday 25 December")[0].split("Thursday 24 December")[1]
    assert "Friday 25 December" not in page or "No working day" in page


def test_a_call_without_an_outcome_says_so(
    app: Flask, world: World, desk: FlaskClient, clock: MovableClock
) -> None:
    book(app, world, 1, after=timedelta(hours=1))
    clock.advance(hours=2)
    sign_in(desk, world, "drug_worker")
    assert "How did it go?" in desk.get("/diary").text


def test_nobodys_diary_is_not_found(desk: FlaskClient) -> None:
    assert desk.get("/diary?worker=999999").status_code == 404


def test_a_restricted_person_is_masked(app: Flask, world: World, desk: FlaskClient) -> None:
    reference = book(app, world, 1, after=timedelta(hours=1))
    with app.app_context(), transaction():
        db.session.get_one(Person, referral_of(app, reference).person_id).restricted = True
    page = desk.get("/diary").text
    assert "Restricted record" in page
    assert "Perab" not in page


def test_it_asks_as_much_of_the_database_for_a_full_week_as_for_a_quiet_one(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    counts = []
    for numbers in (range(3), range(3, 60)):
        for number in numbers:
            hours = timedelta(days=number // 18, hours=1 + number % 6)
            who = ("drug_worker", "drug_worker_2", "team_lead")[number // 6 % 3]
            book(app, world, number, after=hours, who=who)
        with queries_of(app) as sent:
            assert desk.get("/diary?worker=all").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12
