"""An account is closed at the very moment somebody is booked with its holder, or puts them to a session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.diary import appointments
from provider.domain.diary.appointments import SlotTaken
from provider.domain.diary.models import WorkingPattern
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import altering, booking, facilitating, staffing
from provider.pathway.facilitating import HasLeft
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY
from tests.races.together import PATIENCE, at_once

TOMORROW_AT_TEN = A_TUESDAY.replace(hour=10, minute=0) + timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> World:
    """One worker alone works, the team lead."""
    world = build_world(app)
    with app.app_context(), transaction():
        others = [world.accounts["drug_worker"], world.accounts["drug_worker_2"]]
        db.session.execute(sa.delete(WorkingPattern).where(WorkingPattern.worker_id.in_(others)))
    return world


def while_closing(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str, then: Callable[[], Any]
) -> Any:
    """What ``then`` answers, begun once the account is closed and not committed. SQLite has one writer: after it."""
    closed = threading.Event()

    def close() -> None:
        with transaction():
            staffing.close_account(world.accounts["team_lead"], by=SYSTEM, now=A_TUESDAY)
            if engine_name == "postgresql":
                closed.set()
                time.sleep(0.3)
        closed.set()

    def second() -> Any:
        assert closed.wait(PATIENCE)
        return then()

    return at_once(world.app, [close, second])[1]


def booked(world: World) -> Callable[[], str]:
    case_id = add_case(world, status=Status.ACCEPTED).case_id

    def book() -> str:
        with transaction():
            booking.book(case_id, starts_at=TOMORROW_AT_TEN, by=SYSTEM, now=A_TUESDAY)
        return "booked"

    return book


def put_to(world: World) -> Callable[[], str]:
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=7))

    def put() -> str:
        with transaction():
            altering.put_to(session_id, world.accounts["team_lead"], by=SYSTEM, now=A_TUESDAY)
        return "put to it"

    return put


def test_nobody_is_booked_with_them(world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str) -> None:
    assert isinstance(while_closing(world, monkeypatch, engine_name, booked(world)), SlotTaken)


def test_nobody_puts_them_to_a_session(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    assert isinstance(while_closing(world, monkeypatch, engine_name, put_to(world)), HasLeft)


@pytest.mark.parametrize("what", [booked, put_to])
def test_control_where_nobody_holds_a_diary_they_are_had_all_the_same(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    engine_name: str,
    what: Callable[[World], Callable[[], str]],
) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite's writers take turns: each sees what the one before it did")
    for module in (appointments, facilitating, staffing):
        monkeypatch.setattr(module, "hold_diary", lambda worker_id: None)
    assert while_closing(world, monkeypatch, engine_name, what(world)) in ("booked", "put to it")
