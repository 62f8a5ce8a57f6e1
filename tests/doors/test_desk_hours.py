"""Hours and absences: one's own for a drug worker, anybody's for a team lead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.diary.models import Absence, CallLayout
from provider.domain.diary.queries import slots_between
from provider.kernel.actors import Actor
from provider.kernel.calendar import london
from provider.kernel.database import db, transaction
from provider.pathway import booking
from tests.builders import World, build_world
from tests.desk import case_of, refer, send, sign_in, somebody
from tests.fakes import A_TUESDAY
from tests.queries import queries_of

MONDAY = date(2026, 11, 30)
WEEK: dict[str, Any] = {
    "monday": "9am to 12:30pm, 1pm to 5pm",
    "tuesday": "12 midday - 8pm",
    "wednesday": "10pm to midnight",
    "buffer_minutes": "15",
    "most_calls": "4",
    "lunch_minutes": "30",
    "lunch_from": "11:30",
    "lunch_until": "2:30pm",
    "valid_from-day": "30",
    "valid_from-month": "11",
    "valid_from-year": "2026",
}
AWAY: dict[str, Any] = {
    "reason": "leave",
    "first_day-day": "25",
    "first_day-month": "11",
    "first_day-year": "2026",
    "last_day-day": "26",
    "last_day-month": "11",
    "last_day-year": "2026",
}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def mine(world: World) -> str:
    return f"/diary/{world.accounts['drug_worker']}/hours"


@pytest.fixture
def away(world: World) -> str:
    return f"/diary/{world.accounts['drug_worker']}/absences/add"


def open_on(app: Flask, world: World, day: date) -> list[str]:
    """What is open with the first drug worker on a day, on London's clock."""
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    with app.app_context():
        found = slots_between(
            begins,
            begins + timedelta(hours=23, minutes=59),
            minutes=45,
            now=A_TUESDAY,
            worker_ids=[world.accounts["drug_worker"]],
        )
    return [f"{london(slot.starts_at):%H:%M}" for slot in found]


def test_a_week_is_written_as_people_write_hours_and_slots_follow_it(
    app: Flask, world: World, desk: FlaskClient, mine: str
) -> None:
    before = open_on(app, world, date(2026, 11, 27))
    assert send(desk, f"{mine}/change", **WEEK).location == mine
    page = desk.get(mine).text
    assert "change on 30 November 2026." in page
    assert "From 30 November 2026" in page
    for said in ("9am to 12:30pm, 1pm to 5pm", "midday to 8pm", "10pm to midnight", "15 minutes kept free"):
        assert said in page
    assert "30 minutes kept free between 11:30am and 2:30pm" in page
    assert open_on(app, world, date(2026, 11, 27)) == before
    assert open_on(app, world, MONDAY)[:3] == ["09:00", "09:30", "10:00"]
    assert "12:30" not in open_on(app, world, MONDAY)
    assert open_on(app, world, MONDAY + timedelta(days=2)) == ["22:00", "22:30", "23:00"]
    assert open_on(app, world, MONDAY + timedelta(days=3)) == []


def test_the_form_begins_with_what_stands(desk: FlaskClient, mine: str) -> None:
    page = desk.get(f"{mine}/change").text
    assert page.count('value="9am to 5pm"') == 5
    send(desk, f"{mine}/change", **WEEK)
    page = desk.get(f"{mine}/change").text
    assert 'value="midday to 8pm"' in page
    assert 'value="14:30"' in page


def test_hours_for_a_while_give_way_to_what_stood_before(
    app: Flask, world: World, desk: FlaskClient, mine: str
) -> None:
    last = {"valid_until-day": "6", "valid_until-month": "12", "valid_until-year": "2026"}
    send(desk, f"{mine}/change", **{**WEEK, **last})
    assert "From 30 November 2026 until 6 December 2026" in desk.get(mine).text
    assert open_on(app, world, MONDAY + timedelta(days=4)) == []
    assert len(open_on(app, world, MONDAY + timedelta(days=7))) == 15


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("monday", "nine to five", "Monday must be like 9am to 12:30pm, 1pm to 5pm"),
        ("monday", "5pm to 9am", "Monday must be like 9am to 12:30pm, 1pm to 5pm"),
        ("monday", "9am to 1pm, 12:30pm to 5pm", "Monday has stretches that overlap"),
        ("buffer_minutes", "", "Enter how many minutes, 0 for none"),
        ("buffer_minutes", "121", "Minutes kept free after each call must be between 0 and 120"),
        ("most_calls", "0", "Most calls a day must be between 1 and 30"),
        ("lunch_from", "", "Enter when lunch can begin"),
        ("lunch_until", "11:45", "Lunch over by must leave time for the break"),
        ("valid_from-day", "23", "Hours are changed from today on"),
        ("valid_from-month", "", "First day must include a month"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    app: Flask, desk: FlaskClient, mine: str, field: str, typed: str, said: str
) -> None:
    page = send(desk, f"{mine}/change", **{**WEEK, field: typed}).text
    assert "There is a problem" in page
    assert said in page
    assert 'value="10pm to midnight"' in page
    with app.app_context():
        assert db.session.scalars(sa.select(CallLayout)).all() == []


def test_a_last_day_before_the_first_is_refused_at_its_field(desk: FlaskClient, mine: str) -> None:
    last = {"valid_until-day": "29", "valid_until-month": "11", "valid_until-year": "2026"}
    assert (
        "The last day of these hours is before their first."
        in send(desk, f"{mine}/change", **{**WEEK, **last}).text
    )


def test_an_absence_is_entered_and_calls_in_it_are_shown(
    app: Flask, world: World, desk: FlaskClient, mine: str, away: str
) -> None:
    reference = refer(app, world, person=somebody(1))
    worker = world.accounts["drug_worker"]
    with app.app_context():
        case_id = case_of(app, reference).id
        with transaction():
            booking.book(
                case_id,
                starts_at=A_TUESDAY.replace(hour=10, minute=0) + timedelta(days=1),
                worker_id=worker,
                by=Actor("account", worker),
                now=A_TUESDAY,
            )
    assert "Booked while away" not in desk.get(mine).text
    assert send(desk, away, **AWAY).location == mine
    page = desk.get(mine).text
    assert "is away: Wednesday 25 November 2026 to Thursday 26 November 2026." in page
    assert "Booked while away, or outside these hours" in page
    assert f"/referrals/{reference}" in page
    assert open_on(app, world, date(2026, 11, 25)) == open_on(app, world, date(2026, 11, 26)) == []
    assert open_on(app, world, date(2026, 11, 27)) != []
    assert "<strong>Away</strong>" in desk.get("/diary").text


def test_who_is_back_is_open_again(app: Flask, world: World, desk: FlaskClient, mine: str, away: str) -> None:
    send(desk, away, **AWAY)
    with app.app_context():
        absence = db.session.scalars(sa.select(Absence)).one()
    assert "Take it back" in desk.get(mine).text
    send(desk, mine, f"/diary/{world.accounts['drug_worker']}/absences/{absence.id}/end")
    assert "is no longer away" in desk.get(mine).text
    assert "None entered." in desk.get(mine).text
    assert open_on(app, world, date(2026, 11, 25)) != []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "Choose why"),
        ({"first_day-day": ""}, "First day away must include a day"),
        ({"last_day-day": "24"}, "An absence ends after it begins."),
        ({"until_time": "half two"}, "Until must be a time"),
        ({"last_day-year": "9999"}, "Last day away must have a year from 1900 to 2099"),
        ({"first_day-year": "0001"}, "First day away must have a year from 1900 to 2099"),
    ],
)
def test_an_absence_that_cannot_be_is_refused_at_its_field(
    app: Flask, desk: FlaskClient, away: str, changes: dict[str, str], said: str
) -> None:
    page = send(desk, away, **{**AWAY, **changes}).text
    assert said in page
    assert 'value="2026"' in page
    with app.app_context():
        assert db.session.scalars(sa.select(Absence)).all() == []


def test_who_is_away_until_the_last_day_there_is_can_say_so(app: Flask, desk: FlaskClient, mine: str) -> None:
    away = mine.replace("hours", "absences/add")
    last = {"last_day-day": "31", "last_day-month": "12", "last_day-year": "2099"}
    assert send(desk, away, **{**AWAY, **last}).location == mine
    until = {"valid_until-day": "31", "valid_until-month": "12", "valid_until-year": "2099"}
    assert send(desk, f"{mine}/change", **WEEK, **until).location == mine
    assert send(desk, f"{mine}/change", **{**WEEK, **until, "valid_until-year": "9999"}).status_code == 200
    assert "31 December 2099" in desk.get(mine).text


@pytest.fixture
def lead(app: Flask, world: World) -> FlaskClient:
    client = app.test_client()
    sign_in(client, world, "team_lead")
    return client


def test_languages_are_ticked_and_shown(world: World, desk: FlaskClient, mine: str) -> None:
    path = mine.replace("hours", "languages")
    assert send(desk, path, languages=["pl", "cy"]).location == mine
    assert "English, Welsh, Polish" in desk.get(mine).text
    assert send(desk, path, languages=["xx"]).status_code == 200
    send(desk, path)
    assert "Polish" not in desk.get(mine).text


class TestWhose:
    def test_anothers_hours_are_a_team_leads_alone(
        self, world: World, desk: FlaskClient, lead: FlaskClient
    ) -> None:
        other = world.accounts["drug_worker_2"]
        for path in (f"/diary/{other}/hours", f"/diary/{other}/hours/change", f"/diary/{other}/absences/add"):
            assert desk.get(path).status_code == 403
            assert lead.get(path).status_code == 200
        assert f"/diary/{other}/hours" in lead.get("/team").text

    def test_another_workers_absence_is_not_found(
        self, world: World, desk: FlaskClient, lead: FlaskClient, away: str
    ) -> None:
        send(desk, away, **AWAY)
        other = world.accounts["drug_worker_2"]
        answer = send(lead, f"/diary/{other}/absences/add", f"/diary/{other}/absences/1/end")
        assert answer.status_code == 404

    def test_who_rings_nobody_has_no_hours(self, world: World, lead: FlaskClient) -> None:
        assert lead.get(f"/diary/{world.accounts['facilitator']}/hours").status_code == 404
        assert lead.get("/diary/999999/hours").status_code == 404

    def test_from_ones_diary_it_is_a_link_away(self, world: World, desk: FlaskClient, mine: str) -> None:
        assert f'href="{mine}"' in desk.get("/diary").text
        assert "Hours and absences" not in desk.get(f"/diary?worker={world.accounts['drug_worker_2']}").text


def test_the_page_asks_as_much_however_much_is_entered(
    app: Flask, world: World, desk: FlaskClient, mine: str, away: str
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            send(desk, away, **AWAY)
        with queries_of(app) as sent:
            assert desk.get(mine).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 15
