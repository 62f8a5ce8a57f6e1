"""Kinds of course over HTTP: the list, adding one, changing it, running it no more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.audit.models import AuditEntry
from provider.domain.contact.models import Task
from provider.domain.courses.models import Course, Waiting
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world
from tests.cases import add_case, status_of
from tests.desk import send, sign_in
from tests.fakes import A_TUESDAY
from tests.queries import queries_of

NEXT_WEEK = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


def new_course(**changes: Any) -> dict[str, Any]:
    return {
        "name": "A fresh look",
        "neutral_name": "A fresh look",
        "code": "fresh-look",
        "minutes": "120",
        "minimum_minutes": "90",
        "age_from": "18",
        "age_to": "",
        "language": "pl",
        "topics": ["cannabis", "alcohol"],
        **changes,
    }


def course(app: Flask, code: str) -> Course | None:
    with app.app_context():
        return db.session.scalars(sa.select(Course).where(Course.code == code)).one_or_none()


def test_a_team_lead_adds_a_course_and_puts_a_session_of_it_on(lead: FlaskClient, app: Flask) -> None:
    assert "Courses" in lead.get("/sessions").text
    assert send(lead, "/courses/add", **new_course()).headers["Location"] == "/courses"
    made = course(app, "fresh-look")
    assert made is not None
    assert (made.name, made.minutes, made.minimum_minutes) == ("A fresh look", 120, 90)
    assert (made.age_from, made.age_to, made.language, made.topics) == (
        18,
        None,
        "pl",
        ["cannabis", "alcohol"],
    )
    page = lead.get("/courses").text
    assert "18 and over" in page
    assert "Polish" in page
    assert "Cannabis, synthetic ones too; Alcohol" in page
    assert "A fresh look</option>" in lead.get("/sessions/add").text
    with app.app_context():
        assert "course.added" in db.session.scalars(sa.select(AuditEntry.action)).all()


@pytest.mark.parametrize(
    ("changes", "sentence", "field"),
    [
        ({"name": ""}, "Enter a name", "name"),
        ({"name": "Cannabis and you"}, "“Cannabis” gives away what the course is about", "name"),
        ({"neutral_name": "Drug awareness"}, "“Drug” gives away what the course is about", "neutral_name"),
        ({"neutral_name": ""}, "Enter the name on the screen", "neutral_name"),
        ({"code": "Fresh look"}, "Code must be small letters, numbers and hyphens", "code"),
        ({"code": "awareness"}, "Another course has that code already", "code"),
        ({"minutes": "5"}, "Length in minutes must be between 15 and 480", "minutes"),
        ({"minimum_minutes": "121"}, "Nobody can be there longer than the course takes", "minimum_minutes"),
        ({"minimum_minutes": "0"}, "must be between 1 and 480", "minimum_minutes"),
        ({"age_from": "9"}, "Youngest age must be between 10 and 99", "age_from"),
        ({"age_from": ""}, "Enter the youngest age", "age_from"),
        ({"age_from": "16"}, "let it end at 17 or younger", "age_to"),
        ({"age_from": "16", "age_to": "18"}, "let it end at 17 or younger", "age_to"),
        ({"age_from": "30", "age_to": "25"}, "Oldest age must not be below the youngest", "age_to"),
        ({"language": "xx"}, "Choose one of the answers in the list", "language"),
        ({"topics": []}, "Choose what it is about", "topics"),
        ({"topics": ["gardening"]}, "Choose one of the answers in the list", "topics"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    lead: FlaskClient, app: Flask, changes: dict[str, Any], sentence: str, field: str
) -> None:
    answer = send(lead, "/courses/add", **new_course(**changes))
    assert answer.status_code == 200
    assert sentence in answer.text
    assert f'href="#{field}' in answer.text
    assert 'value="A fresh look"' in answer.text
    assert course(app, "fresh-look") is None


def test_a_change_keeps_the_sessions_that_are_on_as_they_are(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    add_session(world, course="cannabis", starts_at=NEXT_WEEK)
    page = f"/courses/{world.courses['cannabis']}"
    assert 'value="Looking forward: everyday use"' in lead.get(page).text
    changed = new_course(code="cannabis", topics=["cannabis"], language="en")
    assert send(lead, page, **changed).status_code == 302
    found = course(app, "cannabis")
    assert found is not None
    assert (found.name, found.minutes) == ("A fresh look", 120)
    assert "2 hours 30 minutes" in lead.get("/sessions").text
    with app.app_context():
        detail = db.session.scalars(
            sa.select(AuditEntry.detail).where(AuditEntry.action == "course.changed")
        ).one()
    assert "minutes" in str(detail)


def test_ages_do_not_change_under_somebody_who_holds_a_place(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    session_id = add_session(world, course="cannabis", starts_at=NEXT_WEEK)
    known = add_case(world, born=date(2000, 5, 14), course="cannabis")
    with app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    page = f"/courses/{world.courses['cannabis']}"
    young = new_course(code="cannabis", age_from="10", age_to="17")
    answer = send(lead, page, **young)
    assert "1 person of another age holds a place in a coming session" in answer.text
    older = send(lead, page, **new_course(code="cannabis", age_from="27"))
    assert "1 person of another age holds" in older.text
    assert send(lead, page, **new_course(code="cannabis", age_from="26")).status_code == 302


def test_a_course_that_is_run_no_more_leaves_nobody_waiting_for_it(
    lead: FlaskClient, world: World, app: Flask
) -> None:
    known = add_case(world, course="stimulants")
    course_id = world.courses["stimulants"]
    add_session(world, course="stimulants", starts_at=NEXT_WEEK, capacity=1)
    with app.app_context(), transaction():
        allocating.wait_for_place(known.case_id, course_id, by=SYSTEM, now=A_TUESDAY)
    page = lead.get(f"/courses/{course_id}").text
    assert "1 session still to come will be held" in page
    assert "1 person waits for a place" in page
    send(lead, f"/courses/{course_id}", f"/courses/{course_id}/stop")
    with app.app_context():
        assert db.session.scalars(sa.select(Waiting.left_because)).all() == ["course_stopped"]
        tasks = db.session.scalars(sa.select(Task.kind).where(Task.case_id == known.case_id)).all()
    assert tasks == ["place"]
    assert status_of(world, known) == Status.ASSESSED
    assert "Not run" in lead.get("/courses").text
    assert "weekends</option>" not in lead.get("/sessions/add").text
    assert "Looking forward: weekends" in lead.get("/sessions").text
    send(lead, f"/courses/{course_id}", f"/courses/{course_id}/run-again")
    assert "weekends</option>" in lead.get("/sessions/add").text


@pytest.mark.parametrize("who", ["drug_worker", "facilitator", "administrator", "commissioner", "officer"])
def test_nobody_else_changes_what_is_run(client: FlaskClient, world: World, who: str) -> None:
    sign_in(client, world, who)
    for path in ("/courses", "/courses/add", f"/courses/{world.courses['awareness']}"):
        assert client.get(path).status_code == 403, path


def test_an_unknown_course_is_not_found(lead: FlaskClient) -> None:
    assert lead.get("/courses/999").status_code == 404


def test_the_list_costs_the_same_however_long_it_is(lead: FlaskClient, world: World, app: Flask) -> None:
    lead.get("/courses")
    with queries_of(app) as few:
        lead.get("/courses")
    for number in range(6):
        send(lead, "/courses/add", **new_course(code=f"more-{number}"))
    with queries_of(app) as many:
        lead.get("/courses")
    assert len(many) == len(few)


def test_no_courses_says_what_to_do(lead: FlaskClient, app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.execute(sa.text("DELETE FROM courses"))
    page = lead.get("/courses").text
    assert "There are no courses yet." in page
    assert 'href="/courses/add">Add a course</a>' in page


def test_a_course_is_overbooked_only_once_somebody_says_by_how_many_at_most(
    lead: FlaskClient, world: World
) -> None:
    path = f"/courses/{world.courses['cannabis']}"
    page = lead.get(path).text
    assert "No register of the last half year shows yet how many come." in page
    same = new_course(code="cannabis", topics=["cannabis"], language="en")
    refused = send(lead, path, **same, most_extra="11")
    assert refused.status_code == 200
    assert "Places beyond the seats" in refused.text
    for most, kept in (("3", 3), ("", 0)):
        assert send(lead, path, **same, most_extra=most).status_code == 302
        with world.app.app_context():
            assert db.session.get_one(Course, world.courses["cannabis"]).most_extra == kept
