"""A course is stopped at the very moment somebody joins its waiting list: nobody waits for what is not run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses.models import Waiting
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating, running, scheduling
from provider.pathway.placing import NoSuchCourse, require_course
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case, status_of
from tests.fakes import A_TUESDAY
from tests.races.together import PATIENCE, at_once


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_case(world)


def on_the_list(world: World) -> int:
    with world.app.app_context():
        waiting = sa.select(sa.func.count()).where(
            Waiting.course_id == world.courses["awareness"], Waiting.left_at.is_(None)
        )
        return db.session.scalar(waiting) or 0


def join(world: World, known: Known) -> Callable[[], str]:
    def joins() -> str:
        with transaction():
            allocating.wait_for_place(known.case_id, world.courses["awareness"], by=SYSTEM, now=A_TUESDAY)
        return "waits"

    return joins


def stop(world: World) -> Callable[[], str]:
    def stops() -> str:
        with transaction():
            running.stop_course(world.courses["awareness"], by=SYSTEM, now=A_TUESDAY)
        return "stopped"

    return stops


def seen_to_be_run_and_then_stopped(
    world: World, known: Known, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> list[object]:
    """Whoever joins has seen that the course is run before it is stopped. On SQLite they join first."""
    looked = threading.Event()
    whole = require_course

    def look(*args: object, **kwargs: object) -> None:
        whole(*args, **kwargs)  # type: ignore[arg-type]
        looked.set()
        time.sleep(0.4 if engine_name == "postgresql" else 0)

    def stops() -> str:
        assert looked.wait(PATIENCE)
        return stop(world)()

    monkeypatch.setattr(allocating, "require_course", look)
    return at_once(world.app, [join(world, known), stops])


def test_who_joined_first_is_taken_off_it_and_needs_another(
    world: World, known: Known, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    answers = seen_to_be_run_and_then_stopped(world, known, monkeypatch, engine_name)
    assert answers == ["waits", "stopped"]
    assert on_the_list(world) == 0
    assert status_of(world, known) == Status.ASSESSED


def test_control_where_nobody_holds_the_course_they_stay_on_it(
    world: World, known: Known, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite's writers take turns: each sees what the one before it did")
    monkeypatch.setattr(allocating, "hold_course", lambda course_id: None)
    answers = seen_to_be_run_and_then_stopped(world, known, monkeypatch, engine_name)
    assert answers == ["waits", "stopped"]
    assert on_the_list(world) == 1


def test_who_comes_while_it_is_being_stopped_does_not_get_on_it(
    world: World, known: Known, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    stopped = threading.Event()

    def stops() -> str:
        with transaction():
            running.stop_course(world.courses["awareness"], by=SYSTEM, now=A_TUESDAY)
            if engine_name == "postgresql":
                stopped.set()
                time.sleep(0.3)
        stopped.set()
        return "stopped"

    def joins() -> str:
        assert stopped.wait(PATIENCE)
        return join(world, known)()

    answers = at_once(world.app, [stops, joins])
    assert isinstance(answers[1], NoSuchCourse)
    assert on_the_list(world) == 0


def test_whose_session_is_called_off_is_on_no_list_of_a_course_that_is_stopped(
    world: World, known: Known
) -> None:
    session_id = add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=7))
    with world.app.app_context():
        with transaction():
            allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
        stop(world)()
        with transaction():
            scheduling.call_session_off(session_id, by=SYSTEM, now=A_TUESDAY)
    assert on_the_list(world) == 0
    assert status_of(world, known) == Status.ASSESSED
