"""What a register says of a meeting that is over, or of which Zoom has not said so; and of which session it was."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.caseload.register_page import register_page
from provider.caseload.register_rows import RegisterRow
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import Place
from provider.domain.meetings.models import MeetingRun, Registrant
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY, MovableClock
from tests.jobs.test_live_presence import STARTS, at, joined, left, told
from tests.zoom_tells import event

SAM = {"device": "1", "name": "Sam E", "registrant_id": "sam"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    return session_of_sam(world, STARTS, minutes=150)


def session_of_sam(world: World, starts_at: datetime, *, minutes: int) -> int:
    """Sam has a place in it, and a link of their own."""
    session_id = add_session(world, course="awareness", starts_at=starts_at, minutes=minutes)
    known = add_case(world, given_name="Sam")
    with world.app.app_context(), transaction() as session:
        place = allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
        session.add(Registrant(place_id=place.id, meeting_number="123456789", registrant="sam", tries=0))
    return session_id


def row(world: World, session_id: int, now: datetime) -> RegisterRow:
    with world.app.app_context():
        reader = world.accounts["facilitator"]
        (row,) = register_page(session_id, reader_id=reader, may_ring=False, now=now).rows
        return row


def test_who_is_still_in_the_meeting_when_the_session_is_over_is_not_said_to_be_absent(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    told(app, clock, event("started", at=at(-10)), joined(10, **SAM))
    still_there = row(world, session_id, at(151))
    assert (still_there.zoom_minutes, still_there.suggested) == (140, None)
    told(app, clock, event("ended", at=at(152)))
    over = row(world, session_id, at(153))
    assert over.suggested is not None
    assert (over.zoom_minutes, over.suggested.code) == (140, Attendance.ATTC)


def test_a_session_ran_until_its_meeting_was_over_and_not_until_the_last_person_left(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    told(app, clock, event("started", at=at(-10)), joined(0, **SAM), left(20, **SAM))
    left_early = row(world, session_id, at(155))
    assert left_early.suggested is not None
    assert left_early.suggested.code == Attendance.LEFT
    told(app, clock, event("ended", at=at(150)))
    assert row(world, session_id, at(160)).suggested == left_early.suggested


def test_a_meeting_that_was_over_early_was_our_fault(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    told(app, clock, event("started", at=at(-10)), joined(0, **SAM), event("ended", at=at(20)))
    sent_home = row(world, session_id, at(155))
    assert sent_home.suggested is not None
    assert sent_home.suggested.code == Attendance.ATSS


def test_one_that_broke_off_and_was_begun_again_is_not_over_until_that_is(
    app: Flask, clock: MovableClock, world: World, session_id: int
) -> None:
    again = {"run": "second=="}
    told(app, clock, event("started", at=at(-10)), joined(0, **SAM), event("ended", at=at(20)))
    told(app, clock, event("started", at=at(22), **again), joined(23, **SAM, **again))
    told(app, clock, left(60, **SAM, **again))
    left_early = row(world, session_id, at(155))
    assert left_early.suggested is not None
    assert (left_early.zoom_minutes, left_early.suggested.code) == (57, Attendance.LEFT)
    told(app, clock, event("ended", at=at(152), **again))
    assert row(world, session_id, at(160)).suggested == left_early.suggested


@pytest.mark.parametrize("minutes", [118, 122, 165])
def test_who_leaves_late_leaves_the_session_they_came_to_and_not_the_next_of_the_same_number(
    app: Flask, clock: MovableClock, world: World, minutes: int
) -> None:
    first = session_of_sam(world, STARTS, minutes=120)
    second = add_session(world, course="awareness", starts_at=STARTS + timedelta(minutes=180), minutes=120)
    told(app, clock, event("started", at=at(-10)), joined(0, **SAM), left(minutes, **SAM))
    told(app, clock, event("ended", at=at(minutes + 3)))
    assert row(world, first, at(minutes + 5)).zoom_minutes == min(minutes, 120)
    with app.app_context():
        runs = sa.select(MeetingRun.session_id, MeetingRun.ended_at)
        assert db.session.execute(runs).all() == [(first, at(minutes + 3))]
        assert db.session.scalars(sa.select(Place.session_id)).all() == [first]
    assert second != first


def test_who_comes_early_to_the_next_of_the_same_number_comes_to_that(
    app: Flask, clock: MovableClock, world: World
) -> None:
    add_session(world, course="awareness", starts_at=STARTS, minutes=120)
    second = session_of_sam(world, STARTS + timedelta(minutes=180), minutes=120)
    told(app, clock, event("started", at=at(140)), joined(145, **SAM), left(290, **SAM))
    assert row(world, second, at(310)).zoom_minutes == 110
