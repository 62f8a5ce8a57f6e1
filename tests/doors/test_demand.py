"""Places needed in the next eight weeks, and the sessions that are short put on from there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Waiting
from provider.domain.meetings.zoom import Zoom
from provider.kernel.calendar import london
from provider.kernel.database import db
from provider.reporting.demand import CourseDemand, demand_page
from tests.builders import World, add_session, build_world
from tests.desk import csrf_of, send, sign_in, somebody
from tests.fakes import MovableClock
from tests.pathway.walking import YOUNG, Walk
from tests.queries import queries_of

LINK = "https://meet.example/j/9"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


def assessed(walk: Walk, many: int, *, start: int = 0, **person: object) -> None:
    for number in range(start, start + many):
        referral = walk.referred(person={**somebody(number), "gender": "male", **person})
        walk.assessed(referral)


def demand_of(walk: Walk, course: str = "awareness", language: str | None = None) -> CourseDemand:
    lines = demand_page(now=walk.now).courses
    course_id = walk.world.courses[course]
    return next(one for one in lines if one.course_id == course_id and one.language == language)


def path(world: World) -> str:
    return f"/demand/{world.courses['awareness']}/sessions"


def test_with_nobody_on_the_way_there_are_places_enough(
    client: FlaskClient, world: World, walk: Walk
) -> None:
    sign_in(client, world, "team_lead")
    page = client.get("/demand").text
    assert "until some weeks have passed" in page
    assert page.count("Enough") == len(world.courses)
    assert "no session is short" in client.get(path(world)).text


def test_who_is_assessed_needs_a_place_now_and_who_is_rung_perhaps_later(app: Flask, walk: Walk) -> None:
    with app.app_context():
        assessed(walk, 7)
        ready = demand_of(walk)
        for number in range(20, 24):
            walk.referred(person={**somebody(number), "gender": "male"})
        more = demand_of(walk)
    assert ready.waiting_now == 7
    assert ready.weeks[0].needed.likely >= 7
    assert more.waiting_now == 7
    assert sum(week.needed.likely for week in more.weeks) > sum(week.needed.likely for week in ready.weeks)


def test_free_places_count_in_the_week_of_their_session_and_taken_ones_do_not(app: Flask, walk: Walk) -> None:
    with app.app_context():
        session_id = walk.session(days=7, capacity=3)
        assessed(walk, 1)
        referral = walk.referred(person={**somebody(60), "gender": "male"})
        walk.assessed(referral)
        walk.placed(referral, session_id)
        weeks = demand_of(walk).weeks
    assert [week.free for week in weeks[:3]] == [0, 2, 0]


def test_young_people_and_adults_are_counted_apart(app: Flask, walk: Walk) -> None:
    with app.app_context():
        assessed(walk, 3)
        child = walk.referred(
            **YOUNG, person={**somebody(70), "date_of_birth": "2010-06-01", "gender": "male"}
        )
        walk.assessed(child, pathway="young_people_course", course="young-people")
        assert demand_of(walk).waiting_now == 3
        assert demand_of(walk, "young-people").waiting_now == 1


def test_who_needs_an_interpreter_is_counted_by_language(app: Flask, walk: Walk) -> None:
    with app.app_context():
        assessed(walk, 2)
        assessed(walk, 1, start=30, language="pl", interpreter_needed=True)
        assessed(walk, 1, start=40, language="pl")
        assert demand_of(walk).waiting_now == 3
        polish = demand_of(walk, language="pl")
    assert polish.waiting_now == 1
    assert all(week.free == 0 for week in polish.weeks)


def test_the_show_rate_is_what_the_registers_say(app: Flask, walk: Walk) -> None:
    with app.app_context():
        assert demand_of(walk).show_rate == pytest.approx(0.65)
        session_id, marks = walk.session(days=1), {}
        for number in range(10):
            referral = walk.referred(person={**somebody(number), "gender": "male"})
            walk.assessed(referral)
            came = Attendance.ATTC if number < 9 else Attendance.UAAB
            marks[walk.placed(referral, session_id)] = came
        walk.ran(session_id, marks)
        line = demand_of(walk)
    assert line.seen == 10
    assert line.show_rate == pytest.approx((9 + 6.5) / 20)


def test_the_page_takes_as_many_queries_for_many_people_as_for_few(
    app: Flask, client: FlaskClient, world: World, walk: Walk
) -> None:
    sign_in(client, world, "team_lead")
    with app.app_context():
        assessed(walk, 2)
        walk.session(days=3)
    with queries_of(app) as few:
        client.get("/demand")
    with app.app_context():
        assessed(walk, 12, start=10)
        for days in (4, 11, 18):
            walk.session(days=days)
    with queries_of(app) as many:
        client.get("/demand")
    assert len(many) == len(few)


def test_the_sessions_that_are_short_are_proposed_and_put_on_by_one_button(
    app: Flask, client: FlaskClient, world: World, walk: Walk
) -> None:
    sign_in(client, world, "team_lead")
    with app.app_context():
        assessed(walk, 14)
    page = client.get(path(world)).text
    keys = re.findall(r'name="sessions" value="([^"]+)"', page) or re.findall(
        r'value="(\d{8}T\d{4}\.\d+)"', page
    )
    assert len(keys) >= 2
    assert "Facilitator Example" in page
    answer = send(client, path(world), sessions=keys, capacity="10", join_url=LINK)
    assert answer.status_code == 302
    with app.app_context():
        made = db.session.scalars(sa.select(CourseSession).order_by(CourseSession.starts_at)).all()
    assert len(made) == len(keys)
    assert all(one.capacity == 10 and one.join_url == LINK for one in made)
    assert all(one.starts_at > walk.now + timedelta(days=3) for one in made)


def test_when_people_asked_for_evenings_sessions_are_in_the_evening(
    app: Flask, client: FlaskClient, world: World, walk: Walk
) -> None:
    sign_in(client, world, "team_lead")
    with app.app_context():
        assessed(walk, 8, contact={"best_times": "evenings"})
    keys = re.findall(r'value="(\d{8}T\d{4}\.\d+)"', client.get(path(world)).text)
    send(client, path(world), sessions=keys[:1], capacity="10", join_url=LINK)
    with app.app_context():
        made = db.session.scalars(sa.select(CourseSession)).one()
    assert london(made.starts_at).hour == 18


def test_who_waits_is_offered_the_new_places_at_once(
    app: Flask, client: FlaskClient, world: World, walk: Walk
) -> None:
    sign_in(client, world, "team_lead")
    with app.app_context():
        referral = walk.referred(person={**somebody(1), "gender": "male"})
        walk.assessed(referral)
        walk.waiting(referral)
        assessed(walk, 8, start=10)
    keys = re.findall(r'value="(\d{8}T\d{4}\.\d+)"', client.get(path(world)).text)
    send(client, path(world), sessions=keys[:1], capacity="10", join_url=LINK)
    with app.app_context():
        assert db.session.scalars(sa.select(Waiting)).one().offered_place_id is not None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sessions": []}, "Choose at least one session"),
        ({"capacity": "0"}, "Places in each"),
        ({"capacity": ""}, "Enter how many places each has"),
        ({"join_url": "meet.example"}, "beginning with https://"),
        ({"join_url": ""}, "Enter the link to join"),
        ({"sessions": ["20200101T1000.1"]}, "Sessions to add"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_put_on(
    app: Flask, client: FlaskClient, world: World, walk: Walk, changes: dict[str, object], said: str
) -> None:
    sign_in(client, world, "team_lead")
    with app.app_context():
        assessed(walk, 8)
    keys = re.findall(r'value="(\d{8}T\d{4}\.\d+)"', client.get(path(world)).text)
    form = {"sessions": keys, "capacity": "10", "join_url": LINK, **changes}
    page = send(client, path(world), **form)
    assert page.status_code == 200
    assert said in page.text
    with app.app_context():
        assert db.session.scalars(sa.select(CourseSession)).all() == []


def test_where_zoom_makes_the_links_none_is_asked_for(
    app: Flask, client: FlaskClient, world: World, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom = Zoom(account_id="a", client_id="b", client_secret="c", base_url="http://127.0.0.1:9")
    monkeypatch.setitem(app.extensions, "meeting_gateway", zoom)
    sign_in(client, world, "team_lead")
    with app.app_context():
        assessed(walk, 14)
    page = client.get(path(world)).text
    assert "Zoom makes a meeting, and a link for each person" in page
    keys = re.findall(r'value="(\d{8}T\d{4}\.\d+)"', page)
    assert send(client, path(world), sessions=keys, capacity="10", join_url="").status_code == 302
    with app.app_context():
        made = db.session.scalars(sa.select(CourseSession)).all()
    assert [one.join_url for one in made] == [""] * len(keys)


def test_a_facilitator_who_was_given_away_meanwhile_is_said_and_none_is_put_on(
    app: Flask, client: FlaskClient, world: World, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, world, "team_lead")
    with app.app_context():
        assessed(walk, 26)
    keys = re.findall(r'value="(\d{8}T\d{4}\.\d+)"', client.get(path(world)).text)
    token = csrf_of(client, path(world))
    monkeypatch.setattr("provider.reporting.proposals._busy", lambda *_: {})
    with app.app_context():
        last = max(keys)
        starts_at = walk.now.strptime(last[:13] + "+0000", "%Y%m%dT%H%M%z")
    add_session(world, course="cannabis", starts_at=starts_at)
    form = {"csrf_token": token, "sessions": keys, "capacity": "10", "join_url": LINK}
    page = client.post(path(world), data=form)
    with app.app_context():
        made = db.session.scalars(
            sa.select(CourseSession.id).where(CourseSession.course_id == world.courses["awareness"])
        ).all()
    assert page.status_code == 200
    assert made == []


@pytest.mark.parametrize("who", ["drug_worker", "facilitator", "commissioner", "administrator"])
def test_who_does_not_manage_sessions_sees_neither_page(client: FlaskClient, world: World, who: str) -> None:
    sign_in(client, world, who)
    assert client.get("/demand").status_code == 403
    assert client.get(path(world)).status_code == 403


def test_a_course_that_is_not_run_has_no_page(client: FlaskClient, world: World) -> None:
    sign_in(client, world, "team_lead")
    assert client.get("/demand/9999/sessions").status_code == 404
