"""Needs at the desk: noted, met, warned of; and that missing what could not be taken part in is no miss."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.assessments.questions import TAKING_PART
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.models import Task
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import Place
from provider.domain.needs.models import Need
from provider.domain.needs.rules import NeedKind, Way
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import (
    allocating,
    assessing,
    attending,
    booking,
    faulting,
    keeping,
    meeting_needs,
)
from provider.pathway.steps import lock_case
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case, status_of
from tests.desk import refer, send, sign_in
from tests.fakes import A_TUESDAY, MovableClock

BY = Actor("account", 1)
TOMORROW = A_TUESDAY + timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def worker(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


def say(world: World, known: Known, **needs: str | None) -> None:
    said = {NeedKind(kind): Way(way) if way else None for kind, way in needs.items()}
    with world.app.app_context(), transaction():
        meeting_needs.say_needs(lock_case(known.case_id), said, by=BY, now=A_TUESDAY)


def placed(world: World, known: Known, **session: str) -> int:
    session_id = add_session(world, course="awareness", starts_at=TOMORROW, **session)  # type: ignore[arg-type]
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=BY, now=A_TUESDAY)
    return session_id


def ran(world: World, session_id: int, code: Attendance) -> str | None:
    """The session takes place, they are marked so, and its register is confirmed; answers what counts."""
    now = TOMORROW + timedelta(hours=3)
    with world.app.app_context():
        place_id = db.session.scalars(sa.select(Place.id).where(Place.session_id == session_id)).one()
        with transaction():
            attending.mark(place_id, code, minutes=None, by=BY, now=now)
        with transaction():
            attending.confirm_register(session_id, by=BY, now=now)
        return db.session.scalars(sa.select(Place.attendance).where(Place.id == place_id)).one()


def misses(world: World, known: Known) -> int:
    with world.app.app_context():
        return db.session.get_one(Case, known.case_id).misses


def waiting(world: World, known: Known) -> set[str]:
    with world.app.app_context():
        found = sa.select(Task.kind).where(Task.case_id == known.case_id, Task.done_at.is_(None))
        return set(db.session.scalars(found))


def told(world: World, known: Known) -> int:
    with world.app.app_context():
        found = sa.select(sa.func.count()).where(ComplianceEvent.referral_id == known.referral_id)
        return db.session.scalar(found) or 0


def test_a_need_is_noted_waits_as_a_task_and_is_met(worker: FlaskClient, world: World, app: Flask) -> None:
    known = add_case(world)
    path = f"/referrals/{known.reference}"
    assert "Nothing is noted" in worker.get(path).text
    assert send(worker, f"{path}/needs", no_data="y", no_data_way="").status_code == 302
    page = worker.get(path).text
    assert "No data or internet: <strong" in page
    assert "say how it is met" in page
    assert waiting(world, known) == {"need"}
    send(worker, f"{path}/needs", no_data="y", no_data_way="dial_in")
    assert "joins the session by telephone" in worker.get(path).text
    assert waiting(world, known) == set()
    send(worker, f"{path}/needs")
    assert "Nothing is noted" in worker.get(path).text
    with app.app_context():
        need = db.session.scalars(sa.select(Need)).one()
        assert (need.way, need.met_by, need.ended_by) == (
            "dial_in",
            *[f"account:{world.accounts['drug_worker']}"] * 2,
        )


def test_a_way_that_does_not_meet_it_is_refused(worker: FlaskClient, world: World) -> None:
    known = add_case(world)
    answer = send(worker, f"/referrals/{known.reference}/needs", reading="y", reading_way="letter")
    assert "Choose one of the answers in the list" in answer.text


def test_what_a_force_says_of_needs_is_noted(world: World) -> None:
    needs = {"interpreter_needed": True, "language": "pl", "accessibility_needs": "A hearing loop"}
    assert refer(world.app, world, person=needs)
    with world.app.app_context():
        assert set(db.session.scalars(sa.select(Need.kind))) == {"interpreter", "other"}
        assert "need" in set(db.session.scalars(sa.select(Task.kind).where(Task.done_at.is_(None))))


def test_a_place_in_a_session_that_does_not_meet_it_warns(worker: FlaskClient, world: World) -> None:
    known = add_case(world)
    say(world, known, no_data=None, reading=None)
    placed(world, known)
    page = worker.get(f"/referrals/{known.reference}/course").text
    assert "This session does not meet what they need: no data or internet." in page
    say(world, known, no_data="room", reading=None)
    assert "does not meet" in worker.get(f"/referrals/{known.reference}/course").text, (
        "it is online all the same"
    )


NEEDS_AND_ABSENCES = [
    ({}, {}, "UAAB", "UAAB"),
    ({"reading": None}, {}, "UAAB", "UAAB"),
    ({"no_data": None}, {}, "UAAB", "RSSR"),
    ({"no_data": None}, {}, "LEFT", "LEAC"),
    ({"no_data": None}, {}, "ATSH", "ATSH"),
    ({"no_data": None}, {}, "AFTC", "AFTC"),
    ({"no_data": None}, {}, "ATTC", "ATTC"),
    ({"no_data": None}, {"held_at": "5 High Street"}, "UAAB", "UAAB"),
    ({"no_data": "dial_in"}, {"dial_in": "0330 088 5830"}, "UAAB", "UAAB"),
    ({"no_data": "dial_in"}, {}, "UAAB", "RSSR"),
    ({"no_mobile": "one_to_one"}, {}, "UAAB", "RSSR"),
    ({"interpreter": None}, {"held_at": "5 High Street"}, "UAAB", "RSSR"),
    ({"interpreter": "interpreter"}, {}, "UAAB", "UAAB"),
    ({"no_private_place": "room"}, {"held_at": "5 High Street"}, "LEFT", "LEFT"),
    ({"interpreter": "interpreter", "no_data": None}, {}, "UAAB", "RSSR"),
]


@pytest.mark.parametrize(("needs", "session", "marked", "counts"), NEEDS_AND_ABSENCES)
def test_an_absence_where_a_need_was_not_met_is_no_miss(
    world: World, needs: dict[str, str | None], session: dict[str, str], marked: str, counts: str
) -> None:
    known = add_case(world)
    say(world, known, **needs)
    assert ran(world, placed(world, known, **session), Attendance(marked)) == counts
    assert misses(world, known) == int(Attendance(counts).missed)
    if counts != marked:
        assert status_of(world, known) == Status.WAITING
        assert told(world, known) == 0


def test_a_need_that_was_met_only_afterwards_was_not_met(world: World) -> None:
    known = add_case(world)
    say(world, known, no_data=None)
    session_id = placed(world, known, dial_in="0330 088 5830")
    with world.app.app_context(), transaction():
        late = TOMORROW + timedelta(hours=1)
        meeting_needs.say_needs(lock_case(known.case_id), {NeedKind.NO_DATA: Way.DIAL_IN}, by=BY, now=late)
    assert ran(world, session_id, Attendance.UAAB) == "RSSR"


def test_the_register_says_so_before_and_after(
    client: FlaskClient, world: World, clock: MovableClock
) -> None:
    known = add_case(world)
    say(world, known, no_data=None)
    session_id = placed(world, known)
    sign_in(client, world, "facilitator")
    page = client.get(f"/sessions/{session_id}/register").text
    assert "Not arranged: no data or internet" in page


def test_the_register_says_in_words_why_an_absence_was_turned_into_ours(
    client: FlaskClient, world: World, clock: MovableClock
) -> None:
    known, other = add_case(world), add_case(world, given_name="Alex")
    say(world, known, no_data=None, hearing=None)
    session_id = placed(world, known)
    why = "Nothing was arranged for no data or internet, hearing: so it is marked as ours, counts as no miss"
    with world.app.app_context():
        with transaction():
            allocating.give_place(other.case_id, session_id, by=BY, now=A_TUESDAY)
        places = db.session.scalars(sa.select(Place.id).order_by(Place.id)).all()
    clock.set(TOMORROW + timedelta(minutes=30))
    sign_in(client, world, "facilitator")
    path = f"/sessions/{session_id}/register"
    assert why not in client.get(path).text
    with world.app.app_context(), transaction():
        for place_id in places:
            attending.mark(place_id, Attendance.UAAB, minutes=None, by=BY, now=clock.now())
    assert client.get(path).text.count(why) == 1
    clock.set(TOMORROW + timedelta(hours=3))
    sign_in(client, world, "facilitator")
    with world.app.app_context(), transaction():
        attending.confirm_register(session_id, by=BY, now=clock.now())
    assert client.get(path).text.count(why) == 1


def test_an_absence_through_our_own_fault_is_not_put_down_to_a_need(
    client: FlaskClient, world: World, clock: MovableClock
) -> None:
    known = add_case(world)
    say(world, known, no_data=None)
    session_id = placed(world, known)
    clock.set(TOMORROW + timedelta(minutes=30))
    with world.app.app_context(), transaction():
        faulting.mark_our_fault(session_id, came=(), by=BY, now=clock.now())
    sign_in(client, world, "facilitator")
    page = client.get(f"/sessions/{session_id}/register").text
    assert "Rescheduled by the service" in page
    assert "Nothing was arranged" not in page


def test_each_session_says_before_a_place_is_given_what_it_would_leave_unmet(
    worker: FlaskClient, world: World
) -> None:
    known = add_case(world)
    add_session(world, course="awareness", starts_at=TOMORROW)
    add_session(world, course="awareness", starts_at=TOMORROW + timedelta(days=1), held_at="5 High Street")
    path = f"/referrals/{known.reference}/course"
    assert "Not arranged" not in worker.get(path).text
    say(world, known, no_data=None, reading=None)
    page = worker.get(path).text
    assert page.count("Not arranged: no data or internet") == 1
    assert page.index("Not arranged") < page.index("5 High Street")
    assert "Say how each is met" in page


def test_before_a_call_is_booked_a_need_that_stands_in_its_way_is_said(
    worker: FlaskClient, world: World
) -> None:
    known = add_case(world, status=Status.ACCEPTED)
    say(world, known, no_data=None, interpreter=None)
    path = f"/referrals/{known.reference}/book"
    page = worker.get(path).text
    assert "Nothing is arranged for an interpreter: missing a call would be no miss of theirs." in page
    say(world, known, no_data=None, interpreter="interpreter")
    assert "Nothing is arranged" not in worker.get(path).text


def test_what_they_say_at_the_assessment_of_taking_part_is_noted_once_and_ends_nothing(
    worker: FlaskClient, world: World
) -> None:
    known = add_case(world, status=Status.ACCEPTED)
    say(world, known, interpreter="interpreter", no_mobile=None)
    answers = {"taking_part": {"video": "no", "private_place": "yes", "reading_need": "yes"}}
    answers["taking_part"] |= {"interpreter_needed": "yes", "hearing_need": "not_asked"}
    with world.app.app_context():
        with transaction():
            recorded = assessing.Recorded(True, answers, (), None, None)
            assessing.save(known.case_id, recorded, by=BY, now=A_TUESDAY)
        assert set(needs(world, known)) == {"interpreter", "no_mobile"}
        with transaction():
            decided = assessing.Decided("1", (), "group_course", "", "group_course", None, 1)
            assessing.finish(known.case_id, decided, by=BY, now=A_TUESDAY)
    stands = {"interpreter": "interpreter", "no_mobile": None, "no_data": None, "reading": None}
    assert needs(world, known) == stands
    assert "need" in waiting(world, known)
    assert told(world, known) == 1, "that the assessment was attended, and nothing of a need"


def needs(world: World, known: Known) -> dict[str, str | None]:
    with world.app.app_context():
        found = sa.select(Need).where(Need.person_id == known.person_id, Need.ended_at.is_(None))
        return {need.kind: need.way for need in db.session.scalars(found)}


def test_every_answer_that_says_a_need_is_one_of_the_questions() -> None:
    questions = {question.code: question for question in TAKING_PART}
    for code, (answer, _kind) in meeting_needs.SAID_AT_ASSESSMENT.items():
        assert answer in questions[code].raises
    assert set(meeting_needs.SAID_AT_ASSESSMENT) == set(questions)


@pytest.mark.parametrize(
    ("needs", "missed"),
    [({}, 1), ({"no_data": None}, 1), ({"interpreter": None}, 0), ({"interpreter": "interpreter"}, 1)],
)
def test_a_call_they_could_not_take_is_no_miss(
    world: World, needs: dict[str, str | None], missed: int
) -> None:
    known = add_case(world, status=Status.ACCEPTED)
    say(world, known, **needs)
    with world.app.app_context(), transaction():
        at = TOMORROW.replace(hour=10, minute=0)
        appointment = booking.book(known.case_id, starts_at=at, by=BY, now=A_TUESDAY)
    with world.app.app_context(), transaction():
        keeping.record_missed(appointment.id, by=BY, now=at + timedelta(hours=1))
    assert misses(world, known) == missed
    assert "rebook" in waiting(world, known)
