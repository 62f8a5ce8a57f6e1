"""Sessions by course, facilitator and state, and as a calendar of months and weeks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.session_calendar import session_calendar
from provider.kernel.actors import SYSTEM
from provider.kernel.calendar import at_london
from provider.kernel.database import transaction
from provider.pathway import scheduling
from tests.builders import World, add_session, build_world
from tests.desk import sign_in
from tests.fakes import A_TUESDAY
from tests.queries import queries_of

NEXT_WEEK = A_TUESDAY.replace(hour=18, minute=0) + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "facilitator")
    return client


def test_the_list_is_narrowed_by_course_facilitator_and_state(
    desk: FlaskClient, world: World, app: Flask
) -> None:
    add_session(world, course="awareness", starts_at=NEXT_WEEK)
    off = add_session(world, course="cannabis", starts_at=NEXT_WEEK + timedelta(days=1))
    add_session(world, course="stimulants", starts_at=A_TUESDAY - timedelta(days=1))
    with app.app_context(), transaction():
        scheduling.cancel_session(off, by=SYSTEM, now=A_TUESDAY)

    def shown(query: str) -> set[str]:
        page = desk.get(f"/sessions?{query}").text.split("Show</button>")[1]
        days = {"awareness": "Tue 1 Dec", "cannabis": "Wed 2 Dec", "stimulants": "Mon 23 Nov"}
        return {course for course, day in days.items() if day in page}

    assert shown("") == {"awareness", "cannabis", "stimulants"}
    assert shown(f"course={world.courses['cannabis']}") == {"cannabis"}
    assert shown("state=cancelled") == {"cannabis"}
    assert shown("state=to_come") == shown("state=bookable") == {"awareness"}
    assert shown("state=to_confirm") == {"stimulants"}
    assert shown(f"facilitator={world.accounts['facilitator']}") == {"awareness", "cannabis", "stimulants"}
    assert shown(f"facilitator={world.accounts['team_lead']}") == set()
    assert shown("course=999&state=gone&facilitator=x") == {"awareness", "cannabis", "stimulants"}
    assert "No such session is coming." in desk.get("/sessions?state=confirmed").text


def test_a_month_shows_each_session_on_its_london_day(desk: FlaskClient, world: World) -> None:
    at_midnight = at_london(date(2026, 7, 1), time(0, 30))
    session_id = add_session(world, course="awareness", starts_at=at_midnight)
    page = desk.get("/sessions/calendar?day=2026-07-20").text
    assert "Sessions: July 2026" in page
    first = page.split("Wednesday 1 July")[1].split("Thursday 2 July")[0]
    assert f'href="/sessions/{session_id}"' in first
    assert "12:30am" in first


def test_a_week_and_the_weeks_beside_it(desk: FlaskClient, world: World) -> None:
    add_session(world, course="awareness", starts_at=NEXT_WEEK)
    page = desk.get("/sessions/calendar?by=week&day=2026-12-03").text
    assert "Week of 30 November 2026" in page
    assert "6pm" in page
    assert "day=2026-11-23&amp;by=week" in page
    assert "day=2026-12-07&amp;by=week" in page


def test_what_was_asked_for_is_kept_from_one_view_to_the_next(desk: FlaskClient, world: World) -> None:
    course = world.courses["cannabis"]
    add_session(world, course="awareness", starts_at=NEXT_WEEK)
    page = desk.get(f"/sessions/calendar?day=2026-12-03&course={course}").text
    assert "No session is held then." in page
    assert f"/sessions?course={course}" in page
    assert page.count(f"course={course}") >= 5


@pytest.mark.parametrize(
    "query", ["", "day=", "day=tomorrow", "day=0001-01-01", "day=9999-12-31", "by=year&day=2026-13-01"]
)
def test_a_day_that_is_none_is_today(desk: FlaskClient, query: str) -> None:
    assert "Sessions: November 2026" in desk.get(f"/sessions/calendar?{query}").text


@pytest.mark.parametrize(
    ("day", "first", "last", "weeks"),
    [
        (date(2026, 11, 24), date(2026, 10, 26), date(2026, 12, 6), 6),
        (date(2026, 2, 14), date(2026, 1, 26), date(2026, 3, 1), 5),
        (date(2027, 2, 14), date(2027, 2, 1), date(2027, 2, 28), 4),
    ],
)
def test_a_month_is_whole_weeks(app: Flask, day: date, first: date, last: date, weeks: int) -> None:
    with app.app_context():
        page = session_calendar(day, by_week=False, reader_id=1, now=A_TUESDAY)
    assert [page.days[0].day, page.days[-1].day, len(page.days)] == [first, last, weeks * 7]
    assert {one.day.month for one in page.days if not one.outside} == {day.month}
    assert page.before < page.first < page.after
    assert {page.before.day, page.first.day, page.after.day} == {1}


def test_bank_holidays_are_said(desk: FlaskClient) -> None:
    christmas = desk.get("/sessions/calendar?day=2026-12-25").text.split("Friday 25 December")[1]
    assert christmas.split("<h2")[0].count("Bank holiday") == 1


def test_both_nights_of_the_clock_are_whole_days(app: Flask) -> None:
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        world_now = datetime.combine(day, time(12), A_TUESDAY.tzinfo)
        with app.app_context():
            page = session_calendar(day, by_week=True, reader_id=1, now=world_now)
        assert [one.day for one in page.days][-1] == day
        assert [one.day for one in page.days if one.today] == [day]


def test_a_calendar_costs_the_same_however_full_it_is(desk: FlaskClient, world: World, app: Flask) -> None:
    desk.get("/sessions/calendar")
    with queries_of(app) as few:
        desk.get("/sessions/calendar")
    for days in range(12):
        add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=days - 6))
    with queries_of(app) as many:
        desk.get("/sessions/calendar")
    assert len(many) == len(few)
