"""One call in the diary, told by two at the same moment how it went, or how it really went; and the same without the
case being held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.diary.outcomes import CallOutcome, said_of
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import booking, keeping, restating
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY
from tests.races.together import MeetOnce, at_once

AT = A_TUESDAY + timedelta(hours=1)
AFTER = A_TUESDAY + timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def race(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    meet: bool,
    look: Callable[[int], tuple[Appointment, Case]] = booking.booked,
) -> tuple[Known, list[object]]:
    """Both have found the call in the diary before either says how it went."""
    known = add_case(world, status=Status.ACCEPTED)
    worker = Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        booked = booking.book(known.case_id, starts_at=AT.replace(minute=30), by=worker, now=A_TUESDAY).id
    monkeypatch.setattr(keeping, "booked", MeetOnce(look, parties=2, when=meet))

    def say() -> str:
        with transaction():
            keeping.record_missed(booked, by=worker, now=AFTER)
        return "said"

    return known, at_once(world.app, [partial(say), partial(say)])


def left_behind(world: World, known: Known) -> tuple[int, int]:
    """How often it was said, and how many chances went."""
    with world.app.app_context():
        said = sa.select(sa.func.count()).select_from(AppointmentOutcome)
        return db.session.scalar(said) or 0, db.session.get_one(Case, known.case_id).misses


def test_one_says_how_it_went_and_the_other_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known, answers = race(world, monkeypatch, meet=False)
    assert sorted(type(answer).__name__ for answer in answers) == ["NothingBooked", "str"]
    assert left_behind(world, known) == (1, 1)


def test_control_without_holding_the_case_it_is_said_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    """What is usually written: look whether it is still booked, and then say how it went."""
    together = engine_name == "postgresql"

    def look(appointment_id: int) -> tuple[Appointment, Case]:
        found = db.session.get_one(Appointment, appointment_id)
        if found.state != "booked":
            raise booking.NothingBooked
        return found, db.session.get_one(Case, found.case_id)

    monkeypatch.setattr(keeping, "back", lambda *_args, **_more: None)
    known, answers = race(world, monkeypatch, meet=together, look=look)
    assert answers.count("said") == (2 if together else 1)
    assert left_behind(world, known)[0] == (2 if together else 1)


def race_of_corrections(
    world: World, monkeypatch: pytest.MonkeyPatch, *, meet: bool, hold: Callable[..., object]
) -> tuple[Known, list[object]]:
    """Both have seen that they did not answer, and each knows better."""
    known = add_case(world, status=Status.ACCEPTED)
    worker = Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        call = booking.book(known.case_id, starts_at=AT.replace(minute=30), by=worker, now=A_TUESDAY).id
    with world.app.app_context(), transaction():
        keeping.record_missed(call, by=worker, now=AFTER)
    with world.app.app_context():
        seen = said_of([call])[-1].id
    monkeypatch.setattr(restating, "_hold_still", MeetOnce(hold, parties=2, when=meet))

    def say(outcome: CallOutcome) -> str:
        with transaction():
            restating.correct(call, outcome, seen=seen, reason="It was noted", by=worker, now=AFTER)
        return "corrected"

    both = [partial(say, CallOutcome.OURS_TO_BLAME), partial(say, CallOutcome.MOVED)]
    return known, at_once(world.app, both)


def test_one_corrects_it_and_the_other_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known, answers = race_of_corrections(world, monkeypatch, meet=False, hold=restating._hold_still)
    assert sorted(type(answer).__name__ for answer in answers) == ["SaidMeanwhile", "str"]
    assert left_behind(world, known) == (2, 0)


def test_control_without_holding_the_case_it_is_corrected_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    together = engine_name == "postgresql"

    def hold(appointment_id: int) -> tuple[Appointment, Case]:
        found = db.session.get_one(Appointment, appointment_id)
        return found, db.session.get_one(Case, found.case_id)

    monkeypatch.setattr(restating, "said_of", MeetOnce(said_of, parties=2, when=together))
    known, answers = race_of_corrections(world, monkeypatch, meet=False, hold=hold)
    assert answers.count("corrected") == (2 if together else 1)
    assert left_behind(world, known)[0] == (3 if together else 2)
