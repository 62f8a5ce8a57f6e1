"""One referral, moved by two at the same moment; and the same race without the comparison."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.compliance.models import ComplianceEvent
from provider.domain.referrals.models import Referral, ReferralEvent
from provider.domain.referrals.status import MOVES, Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import steps
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY
from tests.races.together import MeetOnce, at_once

WORKER = Actor("account", 1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def left_behind(world: World, known: Known) -> tuple[int, list[str]]:
    with world.app.app_context():
        moves = db.session.scalars(
            sa.select(ReferralEvent.id).where(ReferralEvent.referral_id == known.referral_id)
        )
        told = db.session.scalars(
            sa.select(ComplianceEvent.type).where(ComplianceEvent.referral_id == known.referral_id)
        )
        return len(moves.all()), list(told)


def looked_at(referral_id: int) -> Referral:
    return db.session.get_one(Referral, referral_id)


@pytest.mark.parametrize("to", [(Status.ASSESSED, Status.ASSESSED), (Status.WITHDRAWN, Status.NOT_REACHED)])
def test_a_referral_is_moved_by_one_of_two(world: World, engine_name: str, to: tuple[Status, Status]) -> None:
    """Nobody holds the case: the comparison alone has to do it."""
    known = add_case(world, status=Status.ACCEPTED)
    look = MeetOnce(looked_at, parties=2, when=engine_name == "postgresql")

    def move(status: Status) -> str:
        with transaction():
            steps.move(look(known.referral_id), status, by=WORKER, now=A_TUESDAY)
        return "moved"

    answers = at_once(world.app, [partial(move, status) for status in to])
    assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "CannotMove": 1}
    moves, told = left_behind(world, known)
    assert (moves, len(told)) == (1, 1)


def test_control_without_the_comparison_the_force_is_told_twice(world: World, engine_name: str) -> None:
    """What is usually written: look whether it may move, and then set the status."""
    known = add_case(world, status=Status.ACCEPTED)
    look = MeetOnce(looked_at, parties=2, when=engine_name == "postgresql")

    def move() -> bool:
        with transaction():
            referral = look(known.referral_id)
            before = Status(referral.status)
            if Status.ASSESSED not in MOVES[before]:
                return False
            referral.status = Status.ASSESSED
            steps._leave_behind(referral, before, by=WORKER, now=A_TUESDAY)
        return True

    answers = at_once(world.app, [move, move])
    _, told = left_behind(world, known)
    times = 2 if engine_name == "postgresql" else 1
    assert (answers.count(True), told) == (times, ["assessment.attended"] * times)
