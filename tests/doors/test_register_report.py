"""Zoom's participant report over HTTP: suggested, settled by a named person, never credited by itself."""

from __future__ import annotations

import io
import re
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.domain.courses.models import AttendanceMark, Place
from provider.domain.meetings.models import MeetingJoin
from provider.kernel.actors import SYSTEM
from provider.kernel.calendar import at_london
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.desk import csrf_of, sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.zoom import joins_report, totals_report

STARTS = A_TUESDAY + timedelta(minutes=30)
PREAMBLE = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants",
    "123456789,Looking forward,24/11/2026 10:00:00 AM,24/11/2026 12:30:00 PM,host@meet.example,150,3",
    "",
)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    for name in ("Sam", "Alex", "Jo"):
        known = add_case(world, given_name=name)
        with world.app.app_context(), transaction():
            allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return session_id


@pytest.fixture
def facilitator(client: FlaskClient, world: World, session_id: int, clock: MovableClock) -> FlaskClient:
    """Signed in, when the session is over."""
    clock.set(STARTS + timedelta(minutes=155))
    sign_in(client, world, "facilitator")
    return client


def aliases(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Place.alias).order_by(Place.number)))


def bring(client: FlaskClient, session_id: int, report: bytes | None) -> TestResponse:
    page = f"/sessions/{session_id}/register"
    form: dict[str, object] = {"csrf_token": csrf_of(client, page)}
    if report is not None:
        form["report"] = (io.BytesIO(report), "participants_123456789.csv")
    return client.post(f"{page}/report", data=form, content_type="multipart/form-data", follow_redirects=True)


def settle(client: FlaskClient, session_id: int, name: str, place: str | None = None) -> TestResponse:
    """Press Settle beside ``name``: with the place the page suggests, or another."""
    page = f"/sessions/{session_id}/register"
    html = client.get(page).text
    row = next(part for part in html.split("<tr")[1:] if f"Whose was {name}" in part)
    joins = re.search(r'name="joins" value="([^"]+)"', row)
    chosen = re.search(r'value="([^"]*)" selected', row)
    assert joins
    form = {
        "csrf_token": csrf_of(client, page),
        "joins": joins.group(1),
        "place": place if place is not None else chosen.group(1) if chosen else "",
    }
    return client.post(f"{page}/settle", data=form, follow_redirects=True)


def count_joins(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(MeetingJoin)) or 0


def marks_of(app: Flask) -> list[tuple[str, int | None]]:
    with app.app_context():
        rows = db.session.execute(
            sa.select(AttendanceMark.code, AttendanceMark.minutes_present).order_by(AttendanceMark.id)
        )
        return [(code, minutes) for code, minutes in rows]


def test_importing_credits_nobody_and_importing_twice_adds_nothing(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    sam = aliases(app)[0]
    report = joins_report(
        ("Sam E", sam, STARTS, 60),
        ("Sam E", sam, STARTS + timedelta(minutes=70), 75),
        ("Alex E", "", STARTS, 140),
    )
    assert "3 lines added. Say whose each was, below." in bring(facilitator, session_id, report).text
    assert marks_of(app) == []
    again = bring(facilitator, session_id, report)
    assert "Every line of this report was here already" in again.text
    assert count_joins(app) == 3


def test_suggestions_show_minutes_and_why_and_certain_ones_are_accepted_together(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    sam, alex, _ = aliases(app)
    report = joins_report(
        ("Sam E", sam, STARTS, 60),
        ("Sam E", sam, STARTS + timedelta(minutes=70), 75),
        ("somebody", alex, STARTS, 50),
        ("Jo E", "", STARTS, 140),
        ("Jo and Pat", "", STARTS, 140),
    )
    page = bring(facilitator, session_id, report).text
    assert "Joined with this place&#39;s own address." in page
    assert "The name is the one given for this place." in page
    assert "This may be two people on one device: ask them." in page
    assert "135" in page
    assert "Accept the 2 certain ones" in page
    path = f"/sessions/{session_id}/register"
    form = {"csrf_token": csrf_of(facilitator, path)}
    page = facilitator.post(f"{path}/certain", data=form, follow_redirects=True).text
    assert marks_of(app) == [("ATTC", 135)], "who was there too short is not credited and not blamed"
    assert "There for 50 of the 120 minutes the course asks for." in page
    assert "Zoom points to: Left early, below the minimum." in page


def test_nobody_looks_absent_while_a_participant_could_be_anybody(
    facilitator: FlaskClient, session_id: int
) -> None:
    page = bring(facilitator, session_id, joins_report(("A tablet", "", STARTS, 140))).text
    assert "Not seen in the meeting." not in page
    page = settle(facilitator, session_id, "A tablet", "nobody").text
    assert page.count("Not seen in the meeting.") == 3


def test_a_possible_one_is_settled_by_hand_and_can_be_settled_anew(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    bring(facilitator, session_id, joins_report(("Jo E", "", STARTS, 140), ("Facilitator", "", STARTS, 150)))
    assert "Settled." in settle(facilitator, session_id, "Jo E").text
    assert marks_of(app) == [("ATTC", 140)]
    settle(facilitator, session_id, "Facilitator", "nobody")
    page = facilitator.get(f"/sessions/{session_id}/register").text
    assert "Everybody in the report is settled." in page
    assert "Settled already (2)" in page
    joins = re.search(r'name="joins" value="(\d+)"', page)
    assert joins
    path = f"/sessions/{session_id}/register"
    form = {"csrf_token": csrf_of(facilitator, path), "joins": joins.group(1)}
    answer = facilitator.post(f"{path}/take-back", data=form, follow_redirects=True)
    assert "It can be settled anew." in answer.text
    assert "Whose was Jo E" in answer.text


def test_settling_needs_a_choice_and_is_not_done_twice(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    bring(facilitator, session_id, joins_report(("Mystery", "", STARTS, 140)))
    assert "Choose whose place it was" in settle(facilitator, session_id, "Mystery").text
    path = f"/sessions/{session_id}/register"
    form = {"csrf_token": csrf_of(facilitator, path), "joins": "1", "place": "1"}
    assert "Settled." in facilitator.post(f"{path}/settle", data=form, follow_redirects=True).text
    second = facilitator.post(f"{path}/settle", data={**form, "place": "2"}, follow_redirects=True)
    assert "Somebody else has said whose this was" in second.text
    for wrong in ("", "x", "999", "1,999", "1;2"):
        assert facilitator.post(f"{path}/settle", data={**form, "joins": wrong}).status_code == 404, wrong


def test_two_devices_of_one_person_are_one_presence(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    """An hour on the phone and an hour on a laptop, half an hour of it on both: ninety minutes."""
    half_past = STARTS + timedelta(minutes=30)
    report = joins_report(
        ("Jo E", "", STARTS, 60), ("Galaxy S9", "", half_past, 60), ("Facilitator", "", STARTS, 150)
    )
    bring(facilitator, session_id, report)
    settle(facilitator, session_id, "Jo E")
    settle(facilitator, session_id, "Galaxy S9", "3")
    assert "There for 90 of the 120 minutes" in facilitator.get(f"/sessions/{session_id}/register").text


def test_a_mark_made_by_hand_is_not_changed_by_the_report(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    with app.app_context(), transaction():
        db.session.add(AttendanceMark(place_id=3, code="AFTC", at=STARTS, by_id=1))
    bring(facilitator, session_id, joins_report(("Jo E", "", STARTS, 140)))
    settle(facilitator, session_id, "Jo E")
    assert marks_of(app) == [("AFTC", None)]


@pytest.mark.parametrize("preamble", [(), PREAMBLE], ids=["plain", "with a preamble"])
def test_a_report_of_totals_is_read_too_but_adds_nothing_to_joins(
    facilitator: FlaskClient, session_id: int, app: Flask, preamble: tuple[str, ...]
) -> None:
    totals = totals_report(("Jo E", "", 140), preamble=preamble)
    assert "1 line added" in bring(facilitator, session_id, totals).text
    assert "1 line added" in bring(facilitator, session_id, joins_report(("Jo E", "", STARTS, 140))).text
    assert "a report of totals adds nothing" in bring(facilitator, session_id, totals).text
    settle(facilitator, session_id, "Jo E")
    assert marks_of(app) == [("ATTC", 140)], "not 280"


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (None, "Choose the file that Zoom made"),
        (b"", "This is not a participant report from Zoom"),
        (b"PK\x03\x04 a workbook", "This is an Excel workbook"),
        (b"name;who\n1;2", "This is not a participant report from Zoom"),
        (b"\x00\x01\x02", "This is not a participant report from Zoom"),
        (joins_report(("Jo E", "", STARTS + timedelta(days=3), 60)), "not those of this session"),
        (joins_report(("Jo E", "", STARTS - timedelta(hours=3), 60)), "not those of this session"),
    ],
    ids=["none", "empty", "workbook", "other csv", "binary", "another day", "another hour"],
)
def test_what_cannot_be_read_is_said_beside_the_file(
    facilitator: FlaskClient, session_id: int, app: Flask, report: bytes | None, sentence: str
) -> None:
    page = bring(facilitator, session_id, report).text
    assert sentence in page
    assert 'href="#report"' in page
    assert count_joins(app) == 0


def test_lines_that_cannot_be_read_are_named(facilitator: FlaskClient, session_id: int, app: Flask) -> None:
    report = joins_report(("Jo E", "", STARTS, 140), ("Sam E", "", STARTS, 130)).replace(b",140,", b",long,")
    report += b"\r\nAlex E,,yesterday,24/11/2026 12:30:00 PM,9,Yes,,No"
    page = bring(facilitator, session_id, report).text
    assert "Row 2: the duration is not a whole number of minutes." in page
    assert "Row 4: the join time is not a date and time that can be read." in page
    assert count_joins(app) == 0


def test_marks_made_in_the_meantime_survive_a_report_that_cannot_be_read(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    with app.app_context(), transaction():
        db.session.add(AttendanceMark(place_id=1, code="LEFT", at=STARTS, by_id=1))
    page = bring(facilitator, session_id, b"nonsense").text
    assert re.search(r'value="LEFT" selected', page)


def test_a_session_that_ended_early_is_our_fault_and_suggested_so(
    facilitator: FlaskClient, session_id: int, app: Flask
) -> None:
    bring(facilitator, session_id, joins_report(("Jo E", "", STARTS, 40), ("Sam E", "", STARTS, 40)))
    page = settle(facilitator, session_id, "Jo E").text
    assert "Zoom points to: Sent home: our fault." in page
    assert marks_of(app) == []


def test_a_report_by_utcs_clock_takes_no_hour_from_anybody_in_summer(
    app: Flask, world: World, clock: MovableClock, client: FlaskClient
) -> None:
    starts = at_london(date(2027, 6, 8), time(10))
    session_id = add_session(world, course="awareness", starts_at=starts)
    clock.set(starts + timedelta(minutes=155))
    sign_in(client, world, "facilitator")
    by_utc = joins_report(("Sam E", "", starts, 150))
    assert "not London’s but UTC" in bring(client, session_id, by_utc).text
    by_london = joins_report(("Alex E", "", starts + timedelta(hours=1), 150))
    assert "UTC" not in bring(client, session_id, by_london).text
    with app.app_context():
        joins = db.session.execute(sa.select(MeetingJoin.joined_at, MeetingJoin.left_at)).all()
    assert joins == [(starts, starts + timedelta(minutes=150))] * 2


def test_only_who_runs_registers_brings_reports(
    client: FlaskClient, world: World, session_id: int, app: Flask
) -> None:
    sign_in(client, world, "drug_worker")
    token = csrf_of(client, "/sessions") if 'csrf_token" value' in client.get("/sessions").text else ""
    for action in ("report", "certain", "settle", "take-back", "confirm", ""):
        path = f"/sessions/{session_id}/register/{action}".rstrip("/")
        assert client.post(path, data={"csrf_token": token}).status_code == 403, action
