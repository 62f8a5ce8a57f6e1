"""One time in the diary, reached for by two at the same moment; and the same reach with the protection taken away."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.diary import appointments
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.models import Appointment, WorkingPattern
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db, transaction
from provider.pathway import booking
from tests.builders import World, build_world
from tests.cases import Known, add_case, status_of
from tests.fakes import A_TUESDAY
from tests.races.together import MeetOnce, at_once

WORKER = Actor("account", 1)
TOMORROW_AT_TEN = A_TUESDAY.replace(hour=10, minute=0) + timedelta(days=1)
HALF_PAST = TOMORROW_AT_TEN + timedelta(minutes=30)


@pytest.fixture
def world(app: Flask) -> World:
    """One drug worker alone works: the second and the team lead have no hours."""
    world = build_world(app)
    with app.app_context(), transaction():
        others = [world.accounts["drug_worker_2"], world.accounts["team_lead"]]
        db.session.execute(sa.delete(WorkingPattern).where(WorkingPattern.worker_id.in_(others)))
    return world


def book(case_id: int, starts_at: datetime) -> datetime:
    with transaction():
        return booking.book(case_id, starts_at=starts_at, by=WORKER, now=A_TUESDAY).starts_at


def race(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str, starts: tuple[datetime, datetime]
) -> tuple[list[Known], list[object]]:
    """Both have looked, and seen the worker free, before either books."""
    two = [add_case(world, status=Status.ACCEPTED, given_name=name) for name in ("Sam", "Alex")]
    looked = MeetOnce(booking.free_workers, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(booking, "free_workers", looked)
    things = [partial(book, known.case_id, start) for known, start in zip(two, starts, strict=True)]
    return two, at_once(world.app, things)


def booked(world: World) -> list[tuple[datetime, int]]:
    with world.app.app_context():
        rows = db.session.execute(
            sa.select(Appointment.starts_at, Appointment.minutes).where(Appointment.state == "booked")
        )
        return [(row.starts_at, row.minutes) for row in rows]


@pytest.mark.parametrize("second", [TOMORROW_AT_TEN, HALF_PAST], ids=["the same start", "an overlap"])
def test_one_of_two_gets_the_time(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str, second: datetime
) -> None:
    """Forty-five minutes from ten and from half past share a quarter hour."""
    two, answers = race(world, monkeypatch, engine_name, (TOMORROW_AT_TEN, second))
    assert sum(isinstance(answer, SlotTaken) for answer in answers) == 1
    assert len(booked(world)) == 1
    assert sorted(status_of(world, known) for known in two) == [Status.ACCEPTED, Status.ASSESSMENT_BOOKED]


@pytest.mark.parametrize("second", [TOMORROW_AT_TEN, HALF_PAST], ids=["the same start", "an overlap"])
def test_control_without_the_quarter_hours_both_are_booked(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str, second: datetime
) -> None:
    """The same race where an appointment takes no cells: the worker would have to make two calls at once."""
    monkeypatch.setattr(appointments, "_occupy", lambda appointment, *, keep_free: None)
    _, answers = race(world, monkeypatch, engine_name, (TOMORROW_AT_TEN, second))
    assert answers == [TOMORROW_AT_TEN, second]
    first, other = (set(quarter_hours(start, minutes)) for start, minutes in booked(world))
    assert first & other


def test_two_who_book_one_person_at_once_leave_one_appointment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = add_case(world, status=Status.ACCEPTED)
    afternoon = TOMORROW_AT_TEN + timedelta(hours=4)
    answers = at_once(world.app, [partial(book, known.case_id, at) for at in (TOMORROW_AT_TEN, afternoon)])
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyBooked", "datetime"]
    assert len(booked(world)) == 1
