"""The service is closed for a day at the very moment somebody is booked on it."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from flask import Flask

from provider.domain.diary import closures
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.closures import ClosedAlready
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import transaction
from provider.pathway import booking, shutting
from tests.builders import World, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY
from tests.races.together import PATIENCE, MeetOnce, at_once

TEN = A_TUESDAY.replace(hour=10, minute=0) + timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def booked_while_closing(world: World, engine_name: str) -> object:
    """What booking answers that begins once the closure is entered and not committed. SQLite has one writer."""
    case_id = add_case(world, status=Status.ACCEPTED).case_id
    entered = threading.Event()

    def close() -> None:
        with transaction():
            shutting.shut(TEN.date(), TEN.date(), name=None, by=SYSTEM, now=A_TUESDAY)
            if engine_name == "postgresql":
                entered.set()
                time.sleep(0.3)
        entered.set()

    def book() -> str:
        assert entered.wait(PATIENCE)
        with transaction():
            booking.book(case_id, starts_at=TEN, by=SYSTEM, now=A_TUESDAY)
        return "booked"

    return at_once(world.app, [close, book])[1]


def test_nobody_is_booked_on_a_day_that_is_being_closed(world: World, engine_name: str) -> None:
    assert isinstance(booked_while_closing(world, engine_name), SlotTaken)


def test_control_where_nobody_holds_the_calendar_somebody_is(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite's writers take turns: each sees what the one before it did")
    monkeypatch.setattr(closures, "hold_calendar", lambda: None)
    assert booked_while_closing(world, engine_name) == "booked"


def close_twice(world: World) -> list[object]:
    def close() -> str:
        with transaction():
            shutting.shut(TEN.date(), TEN.date(), name=None, by=SYSTEM, now=A_TUESDAY)
        return "closed"

    return at_once(world.app, [close, close])


def test_one_day_is_closed_once(world: World) -> None:
    answers = close_twice(world)
    assert sorted(type(answer).__name__ for answer in answers) == [ClosedAlready.__name__, "str"]


def test_control_where_nobody_holds_the_calendar_it_is_closed_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite's writers take turns: each sees what the one before it did")
    monkeypatch.setattr(closures, "hold_calendar", lambda: None)
    monkeypatch.setattr(closures, "closures", MeetOnce(closures.closures, parties=2, when=True))
    assert close_twice(world) == ["closed", "closed"]
