"""A facilitator is in one session at a time: the database says so. Beside it the control that lets them be in two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses import facilitating
from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.domain.courses.sessions import PlannedSession
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import scheduling
from tests.builders import World, build_world
from tests.fakes import A_TUESDAY
from tests.races.together import MeetOnce, at_once

LEAD = Actor("account", 1)
NEXT_WEEK = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def put_on(planned: PlannedSession) -> str:
    with transaction():
        scheduling.put_session_on(planned, by=LEAD, now=A_TUESDAY)
    return "on"


def two_overlapping(world: World) -> list[Callable[[], str]]:
    """One of them led by the facilitator, the other with the same person as a second."""
    one = PlannedSession(
        course_id=world.courses["awareness"],
        starts_at=NEXT_WEEK,
        minutes=150,
        capacity=12,
        facilitator_id=world.accounts["facilitator"],
        join_url="https://meet.example/j/1",
    )
    other = replace(
        one,
        starts_at=NEXT_WEEK + timedelta(minutes=145),
        facilitator_id=world.accounts["team_lead"],
        second_ids=(world.accounts["facilitator"],),
    )
    return [partial(put_on, one), partial(put_on, other)]


def race(world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str) -> list[object]:
    """Both have looked, and seen that the facilitator is not in this session, before either takes the time."""
    looked = MeetOnce(facilitating.standing, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(facilitating, "standing", looked)
    return at_once(world.app, two_overlapping(world))


def running(world: World) -> int:
    with world.app.app_context():
        return len(
            db.session.scalars(
                sa.select(SessionFacilitator.id).where(
                    SessionFacilitator.account_id == world.accounts["facilitator"]
                )
            ).all()
        )


def test_of_two_sessions_at_once_a_facilitator_runs_one(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    answers = race(world, monkeypatch, engine_name)
    assert sorted(type(answer).__name__ for answer in answers) == ["FacilitatorBusy", "str"]
    assert running(world) == 1


def test_control_looking_first_and_writing_then_puts_them_in_both(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    """What is usually written. On SQLite the writers' queue still stands behind it; on PostgreSQL nothing does."""

    def look_only(session: CourseSession, account_id: int) -> None:
        theirs = sa.select(CourseSession).join(
            SessionFacilitator, SessionFacilitator.session_id == CourseSession.id
        )
        for other in db.session.scalars(theirs.where(SessionFacilitator.account_id == account_id)):
            apart = other.starts_at + timedelta(minutes=other.minutes) <= session.starts_at
            if other.id != session.id and not apart:
                raise facilitating.FacilitatorBusy(account_id)

    monkeypatch.setattr(facilitating, "_take_time", look_only)
    answers = race(world, monkeypatch, engine_name)
    if engine_name == "postgresql":
        assert answers == ["on", "on"]
        assert running(world) == 2
    else:
        assert "on" in answers
