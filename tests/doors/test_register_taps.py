"""One press on the register over HTTP: with a script and without, by two at once, sent twice, and taken back."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.domain.courses.models import AttendanceMark, MarkTakenBack, Place
from provider.domain.referrals.status import Status
from provider.kernel.database import db
from tests.builders import World, add_session
from tests.cases import status_of
from tests.desk import sign_in
from tests.doors.test_register import STARTS, at, confirm, events_of, fields_of, marks_of, places
from tests.doors.test_register import facilitator as facilitator
from tests.doors.test_register import session_id as session_id
from tests.doors.test_register import world as world
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of


def page_of(client: FlaskClient, session_id: int) -> str:
    return client.get(f"/sessions/{session_id}/register").text


def press(
    client: FlaskClient,
    session_id: int,
    tap: str,
    *,
    seen: str | None = None,
    page: str | None = None,
    script: bool = True,
    ago: int = 0,
    also: dict[str, str] | None = None,
) -> TestResponse:
    """Press a button (``1.late``) on the page as it stands, or as it was (``page``)."""
    html = page if page is not None else page_of(client, session_id)
    token = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert token
    place_id = tap.split(".")[0]
    known = fields_of(html)
    own = {f"lines-{place_id}-seen": known.get(f"lines-{place_id}-seen", ""), "ago": str(ago)}
    form = own if script else known
    if seen is not None:
        form[f"lines-{place_id}-seen"] = seen
    form |= {"csrf_token": token.group(1), "tap": tap, **(also or {})}
    headers = {"X-Register": "1"} if script else {}
    return client.post(f"/sessions/{session_id}/register/tap", data=form, headers=headers)


def last_mark(app: Flask) -> AttendanceMark:
    with app.app_context():
        return db.session.scalars(sa.select(AttendanceMark).order_by(AttendanceMark.id.desc())).first() or (
            pytest.fail("nobody was marked")
        )


@pytest.mark.parametrize("script", [True, False])
def test_an_evening_by_single_presses(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock, script: bool
) -> None:
    (known,) = places(world, session_id, "Sam")
    said = []
    for after, tap in ((12, "late"), (40, "left_excused"), (55, "back"), (100, "left")):
        at(clock, STARTS + timedelta(minutes=after))
        answer = press(facilitator, session_id, f"1.{tap}", script=script)
        assert answer.status_code == (200 if script else 302)
        said.append(" ".join(re.sub("<[^>]+>", "", page_of(facilitator, session_id)).split()))
    assert "Attended, took part, came 12 minutes late" in said[0]
    assert (
        "Left early for an acceptable reason, came 12 minutes late, left 40 minutes after the start"
        in said[1]
    )
    assert "Attended, took part, came 12 minutes late, away for 15 minutes" in said[2]
    assert "Left early, below the minimum" in said[3]
    mark = last_mark(app)
    assert (mark.code, mark.arrived_minute, mark.left_minute, mark.away_minutes) == ("LEFT", 12, 100, 15)
    assert mark.minutes_present == 73
    confirm(facilitator, session_id)
    with app.app_context():
        assert db.session.scalars(sa.select(Place.minutes_present)).one() == 73
    assert status_of(world, known) == Status.WAITING


def test_who_came_late_and_stayed_was_there_for_the_rest_of_it(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    (known,) = places(world, session_id, "Sam")
    at(clock, STARTS + timedelta(minutes=45))
    press(facilitator, session_id, "1.late")
    at(clock, STARTS + timedelta(minutes=150))
    page = facilitator.get(f"/sessions/{session_id}/register/confirm").text
    assert "There for 105 minutes of the 120 the course asks for" in page
    confirm(facilitator, session_id)
    with app.app_context():
        assert db.session.scalars(sa.select(Place.minutes_present)).one() == 105
    assert status_of(world, known) == Status.COMPLETED, "the facilitator stands by it"


def test_a_press_that_is_sent_again_marks_once(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    """The line broke before the answer came: the page does not know, and sends the same again."""
    places(world, session_id, "Sam")
    at(clock, STARTS)
    page, token = page_of(facilitator, session_id), str(uuid.uuid4())
    for _ in range(3):
        answer = press(facilitator, session_id, "1.late", page=page, also={"token": token})
        assert answer.status_code == 200
    assert marks_of(app) == ["ATTC"]


def test_a_press_counts_from_when_it_was_pressed_not_from_when_it_got_through(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS + timedelta(minutes=20))
    press(facilitator, session_id, "1.late", ago=600)
    assert last_mark(app).arrived_minute == 10


@pytest.mark.parametrize("script", [True, False])
def test_a_press_overwrites_no_colleague_and_both_are_shown(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock, script: bool
) -> None:
    places(world, session_id, "Sam", "Alex")
    at(clock, STARTS + timedelta(minutes=2))
    mine = page_of(facilitator, session_id)
    colleague = app.test_client()
    sign_in(colleague, world, "team_lead")
    press(colleague, session_id, "1.absent")
    also = {} if script else {"lines-2-code": "ATTC"}
    answer = press(facilitator, session_id, "1.present", page=mine, script=script, also=also)
    assert answer.status_code == (409 if script else 200)
    assert "Team Lead Example marked “Absent, no acceptable reason” at 10:02am" in answer.text
    assert "You pressed “Here”: press it again if yours is right" in answer.text
    assert sorted(marks_of(app)) == (["UAAB"] if script else ["ATTC", "UAAB"]), (
        "what was chosen beside it is kept"
    )
    assert (
        press(facilitator, session_id, "1.present", page=answer.text if not script else None).status_code
        == 200
    )
    assert last_mark(app).code == "ATTC"


def test_two_who_say_the_same_do_not_disagree(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS)
    mine = page_of(facilitator, session_id)
    press(facilitator, session_id, "1.present")
    assert press(facilitator, session_id, "1.present", page=mine).status_code == 200
    assert marks_of(app) == ["ATTC"]


def test_a_mark_is_taken_back_and_nobody_is_marked_again(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS)
    press(facilitator, session_id, "1.absent")
    form = fields_of(page := page_of(facilitator, session_id))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    path = f"/sessions/{session_id}/register/unmark"
    sent = {**form, "csrf_token": token.group(1), "unmark": "1"}
    assert "The mark is taken back" in facilitator.post(path, data=sent, follow_redirects=True).text
    assert "1 person is not marked yet" in page_of(facilitator, session_id)
    assert "Somebody has marked them since" in facilitator.post(path, data=sent, follow_redirects=True).text
    answer = facilitator.get(f"/sessions/{session_id}/register/confirm", follow_redirects=True)
    assert "Mark everyone before you confirm" in answer.text
    with app.app_context():
        assert (
            db.session.scalars(sa.select(MarkTakenBack.by)).one()
            == f"account:{world.accounts['facilitator']}"
        )
    assert marks_of(app) == ["UAAB"], "it is kept"


def test_the_part_that_is_fetched_has_what_others_marked(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam", "Alex")
    at(clock, STARTS)
    path = f"/sessions/{session_id}/register/live"
    before = facilitator.get(path).text
    assert 'data-state="open"' in before
    colleague = app.test_client()
    sign_in(colleague, world, "team_lead")
    press(colleague, session_id, "1.present")
    after = facilitator.get(path).text
    assert "Team Lead Example" in after
    assert "<html" not in after
    versions = [re.findall(r'data-version="([^"]+)"', part) for part in (before, after)]
    assert versions[0][0] != versions[1][0], "Sam's row is another"
    assert versions[0][1] == versions[1][1], "Alex's is not"


def test_the_part_that_is_fetched_ends_with_the_register(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS + timedelta(minutes=60))
    page = page_of(facilitator, session_id)
    press(facilitator, session_id, "1.present")
    at(clock, STARTS + timedelta(minutes=150))
    confirm(facilitator, session_id)
    part = facilitator.get(f"/sessions/{session_id}/register/live").text
    assert 'data-state="confirmed"' in part
    assert "data-rows" not in part
    answer = press(facilitator, session_id, "1.absent", page=page)
    assert answer.status_code == 409
    assert "This register is confirmed" in answer.text
    assert marks_of(app) == ["ATTC"]


def test_fetching_it_costs_the_same_however_many_come(
    facilitator: FlaskClient, world: World, app: Flask, clock: MovableClock
) -> None:
    session_id = add_session(world, course="awareness", starts_at=STARTS, capacity=30)
    places(world, session_id, "Sam")
    path = f"/sessions/{session_id}/register/live"
    at(clock, STARTS)
    facilitator.get(path)
    with queries_of(app) as few:
        facilitator.get(path)
    at(clock, A_TUESDAY)
    places(world, session_id, *(f"Sam{number}" for number in range(20)))
    at(clock, STARTS)
    with queries_of(app) as many:
        facilitator.get(path)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    "form",
    [
        {"tap": "x.late"},
        {"tap": "1.gone"},
        {"tap": ""},
        {"ago": "-5"},
        {"ago": "x"},
        {"token": "x"},
        {"seen": "x"},
    ],
)
def test_what_no_button_of_ours_says_is_not_found(
    facilitator: FlaskClient,
    world: World,
    session_id: int,
    app: Flask,
    clock: MovableClock,
    form: dict[str, str],
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS)
    tap = form.pop("tap", "1.late")
    page = page_of(facilitator, session_id)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    sent = {"csrf_token": token.group(1), "tap": tap, "lines-1-seen": form.pop("seen", ""), **form}
    answer = facilitator.post(f"/sessions/{session_id}/register/tap", data=sent, headers={"X-Register": "1"})
    assert answer.status_code == 404
    assert marks_of(app) == []


class TestOurFault:
    def test_begun_who_came_has_done_it_and_the_others_are_offered_another(
        self, facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
    ) -> None:
        came, absent, ill, early = places(world, session_id, "Sam", "Alex", "Jo", "Max")
        at(clock, STARTS + timedelta(minutes=20))
        press(facilitator, session_id, "1.present")
        press(facilitator, session_id, "2.absent")
        press(facilitator, session_id, "4.present")
        press(facilitator, session_id, "4.left")
        page = facilitator.get(f"/sessions/{session_id}/register").text
        form = {**fields_of(page), "lines-3-code": "AAME", "action": "save"}
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        facilitator.post(f"/sessions/{session_id}/register", data={**form, "csrf_token": token.group(1)})
        answer = self.fault(facilitator, session_id)
        assert "It counts against nobody" in answer.text
        page = facilitator.get(f"/sessions/{session_id}/register/confirm").text
        assert "used up one of the scheme’s chances" not in page
        confirm(facilitator, session_id)
        assert [status_of(world, one) for one in (came, early)] == [Status.COMPLETED] * 2
        assert [status_of(world, one) for one in (absent, ill)] == [Status.WAITING] * 2
        assert events_of(app, absent) == []

    def test_not_begun_everybody_is_rescheduled(
        self, facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
    ) -> None:
        people = places(world, session_id, "Sam", "Alex")
        at(clock, STARTS + timedelta(minutes=20))
        self.fault(facilitator, session_id)
        assert marks_of(app) == ["RSSR", "RSSR"]
        confirm(facilitator, session_id)
        assert {status_of(world, one) for one in people} == {Status.WAITING}

    def test_it_is_taken_back_and_what_was_marked_since_stays(
        self, facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
    ) -> None:
        places(world, session_id, "Sam", "Alex", "Jo")
        at(clock, STARTS + timedelta(minutes=20))
        press(facilitator, session_id, "1.late")
        self.fault(facilitator, session_id)
        page = page_of(facilitator, session_id)
        assert "3 people are marked as sent home or rescheduled through our fault" in page
        press(facilitator, session_id, "2.present")
        path = f"/sessions/{session_id}/register/our-fault/take-back"
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        form = {"csrf_token": token.group(1)}
        assert "marked as before" in facilitator.post(path, data=form, follow_redirects=True).text
        page = page_of(facilitator, session_id)
        assert "came 20 minutes late" in page
        assert "1 person is not marked yet" in page
        assert "through our fault" not in page.split("It failed")[0]
        assert "nothing to take back" in facilitator.post(path, data=form, follow_redirects=True).text

    @staticmethod
    def fault(client: FlaskClient, session_id: int) -> TestResponse:
        """Through the page in between, ticked as it comes."""
        path = f"/sessions/{session_id}/register/our-fault"
        page = client.get(path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        came = re.findall(r'name="came"[^>]* value="(\d+)"[^>]* checked', page)
        return client.post(path, data={"csrf_token": token.group(1), "came": came}, follow_redirects=True)
