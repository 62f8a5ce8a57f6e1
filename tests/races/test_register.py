"""Two facilitators mark one person at the same moment; and the same where the register does not stand still."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.comings import Tap
from provider.domain.courses.models import AttendanceMark, Place
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, registering, tapping
from provider.pathway.attending import latest_marks
from provider.pathway.registering import Line, Outcome, Standing
from provider.pathway.tapping import Press
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY
from tests.races.together import MeetOnce, at_once

STARTS = A_TUESDAY + timedelta(minutes=5)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def session_id(world: World) -> int:
    """With one person in it."""
    session_id = add_session(world, course="awareness", starts_at=STARTS)
    known = add_case(world)
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=Actor("account", 1), now=A_TUESDAY)
    return session_id


def mark(session_id: int, code: Attendance, account_id: int) -> Outcome:
    line = Line(place_id=1, code=code, minutes=None, seen=None)
    with transaction():
        return registering.mark_lines(
            session_id, [line], rest=None, by=Actor("account", account_id), now=STARTS
        )


def glance(_session_id: int) -> Standing:
    """Read without holding the session."""
    ids = db.session.scalars(sa.select(Place.id)).all()
    latest = latest_marks(ids)
    return {place_id: latest.get(place_id) for place_id in ids}


def both(world: World, session_id: int) -> list[Any]:
    two = ((Attendance.ATTC, "facilitator"), (Attendance.AFTC, "team_lead"))
    return at_once(world.app, [partial(mark, session_id, code, world.accounts[who]) for code, who in two])


def marks(world: World) -> int:
    with world.app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(AttendanceMark)) or 0


def test_the_second_is_told_and_overwrites_nothing(world: World, session_id: int) -> None:
    answers = both(world, session_id)
    assert sorted((answer.written, len(answer.overtaken)) for answer in answers) == [(0, 1), (1, 0)]
    assert marks(world) == 1


def test_control_where_the_register_moves_one_overwrites_the_other(
    world: World, session_id: int, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    """On PostgreSQL both believe that nobody marked before them."""
    parallel = engine_name == "postgresql"
    monkeypatch.setattr(registering, "stand_still", MeetOnce(glance, parties=2, when=parallel))
    answers = both(world, session_id)
    assert sum(answer.written for answer in answers) == marks(world) == (2 if parallel else 1)


def press(session_id: int, tap: Tap, token: str | None, account_id: int) -> bool:
    with transaction():
        pressed = Press(place_id=1, tap=tap, seen=None, at=STARTS, token=token)
        return tapping.tap(session_id, pressed, by=Actor("account", account_id), now=STARTS)


def test_of_two_presses_at_once_one_stands_and_the_other_is_told(world: World, session_id: int) -> None:
    two = ((Tap.PRESENT, "facilitator"), (Tap.ABSENT, "team_lead"))
    presses = [partial(press, session_id, tap, None, world.accounts[who]) for tap, who in two]
    assert sorted(at_once(world.app, presses)) == [False, True]
    assert marks(world) == 1


def test_one_press_sent_twice_at_once_marks_once(world: World, session_id: int) -> None:
    twins = [partial(press, session_id, Tap.LATE, "one", world.accounts["facilitator"])] * 2
    assert at_once(world.app, twins) == [True, True]
    assert marks(world) == 1


def test_control_pressed_where_the_register_moves_both_mark(
    world: World, session_id: int, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    parallel = engine_name == "postgresql"
    monkeypatch.setattr(tapping, "stand_still", MeetOnce(glance, parties=2, when=parallel))
    two = ((Tap.PRESENT, "facilitator"), (Tap.ABSENT, "team_lead"))
    presses = [partial(press, session_id, tap, None, world.accounts[who]) for tap, who in two]
    assert sum(at_once(world.app, presses)) == marks(world) == (2 if parallel else 1)
