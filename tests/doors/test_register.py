"""The register over HTTP: joining list, marks, two facilitators at once, confirming and correcting."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.domain.compliance.models import ComplianceEvent
from provider.domain.courses.models import AttendanceMark, Place
from provider.domain.people.models import RestrictedReader
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating, offering
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case, status_of
from tests.desk import csrf_of, sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.queries import queries_of

STARTS = A_TUESDAY + timedelta(minutes=30)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    return add_session(world, course="awareness", starts_at=STARTS)


@pytest.fixture
def facilitator(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "facilitator")
    return client


def places(world: World, session_id: int, *names: str, **facts: object) -> list[Known]:
    """Somebody of each name with a place, in this order."""
    people = [add_case(world, given_name=name, **facts) for name in names]  # type: ignore[arg-type]
    for known in people:
        with world.app.app_context(), transaction():
            allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    return people


def fields_of(html: str) -> dict[str, str]:
    """The register's form as it stands on the page."""
    fields = dict(re.findall(r'type="hidden" name="(lines-[^"]+)" value="([^"]*)"', html))
    fields |= dict(re.findall(r'name="(lines-\d+-minutes)" type="text" value="([^"]*)"', html))
    for name, body in re.findall(r'<select[^>]* name="(lines-[^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = chosen.group(1) if chosen else ""
    return fields


def lines_on(html: str) -> list[str]:
    """What the names of each person's fields begin with, in the order of the register."""
    return re.findall(r'name="(lines-\d+)-place"', html)


def save(
    client: FlaskClient, session_id: int, action: str = "save", page: str | None = None, **marks: str
) -> TestResponse:
    """Open the register (or keep to a ``page`` opened before), mark by place in the list (``_0="ATTC"``), and send."""
    path = f"/sessions/{session_id}/register"
    html = page if page is not None else client.get(path).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert token
    form = {**fields_of(html), "csrf_token": token.group(1), "action": action}
    lines = lines_on(html)
    form |= {f"{lines[int(key[1:])]}-code": code for key, code in marks.items()}
    return client.post(path, data=form)


def confirm(client: FlaskClient, session_id: int) -> TestResponse:
    path = f"/sessions/{session_id}/register/confirm"
    html = client.get(path).text
    seen = re.search(r'name="seen" value="(\w+)"', html)
    assert seen, html
    return client.post(
        path, data={"csrf_token": csrf_of(client, path), "seen": seen.group(1)}, follow_redirects=True
    )


def marks_of(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(AttendanceMark.code).order_by(AttendanceMark.id)))


def events_of(app: Flask, known: Known) -> list[str]:
    with app.app_context():
        return list(
            db.session.scalars(
                sa.select(ComplianceEvent.type)
                .where(ComplianceEvent.referral_id == known.referral_id)
                .order_by(ComplianceEvent.id)
            )
        )


def at(clock: MovableClock, moment: datetime) -> None:
    clock.set(moment)


def test_the_joining_list_shows_a_first_name_and_a_letter_and_nothing_about_drugs(
    facilitator: FlaskClient, world: World, session_id: int
) -> None:
    places(world, session_id, "Sam", "Alex")
    page = facilitator.get(f"/sessions/{session_id}/register").text
    assert "Sam E" in page
    assert "Alex E" in page
    assert "The register opens 15 minutes before" in page
    for hidden in ("Sam Example", "annabis", "possession", "07700", "group_course"):
        assert hidden not in page, hidden


def test_only_who_may_ring_sees_a_number(
    client: FlaskClient, world: World, session_id: int, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    sign_in(client, world, "team_lead")
    assert "07700 900123" in client.get(f"/sessions/{session_id}/register").text


def test_a_restricted_person_is_masked_but_for_named_readers(
    client: FlaskClient, world: World, session_id: int, app: Flask
) -> None:
    (known,) = places(world, session_id, "Sam", restricted=True)
    sign_in(client, world, "team_lead")
    page = client.get(f"/sessions/{session_id}/register").text
    assert "Restricted record, place 1" in page
    assert "Sam" not in page
    assert "07700" not in page
    with app.app_context(), transaction():
        db.session.add(RestrictedReader(person_id=known.person_id, account_id=world.accounts["team_lead"]))
    assert "Sam E" in client.get(f"/sessions/{session_id}/register").text


def test_an_offer_that_was_taken_is_on_the_register_and_an_open_one_is_not(
    facilitator: FlaskClient, world: World, app: Flask, clock: MovableClock
) -> None:
    taker, asked = (add_case(world, given_name=name) for name in ("Sam", "Alex"))
    later = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=7), capacity=2)
    with app.app_context(), transaction():
        for known in (taker, asked):
            allocating.wait_for_place(known.case_id, world.courses["awareness"], by=SYSTEM, now=A_TUESDAY)
        assert offering.offer_free_places(later, by=SYSTEM, now=A_TUESDAY) == 2
        offering.accept_offer(taker.case_id, by=SYSTEM, now=A_TUESDAY)
    page = facilitator.get(f"/sessions/{later}/register").text
    assert "Sam E" in page
    assert "Alex E" not in page
    assert "1 person, 1 more were offered a place" in page


def test_before_the_session_nobody_can_be_marked(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask
) -> None:
    places(world, session_id, "Sam")
    with app.app_context():
        place_id = db.session.scalars(sa.select(Place.id)).one()
    token = csrf_of(facilitator, f"/sessions/{session_id}/register")
    form = {"csrf_token": token, "lines-0-place": str(place_id), "lines-0-seen": "", "lines-0-code": "ATTC"}
    answer = facilitator.post(f"/sessions/{session_id}/register", data=form)
    assert "The register opens when the session starts" in answer.text
    assert marks_of(app) == []


def test_one_click_marks_everybody_else_present_and_keeps_what_was_chosen(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam", "Alex", "Jo")
    at(clock, STARTS + timedelta(minutes=5))
    assert save(facilitator, session_id, "present", _1="UAAB").status_code == 302
    assert sorted(marks_of(app)) == ["ATTC", "ATTC", "UAAB"]
    assert "Everybody is marked" in facilitator.get(f"/sessions/{session_id}/register").text


def test_a_mark_is_late_or_changed_until_the_register_is_confirmed(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam", "Alex")
    at(clock, STARTS)
    save(facilitator, session_id, _0="ATTC")
    assert "1 person is not marked yet" in facilitator.get(f"/sessions/{session_id}/register").text
    at(clock, STARTS + timedelta(minutes=50))
    sign_in(facilitator, world, "facilitator")
    save(facilitator, session_id, _0="LEFT", _1="ATTC")
    assert marks_of(app) == ["ATTC", "LEFT", "ATTC"]


def test_saving_what_stands_already_writes_nothing(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS)
    save(facilitator, session_id, _0="ATTC")
    save(facilitator, session_id)
    save(facilitator, session_id, _0="ATTC")
    assert marks_of(app) == ["ATTC"]


def test_two_facilitators_do_not_overwrite_each_other_silently(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam", "Alex")
    at(clock, STARTS + timedelta(minutes=2))
    mine = facilitator.get(f"/sessions/{session_id}/register").text
    colleague = app.test_client()
    sign_in(colleague, world, "team_lead")
    save(colleague, session_id, _0="AFTC")
    answer = save(facilitator, session_id, page=mine, _0="ATTC", _1="ATTC")
    assert answer.status_code == 200
    assert "Team Lead Example marked “Attended, failed to take part” at 10:02am" in answer.text
    assert 'href="#lines-1-code"' in answer.text
    assert marks_of(app) == ["AFTC", "ATTC"], "Alex is saved, Sam is asked about"
    assert save(facilitator, session_id, page=answer.text).status_code == 302
    assert marks_of(app) == ["AFTC", "ATTC", "ATTC"], "sent again, it is meant"


def test_what_a_colleague_marked_stands_where_nobody_touched_it(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam", "Alex")
    at(clock, STARTS)
    save(facilitator, session_id, _0="ATTC")
    mine = facilitator.get(f"/sessions/{session_id}/register").text
    colleague = app.test_client()
    sign_in(colleague, world, "team_lead")
    save(colleague, session_id, _0="LEFT")
    assert save(facilitator, session_id, page=mine, _1="ATTC").status_code == 302
    assert marks_of(app) == ["ATTC", "LEFT", "ATTC"]


def test_minutes_that_cannot_be_are_said_beside_their_box(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS)
    path = f"/sessions/{session_id}/register"
    form = {**fields_of(facilitator.get(path).text), "csrf_token": csrf_of(facilitator, path)}
    answer = facilitator.post(path, data={**form, "lines-1-code": "LEFT", "lines-1-minutes": "half an hour"})
    assert "Minutes must be a whole number" in answer.text
    assert 'value="half an hour"' in answer.text
    assert 'value="LEFT" selected' in answer.text
    assert marks_of(app) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"lines-1-place": "x"},
        {"lines-1-place": "-1"},
        {"lines-1-place": "9" * 30},
        {"lines-1-seen": "' OR 1=1"},
    ],
)
def test_what_no_page_of_ours_sends_is_not_found(
    facilitator: FlaskClient, world: World, session_id: int, clock: MovableClock, changes: dict[str, str]
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS)
    path = f"/sessions/{session_id}/register"
    form = {**fields_of(facilitator.get(path).text), "csrf_token": csrf_of(facilitator, path)}
    answer = facilitator.post(path, data={**form, "lines-1-code": "ATTC", **changes})
    assert answer.status_code == 404


def test_a_place_of_another_session_is_not_marked_here(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    other = add_session(world, course="awareness", starts_at=STARTS + timedelta(minutes=1))
    places(world, session_id, "Sam")
    places(world, other, "Alex")
    at(clock, STARTS + timedelta(minutes=2))
    elsewhere = facilitator.get(f"/sessions/{other}/register").text
    save(facilitator, session_id, page=elsewhere, _0="ATTC")
    assert marks_of(app) == []


def test_confirming_says_what_follows_and_each_force_hears(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    came, missed, ill = places(world, session_id, "Sam", "Alex", "Jo")
    at(clock, STARTS + timedelta(minutes=160))
    sign_in(facilitator, world, "facilitator")
    assert (
        "/confirm"
        in save(facilitator, session_id, "confirm", _0="ATTC", _1="UAAB", _2="AAME").headers["Location"]
    )
    page = facilitator.get(f"/sessions/{session_id}/register/confirm").text
    assert "1 person has done what was asked" in page
    assert "1 person is offered another session" in page
    assert "1 person has used up one of the scheme’s chances" in page
    assert "Confirmed Tuesday 24 November 2026" in confirm(facilitator, session_id).text
    assert status_of(world, came) == Status.COMPLETED
    assert events_of(app, came) == ["referral.completed"]
    assert {status_of(world, known) for known in (missed, ill)} == {Status.WAITING}
    assert events_of(app, missed) == events_of(app, ill) == []


def test_a_register_with_somebody_unmarked_is_not_confirmed(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam", "Alex")
    at(clock, STARTS + timedelta(minutes=60))
    save(facilitator, session_id, _0="ATTC")
    answer = facilitator.get(f"/sessions/{session_id}/register/confirm", follow_redirects=True)
    assert "Mark everyone before you confirm the register" in answer.text


def test_a_register_changed_since_it_was_looked_at_is_not_confirmed(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    (known,) = places(world, session_id, "Sam")
    at(clock, STARTS + timedelta(minutes=160))
    sign_in(facilitator, world, "facilitator")
    save(facilitator, session_id, _0="ATTC")
    path = f"/sessions/{session_id}/register/confirm"
    seen = re.search(r'name="seen" value="(\w+)"', facilitator.get(path).text)
    assert seen
    save(facilitator, session_id, _0="LEFT")
    form = {"csrf_token": csrf_of(facilitator, path), "seen": seen.group(1)}
    answer = facilitator.post(path, data=form, follow_redirects=True)
    assert "Somebody has changed the register since you looked" in answer.text
    assert status_of(world, known) == Status.PLACED


def test_a_register_is_not_confirmed_while_the_session_runs_and_says_when(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    (known,) = places(world, session_id, "Sam")
    at(clock, STARTS)
    save(facilitator, session_id, _0="ATTC")
    answer = facilitator.get(f"/sessions/{session_id}/register/confirm", follow_redirects=True)
    assert "The session is still running. Confirm the register once it is over" in answer.text
    assert status_of(world, known) == Status.PLACED
    save(facilitator, session_id, _0="ATSH")
    assert "was to run until" in facilitator.get(f"/sessions/{session_id}/register/confirm").text
    confirm(facilitator, session_id)
    assert status_of(world, known) == Status.WAITING


def test_a_confirmed_register_is_corrected_with_a_reason_and_the_force_hears(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    (known,) = places(world, session_id, "Sam")
    at(clock, STARTS + timedelta(minutes=160))
    sign_in(facilitator, world, "facilitator")
    save(facilitator, session_id, _0="ATTC")
    confirm(facilitator, session_id)
    page = facilitator.get(f"/sessions/{session_id}/register").text
    path = re.search(r'href="(/sessions/\d+/register/\d+/correct)"', page)
    assert path
    form = {"csrf_token": csrf_of(facilitator, path.group(1)), "code": "AAAA", "minutes": "", "reason": " "}
    assert "Say why it is corrected" in facilitator.post(path.group(1), data=form).text
    assert status_of(world, known) == Status.COMPLETED
    answer = facilitator.post(path.group(1), data={**form, "reason": "Wrong list"}, follow_redirects=True)
    assert "Corrected Tue 24 Nov, 12:40pm by Facilitator Example: Wrong list" in answer.text
    assert status_of(world, known) == Status.WAITING
    assert events_of(app, known) == ["referral.completed", "outcome.corrected"]


def test_an_open_register_is_not_corrected_but_marked(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    at(clock, STARTS)
    with app.app_context():
        place_id = db.session.scalars(sa.select(Place.id)).one()
    path = f"/sessions/{session_id}/register/{place_id}/correct"
    form = {"csrf_token": csrf_of(facilitator, path), "code": "ATTC", "reason": "Why not"}
    assert "mark the attendance instead" in facilitator.post(path, data=form).text
    assert facilitator.get(f"/sessions/{session_id}/register/999/correct").status_code == 404


def test_the_register_costs_the_same_however_many_come(
    facilitator: FlaskClient, world: World, app: Flask, clock: MovableClock
) -> None:
    session_id = add_session(world, course="awareness", starts_at=STARTS, capacity=30)
    places(world, session_id, "Sam")
    at(clock, STARTS)
    path = f"/sessions/{session_id}/register"
    facilitator.get(path)
    with queries_of(app) as few:
        facilitator.get(path)
    at(clock, A_TUESDAY)
    places(world, session_id, *(f"Sam{number}" for number in range(20)))
    at(clock, STARTS)
    with queries_of(app) as many:
        facilitator.get(path)
    assert len(many) == len(few)


def test_attendance_and_compliance_are_two_facts_on_the_page_and_in_the_export(
    facilitator: FlaskClient, world: World, session_id: int, clock: MovableClock
) -> None:
    places(world, session_id, "Sam", "=Alex", "Jo")
    at(clock, STARTS + timedelta(minutes=160))
    sign_in(facilitator, world, "facilitator")
    save(facilitator, session_id, _0="AFTC", _1="AAME", _2="ATTC")
    confirm(facilitator, session_id)
    page = facilitator.get(f"/sessions/{session_id}/register").text
    facts = re.findall(r'data-label="(Attended|Complied)">(Yes|No)', page)
    assert facts == [
        *(("Attended", "Yes"), ("Complied", "No")),
        *(("Attended", "No"), ("Complied", "Yes")),
        *(("Attended", "Yes"), ("Complied", "Yes")),
    ]
    lines = facilitator.get(f"/sessions/{session_id}/register.csv").text.splitlines()
    assert lines[0].startswith('"place","name","code","marked","attended","complied"')
    assert '"1","Sam E","AFTC","Attended, failed to take part","yes","no"' in lines[1]
    assert '"2","\'=Alex E","AAME","Acceptable absence: medical","no","yes"' in lines[2]


def test_looking_at_a_register_is_kept_in_the_trail(
    facilitator: FlaskClient, world: World, session_id: int, app: Flask
) -> None:
    facilitator.get(f"/sessions/{session_id}/register")
    with app.app_context():
        trail = db.metadata.tables["audit_entries"]
        found = db.session.execute(
            sa.select(trail.c.actor).where(
                trail.c.action == "register.viewed", trail.c.subject_id == session_id
            )
        ).scalar_one()
    assert found == f"account:{world.accounts['facilitator']}"


def test_a_register_that_nobody_confirmed_is_not_forgotten(
    world: World, session_id: int, app: Flask, clock: MovableClock
) -> None:
    places(world, session_id, "Sam")
    client = app.test_client()
    for days, who in ((0, "facilitator"), (40, "facilitator"), (40, "team_lead")):
        at(clock, STARTS + timedelta(days=days, hours=3))
        client = app.test_client()
        sign_in(client, world, who)
        assert "Registers to confirm" in client.get("/sessions").text
    for page in ("/my-day", "/team"):
        assert "registers to confirm" in client.get(page).text
        assert f"/sessions/{session_id}/register" in client.get(page).text
    save(client, session_id, _0="ATTC")
    confirm(client, session_id)
    for page in ("/my-day", "/team", "/sessions"):
        assert "egisters to confirm" not in client.get(page).text
