"""One time in the diary, reached for by two at the same moment; and the same reach with the protection taken away."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.diary import absences, appointments
from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.hours import Lunch
from provider.domain.diary.models import Appointment, WorkingPattern
from provider.domain.diary.weeks import DayHours, Week
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db, transaction
from provider.pathway import booking, rostering
from provider.pathway.who_rings import free_workers
from tests.builders import World, build_world
from tests.cases import Known, add_case, status_of
from tests.fakes import A_TUESDAY
from tests.races.together import PATIENCE, MeetOnce, at_once

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
    looked = MeetOnce(free_workers, parties=2, when=engine_name == "postgresql")
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


LATER = TOMORROW_AT_TEN + timedelta(hours=1)
AFTERNOON = TOMORROW_AT_TEN + timedelta(hours=4)


def lay_out(
    world: World, *, buffer_minutes: int = 0, most_calls: int | None = None, lunch: Lunch | None = None
) -> None:
    """From the day of the calls on, with the hours that the worker had."""
    hours = tuple(DayHours(weekday, 9 * 60, 17 * 60) for weekday in range(5))
    with world.app.app_context(), transaction():
        rostering.set_week(
            world.accounts["drug_worker"],
            Week(hours, buffer_minutes=buffer_minutes, most_calls=most_calls, lunch=lunch),
            valid_from=A_TUESDAY.date(),
            valid_until=None,
            by=WORKER,
            now=A_TUESDAY,
        )


def without_turns(monkeypatch: pytest.MonkeyPatch, engine_name: str) -> None:
    """Nobody holds a diary, and both have seen it a last time before either books: the constraints are alone."""
    monkeypatch.setattr(appointments, "hold_diary", lambda worker_id: None)
    seen = MeetOnce(appointments._is_open, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(appointments, "_is_open", seen)


def without_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of a day are not numbered: what refuses is the quarter hours, or nothing."""
    monkeypatch.setattr(appointments, "_number", lambda appointment, day, *, most: None)


@pytest.mark.parametrize("turns", [True, False], ids=["in turn", "by the constraint alone"])
class TestLaidOut:
    def test_what_is_kept_free_after_a_call_stays_free(
        self, world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str, turns: bool
    ) -> None:
        """From ten for three quarters of an hour, and half an hour kept free: eleven is too soon."""
        lay_out(world, buffer_minutes=30)
        if not turns:
            without_turns(monkeypatch, engine_name)
            without_numbers(monkeypatch)
        _, answers = race(world, monkeypatch, engine_name, (TOMORROW_AT_TEN, LATER))
        assert sum(isinstance(answer, SlotTaken) for answer in answers) == 1
        assert len(booked(world)) == 1

    def test_a_day_has_no_more_calls_than_the_worker_takes(
        self, world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str, turns: bool
    ) -> None:
        lay_out(world, most_calls=1)
        if not turns:
            without_turns(monkeypatch, engine_name)
        _, answers = race(world, monkeypatch, engine_name, (TOMORROW_AT_TEN, AFTERNOON))
        assert sum(isinstance(answer, SlotTaken) for answer in answers) == 1
        assert len(booked(world)) == 1


NOON = TOMORROW_AT_TEN + timedelta(hours=2)
AROUND_NOON = (NOON, NOON + timedelta(hours=1))
LUNCH = Lunch(12 * 60, 13 * 60 + 30, 30)
"""Either call alone leaves half an hour of it, both a quarter: only the diary that is held says so."""


def test_two_calls_at_once_leave_a_lunch_between_them(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    lay_out(world, lunch=LUNCH)
    _, answers = race(world, monkeypatch, engine_name, AROUND_NOON)
    assert sum(isinstance(answer, SlotTaken) for answer in answers) == 1
    assert len(booked(world)) == 1


class TestControls:
    """The same with the protection taken away: what it protects from is there."""

    @pytest.fixture(autouse=True)
    def _on_postgresql(self, engine_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        if engine_name != "postgresql":
            pytest.skip("SQLite's writers take turns: each sees what the one before it did")
        without_turns(monkeypatch, engine_name)

    def test_without_its_quarter_hours_the_time_kept_free_is_booked(
        self, world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
    ) -> None:
        lay_out(world, buffer_minutes=30)
        whole = appointments._occupy
        monkeypatch.setattr(appointments, "_occupy", lambda one, *, keep_free: whole(one, keep_free=0))
        without_numbers(monkeypatch)
        _, answers = race(world, monkeypatch, engine_name, (TOMORROW_AT_TEN, LATER))
        assert answers == [TOMORROW_AT_TEN, LATER]

    def test_without_its_numbers_the_day_has_more_calls_than_the_worker_takes(
        self, world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
    ) -> None:
        lay_out(world, most_calls=1)
        without_numbers(monkeypatch)
        _, answers = race(world, monkeypatch, engine_name, (TOMORROW_AT_TEN, AFTERNOON))
        assert answers == [TOMORROW_AT_TEN, AFTERNOON]


def test_control_where_nobody_holds_a_diary_there_is_no_lunch(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite's writers take turns: each sees what the one before it did")
    without_turns(monkeypatch, engine_name)
    without_numbers(monkeypatch)
    lay_out(world, lunch=LUNCH)
    _, answers = race(world, monkeypatch, engine_name, AROUND_NOON)
    assert answers == list(AROUND_NOON)


def away_while_booking(world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str) -> object:
    """An absence is entered between the look at who is free and the booking; it is not committed until a little later.

    SQLite has one writer: there whoever books begins once it is entered.
    """
    known = add_case(world, status=Status.ACCEPTED)
    looked, entered = threading.Event(), threading.Event()
    at_the_same_time = engine_name == "postgresql"

    def look(*args: Any, **kwargs: Any) -> Any:
        answer = free_workers(*args, **kwargs)
        looked.set()
        assert not at_the_same_time or entered.wait(PATIENCE)
        return answer

    def be_away() -> None:
        assert not at_the_same_time or looked.wait(PATIENCE)
        with transaction():
            rostering.enter_absence(
                world.accounts["drug_worker"],
                reason=AbsenceReason.SHORT_NOTICE,
                starts_at=TOMORROW_AT_TEN - timedelta(hours=1),
                ends_at=TOMORROW_AT_TEN + timedelta(hours=1),
                by=WORKER,
                now=A_TUESDAY,
            )
            if at_the_same_time:
                entered.set()
                time.sleep(0.3)
        entered.set()

    def book_it() -> datetime:
        assert at_the_same_time or entered.wait(PATIENCE)
        return book(known.case_id, TOMORROW_AT_TEN)

    monkeypatch.setattr(booking, "free_workers", look)
    return at_once(world.app, [be_away, book_it])[1]


def test_nobody_is_booked_with_who_is_being_entered_as_away(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    assert isinstance(away_while_booking(world, monkeypatch, engine_name), SlotTaken)
    assert booked(world) == []


def test_control_where_nobody_holds_a_diary_somebody_is(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite's writers take turns: each sees what the one before it did")
    for module in (appointments, absences):
        monkeypatch.setattr(module, "hold_diary", lambda worker_id: None)
    assert away_while_booking(world, monkeypatch, engine_name) == TOMORROW_AT_TEN


def test_two_who_book_one_person_at_once_leave_one_appointment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = add_case(world, status=Status.ACCEPTED)
    afternoon = TOMORROW_AT_TEN + timedelta(hours=4)
    answers = at_once(world.app, [partial(book, known.case_id, at) for at in (TOMORROW_AT_TEN, afternoon)])
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyBooked", "datetime"]
    assert len(booked(world)) == 1
