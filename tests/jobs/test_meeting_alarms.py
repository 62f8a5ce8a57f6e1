"""What is wrong with meetings is said to who can put it right, before anybody stands at a closed door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from provider.domain.courses.models import CourseSession
from provider.domain.meetings.models import Meeting, MeetingReport, Registrant
from provider.jobs.schedule import JOBS
from provider.jobs.shift import Shift
from provider.jobs.watching import watch
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating, joining, offering
from provider.reporting.measures import measures
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.doors.test_alarms import alarms
from tests.fakes import A_TUESDAY, MovableClock

STARTS = A_TUESDAY + timedelta(hours=20)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    """One person in a session for which nobody typed a link."""
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    known = add_case(world)
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
        session = db.session.get_one(CourseSession, session_id)
        session.join_url, session.meeting_number = "", None
    return session_id


def standing(world: World) -> set[str]:
    """The alarms of meetings that stand, once a worker has looked."""
    with world.app.app_context():
        watch(Shift(world.app, turns={job.name: job.every for job in JOBS}))
    return set(alarms(world)) & {"zoom_refused", "links_missing", "reports_missing"}


def add(world: World, *rows: Meeting | Registrant | MeetingReport) -> None:
    with world.app.app_context(), transaction():
        db.session.add_all(rows)


def test_a_session_that_nobody_could_join_is_an_alarm_two_hours_before_and_a_typed_link_ends_it(
    world: World, session_id: int, clock: MovableClock
) -> None:
    assert standing(world) == set()
    clock.set(STARTS - timedelta(hours=2))
    assert standing(world) == {"links_missing"}
    with world.app.app_context(), transaction():
        joining.use_link(session_id, "https://meet.example/j/1", by=SYSTEM, now=clock.now())
    assert standing(world) == set()


def registered(place_id: int) -> Registrant:
    return Registrant(place_id=place_id, meeting_number="81", registrant="r", sealed_link="sealed")


def test_somebody_without_a_link_two_hours_before_is_an_alarm_though_nothing_says_why(
    world: World, session_id: int, clock: MovableClock
) -> None:
    """As when no worker asks for it. A link that was asked for just now may still come."""
    add(world, Meeting(session_id=session_id, key="k", host="me", number="81"), registered(1))
    clock.set(STARTS - timedelta(hours=2))
    assert standing(world) == set()
    late = add_case(world, given_name="Alex")
    with world.app.app_context(), transaction():
        allocating.give_place(late.case_id, session_id, by=SYSTEM, now=clock.now())
    assert standing(world) == set()
    clock.advance(minutes=5)
    assert standing(world) == {"links_missing"}
    add(world, registered(2))
    assert standing(world) == set()


def test_who_waits_for_a_link_is_measured_by_how_soon_their_session_begins(
    world: World, session_id: int, clock: MovableClock
) -> None:
    def waiting() -> dict[str, int]:
        with world.app.app_context():
            return dict(measures(now=clock.now()).links_waiting)

    assert waiting() == {"two_hours": 0, "day": 1, "later": 0}
    clock.set(STARTS - timedelta(days=2))
    assert waiting() == {"two_hours": 0, "day": 0, "later": 1}
    clock.set(STARTS - timedelta(hours=2))
    assert waiting() == {"two_hours": 1, "day": 0, "later": 0}
    add(world, registered(1))
    assert sum(waiting().values()) == 0
    clock.set(STARTS + timedelta(hours=1))
    other = add_case(world, given_name="Alex")
    with world.app.app_context(), transaction():
        allocating.wait_for_place(other.case_id, world.courses["awareness"], by=SYSTEM, now=clock.now())
    next_id = add_session(world, course="awareness", starts_at=STARTS + timedelta(days=3))
    with world.app.app_context(), transaction():
        db.session.get_one(CourseSession, next_id).join_url = ""
        offering.offer_free_places(next_id, by=SYSTEM, now=clock.now())
    assert sum(waiting().values()) == 0, "who is only offered a place needs no link yet"


@pytest.mark.parametrize("trouble", ["refused", "broke_off"])
def test_a_link_that_zoom_would_not_make_is_an_alarm_a_day_before(
    world: World, session_id: int, trouble: str
) -> None:
    add(world, Meeting(session_id=session_id, key="k", host="me", number="81"))
    assert standing(world) == set()
    add(world, Registrant(place_id=1, trouble=trouble))
    assert standing(world) == {"links_missing"}


def test_not_being_let_in_is_for_an_administrator_and_gone_when_it_is_gone(
    world: World, session_id: int
) -> None:
    add(world, Meeting(session_id=session_id, key="k", host="me", trouble="not_let_in"))
    assert "zoom_refused" in standing(world)
    with world.app.app_context(), transaction():
        meeting = db.session.get_one(Meeting, 1)
        meeting.trouble, meeting.number = None, "81"
    assert standing(world) == set()


def test_a_report_that_stays_away_is_an_alarm_until_the_register_is_confirmed(
    world: World, session_id: int, clock: MovableClock
) -> None:
    add(world, Meeting(session_id=session_id, key="k", host="me", number="81"))
    clock.set(STARTS + timedelta(hours=3))
    add(world, MeetingReport(session_id=session_id, due_at=clock.now()))
    assert standing(world) == set()
    with world.app.app_context(), transaction():
        db.session.get_one(MeetingReport, 1).trouble = "refused"
    assert standing(world) == {"reports_missing"}
    with world.app.app_context(), transaction():
        db.session.get_one(CourseSession, session_id).confirmed_at = clock.now()
    assert standing(world) == set()
