"""Join, behind somebody's link: not before it is time, by their own link alone, and every press is kept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.live_presence import live_presence
from provider.domain.courses.models import CourseSession, Place
from provider.domain.meetings.models import JoinPress, Registrant
from provider.domain.messaging.links import new_link
from provider.domain.people.models import PhoneNumber
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating, offering
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case
from tests.doors.test_participant import DRUG_WORDS, proved
from tests.fakes import A_TUESDAY, MovableClock

STARTS = A_TUESDAY + timedelta(hours=1)
PLAIN = "https://meet.example/j/123"
OWN = "https://zoom.example/w/81?tk=theirs"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    return add_session(world, course="awareness", starts_at=STARTS)


@pytest.fixture
def known(world: World, session_id: int) -> Known:
    known = add_case(world)
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return known


def path_of(known: Known, world: World) -> str:
    with world.app.app_context(), transaction():
        number = sa.select(PhoneNumber.id).where(PhoneNumber.person_id == known.person_id)
        number_id = db.session.scalars(number).one()
        token = new_link(
            known.case_id, number_id=number_id, text_id=None, now=world.app.extensions["clock"].now()
        )
    return f"/p/{token}"


@pytest.fixture
def phone(client: FlaskClient, world: World, known: Known) -> FlaskClient:
    """Opened by the person, who has said when they were born."""
    proved(client, path_of(known, world))
    return client


def pressed(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(JoinPress.came_to).order_by(JoinPress.id)))


def own_link(app: Flask, session_id: int) -> None:
    """The session is Zoom's, and the person has a link of their own in it."""
    with app.app_context(), transaction():
        session = db.session.get_one(CourseSession, session_id)
        session.join_url, session.meeting_number = "", None
        db.session.add(
            Registrant(
                place_id=db.session.scalars(sa.select(Place.id)).one(),
                meeting_number="81",
                registrant="r-1",
                sealed_link=app.extensions["secret_box"].seal(OWN),
            )
        )


def test_who_is_early_hears_when_to_come_back_and_the_link_is_not_told(
    app: Flask, phone: FlaskClient, session_id: int, clock: MovableClock
) -> None:
    clock.set(STARTS - timedelta(minutes=58))
    home = phone.get("/p/")
    assert ">Join<" in re.sub(r"\s+", "", home.text).replace("</button>", "<")
    answer = phone.post("/p/join")
    assert "You are early" in answer.text
    assert "10:15am" in answer.text
    assert PLAIN not in home.text + answer.text
    assert "Refresh" not in answer.headers
    assert pressed(app) == ["early"]
    with app.app_context():
        assert live_presence(session_id, now=clock.now()).places == {}, (
            "who came too early is not on the way in"
        )


@pytest.mark.parametrize("minutes", [-15, 0, 40, 149])
def test_who_comes_in_time_or_late_goes_straight_in_and_the_press_is_kept(
    app: Flask, phone: FlaskClient, session_id: int, clock: MovableClock, minutes: int
) -> None:
    clock.set(STARTS + timedelta(minutes=minutes))
    phone = opened_now(app, phone)
    answer = phone.post("/p/join")
    assert answer.headers["Refresh"] == f"0; url={PLAIN}"
    assert f'href="{PLAIN}"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert pressed(app) == ["in"]
    with app.app_context():
        (live,) = live_presence(session_id, now=clock.now()).places.values()
        assert live.pressed_at == clock.now()
        assert count("audit_entries", action="place.join_pressed") == 1


def opened_now(app: Flask, phone: FlaskClient) -> FlaskClient:
    """The half hour of the first opening may be over: they open the link in the text again."""
    with app.app_context():
        case_id = db.session.scalars(sa.select(Place.case_id)).one()
        person_id = db.session.scalars(sa.select(PhoneNumber.person_id)).one()
    proved(phone, path_of(Known("", 0, case_id, person_id), World(app)))
    return phone


def test_the_link_is_theirs_alone_where_zoom_gave_one(
    app: Flask, phone: FlaskClient, session_id: int, clock: MovableClock
) -> None:
    own_link(app, session_id)
    clock.set(STARTS - timedelta(minutes=5))
    phone = opened_now(app, phone)
    assert phone.post("/p/join").headers["Refresh"] == f"0; url={OWN}"
    for page in ("/p/", "/p/move"):
        assert "zoom.example" not in phone.get(page).text


def test_where_no_link_is_made_yet_they_are_asked_to_try_again(
    app: Flask, phone: FlaskClient, session_id: int, clock: MovableClock
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).join_url = ""
    clock.set(STARTS)
    phone = opened_now(app, phone)
    answer = phone.post("/p/join")
    assert "Try again in a minute, or ring us" in answer.text
    assert pressed(app) == ["no_link"]


def test_after_the_end_they_hear_so_and_can_ask_to_be_rung(
    app: Flask, phone: FlaskClient, clock: MovableClock
) -> None:
    clock.set(STARTS + timedelta(minutes=150))
    phone = opened_now(app, phone)
    answer = phone.post("/p/join")
    assert "This session is over" in answer.text
    assert PLAIN not in answer.text
    assert pressed(app) == ["over"]


def test_who_holds_no_place_has_nothing_to_join(
    app: Flask, client: FlaskClient, world: World, session_id: int
) -> None:
    waiting = add_case(world)
    with app.app_context(), transaction():
        allocating.wait_for_place(waiting.case_id, world.courses["awareness"], by=SYSTEM, now=A_TUESDAY)
        offering.offer_free_places(session_id, now=A_TUESDAY, by=SYSTEM)
    proved(client, path_of(waiting, world))
    assert "This session is over" in client.post("/p/join").text
    assert pressed(app) == []


def test_only_who_has_said_when_they_were_born_is_let_through(
    app: Flask, client: FlaskClient, world: World, known: Known, clock: MovableClock
) -> None:
    clock.set(STARTS)
    assert client.post("/p/join").status_code == 403
    client.post(path_of(known, world))
    answer = client.post("/p/join")
    assert (answer.status_code, PLAIN in answer.text) == (302, False)
    assert pressed(app) == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_joins_nobody(app: Flask, phone: FlaskClient, clock: MovableClock, method: str) -> None:
    clock.set(STARTS)
    assert phone.open("/p/join", method=method).status_code == 404
    assert pressed(app) == []


def test_another_site_cannot_press_it(app: Flask, phone: FlaskClient, clock: MovableClock) -> None:
    clock.set(STARTS)
    assert phone.post("/p/join", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("minutes", [-58, -5, 200])
def test_nothing_on_the_way_says_what_it_is_about(
    app: Flask, phone: FlaskClient, clock: MovableClock, minutes: int
) -> None:
    clock.set(STARTS + timedelta(minutes=minutes))
    phone = opened_now(app, phone)
    assert not DRUG_WORDS.search(phone.post("/p/join").text)
