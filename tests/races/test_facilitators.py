"""Nobody runs two sessions at once, or a session during a call: the database says so. Beside it the controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses import facilitating as domain_facilitating
from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.domain.courses.sessions import PlannedSession
from provider.domain.diary import appointments
from provider.domain.diary.cells import taken_by
from provider.domain.diary.models import WorkingPattern
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import altering, booking, facilitating, scheduling
from provider.pathway.who_rings import free_workers
from tests.builders import World, add_session, build_world
from tests.cases import add_case
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


def race(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str, things: list[Callable[[], str]]
) -> list[object]:
    """Both have looked at the diary, and seen that time free, before either takes it."""
    looked = MeetOnce(taken_by, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(facilitating, "taken_by", looked)
    return at_once(world.app, things)


def without_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds a diary: the constraint is alone."""
    for module in (facilitating, appointments):
        monkeypatch.setattr(module, "hold_diary", lambda worker_id: None)
    monkeypatch.setattr(facilitating, "hold_diaries", lambda worker_ids: None)


def running(world: World) -> int:
    with world.app.app_context():
        return len(
            db.session.scalars(
                sa.select(SessionFacilitator.id).where(
                    SessionFacilitator.account_id == world.accounts["facilitator"]
                )
            ).all()
        )


def test_of_two_sessions_at_once_a_facilitator_runs_one(world: World) -> None:
    answers = at_once(world.app, two_overlapping(world))
    assert sorted(type(answer).__name__ for answer in answers) == ["FacilitatorBusy", "str"]
    assert running(world) == 1


def test_the_same_by_the_constraint_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    without_turns(monkeypatch)
    answers = race(world, monkeypatch, engine_name, two_overlapping(world))
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

    without_turns(monkeypatch)
    looked = MeetOnce(look_only, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(facilitating, "_take_time", looked)
    answers = at_once(world.app, two_overlapping(world))
    if engine_name == "postgresql":
        assert answers == ["on", "on"]
        assert running(world) == 2
    else:
        assert "on" in answers


class TestACallAndASession:
    """A call is booked with the only worker, who at that moment is put to a session that overlaps it."""

    @pytest.fixture
    def both(self, world: World) -> list[Callable[[], str]]:
        worker = world.accounts["team_lead"]
        with world.app.app_context(), transaction():
            others = [world.accounts["drug_worker"], world.accounts["drug_worker_2"]]
            db.session.execute(sa.delete(WorkingPattern).where(WorkingPattern.worker_id.in_(others)))
        case_id = add_case(world, status=Status.ACCEPTED).case_id
        session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(minutes=30))

        def book() -> str:
            with transaction():
                booking.book(case_id, starts_at=NEXT_WEEK, by=LEAD, now=A_TUESDAY)
            return "booked"

        def put_to() -> str:
            with transaction():
                altering.put_to(session_id, worker, by=LEAD, now=A_TUESDAY)
            return "put to it"

        return [book, put_to]

    def wins(self, answers: list[object]) -> bool:
        """Whether one of the two did, and the other was told why not."""
        said = [type(answer).__name__ for answer in answers]
        return said in (["str", "FacilitatorRings"], ["str", "FacilitatorBusy"], ["SlotTaken", "str"])

    def test_one_of_the_two_has_the_time(
        self,
        world: World,
        both: list[Callable[[], str]],
        monkeypatch: pytest.MonkeyPatch,
        engine_name: str,
    ) -> None:
        """Whoever rings was seen to be free before either of them held the diary."""
        looked = MeetOnce(free_workers, parties=2, when=engine_name == "postgresql")
        monkeypatch.setattr(booking, "free_workers", looked)
        before = MeetOnce(domain_facilitating.facilitate, parties=2, when=engine_name == "postgresql")
        before.barrier = looked.barrier
        monkeypatch.setattr(domain_facilitating, "facilitate", before)
        assert self.wins(at_once(world.app, both))

    def meet_seeing_it_free(self, monkeypatch: pytest.MonkeyPatch, engine_name: str) -> None:
        """Nobody holds a diary, and both have seen the time free before either takes it."""
        without_turns(monkeypatch)
        at_the_same_time = engine_name == "postgresql"
        seen = MeetOnce(appointments._is_open, parties=2, when=at_the_same_time)
        looked = MeetOnce(taken_by, parties=2, when=at_the_same_time)
        looked.barrier = seen.barrier
        monkeypatch.setattr(appointments, "_is_open", seen)
        monkeypatch.setattr(facilitating, "taken_by", looked)

    def test_the_same_by_the_constraint_alone(
        self,
        world: World,
        both: list[Callable[[], str]],
        monkeypatch: pytest.MonkeyPatch,
        engine_name: str,
    ) -> None:
        self.meet_seeing_it_free(monkeypatch, engine_name)
        assert self.wins(at_once(world.app, both))

    def test_control_where_calls_and_sessions_share_no_cells_they_are_in_both(
        self,
        world: World,
        both: list[Callable[[], str]],
        monkeypatch: pytest.MonkeyPatch,
        engine_name: str,
    ) -> None:
        if engine_name != "postgresql":
            pytest.skip("SQLite's writers take turns: each sees what the one before it did")
        self.meet_seeing_it_free(monkeypatch, engine_name)
        monkeypatch.setattr(facilitating, "take_cells", lambda *args, **kwargs: None)
        assert at_once(world.app, both) == ["booked", "put to it"]
