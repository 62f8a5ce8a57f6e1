"""Two who are kept apart reach for places in one session at the same moment: one of them gets in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses.models import Place
from provider.domain.people import apart
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, offering, parting, placing
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY
from tests.races.together import MeetOnce, at_once

WORKER = Actor("account", 1)
NEXT_WEEK = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def pair(world: World) -> tuple[Known, Known]:
    two = add_case(world, given_name="Sam"), add_case(world, given_name="Alex")
    with world.app.app_context(), transaction():
        part(*two)
    return two


@pytest.fixture
def session_id(world: World) -> int:
    return add_session(world, course="awareness", starts_at=NEXT_WEEK)


def part(one: Known, other: Known, *, moves: str | None = None) -> None:
    parting.part(one.person_id, other.person_id, why="harm", note=None, moves=moves, by=WORKER, now=A_TUESDAY)


def give(case_id: int, session_id: int) -> str:
    with transaction():
        allocating.give_place(case_id, session_id, by=WORKER, now=A_TUESDAY)
    return "placed"


def sitting(world: World, session_id: int) -> int:
    with world.app.app_context():
        held = sa.select(Place.id).where(Place.session_id == session_id, Place.released_at.is_(None))
        return len(db.session.scalars(held).all())


def both_reach(world: World, pair: tuple[Known, Known], session_id: int) -> list[Any]:
    return at_once(world.app, [partial(give, known.case_id, session_id) for known in pair])


def meeting(engine_name: str) -> Callable[[Callable[..., Any]], MeetOnce]:
    return partial(MeetOnce, parties=2, when=engine_name == "postgresql")


def test_of_two_at_the_same_moment_one_gets_a_place(
    world: World,
    pair: tuple[Known, Known],
    session_id: int,
    monkeypatch: pytest.MonkeyPatch,
    engine_name: str,
) -> None:
    """Both are let through until they are about to ask for the pair."""
    monkeypatch.setattr(
        placing, "require_placeable", ready := meeting(engine_name)(placing.require_placeable)
    )
    monkeypatch.setattr(allocating, "require_placeable", ready)
    answers = both_reach(world, pair, session_id)
    assert sorted(str(getattr(answer, "code", answer)) for answer in answers) == ["not_available", "placed"]
    assert sitting(world, session_id) == 1


def test_control_looking_without_holding_the_pair_seats_both(
    world: World,
    pair: tuple[Known, Known],
    session_id: int,
    monkeypatch: pytest.MonkeyPatch,
    engine_name: str,
) -> None:
    """On SQLite the writers' queue still stands behind it; on PostgreSQL nothing does."""

    def look_only(person_id: int, *, wait: bool) -> frozenset[int]:
        return apart.others_of(person_id)

    monkeypatch.setattr(placing, "hold_others_of", look_only)
    looked = meeting(engine_name)(placing.may_meet)
    monkeypatch.setattr(placing, "may_meet", looked)
    answers = both_reach(world, pair, session_id)
    seated = 2 if engine_name == "postgresql" else 1
    assert answers.count("placed") == sitting(world, session_id) == seated


def test_many_pairs_and_sessions_at_once_seat_no_pair_and_wait_for_nobody_for_ever(world: World) -> None:
    """A ring: each is kept apart from the next, so that every place given asks for two pairs."""
    sessions = [
        add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=days))
        for days in range(2)
    ]
    ring = [add_case(world, given_name=f"Sam{number}") for number in range(8)]
    neighbours = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    with world.app.app_context():
        for one, other in neighbours:
            with transaction():
                part(one, other)
    wanted = [partial(give, known.case_id, sessions[number // 4]) for number, known in enumerate(ring)]
    at_once(world.app, wanted)
    with world.app.app_context():
        held = db.session.execute(
            sa.select(Place.case_id, Place.session_id).where(Place.released_at.is_(None))
        )
        where = {row[0]: row[1] for row in held}
    assert where
    for one, other in neighbours:
        assert where.get(one.case_id, -1) != where.get(other.case_id, -2)


def test_places_that_come_free_are_offered_past_a_pair_that_is_being_decided_on(
    world: World, pair: tuple[Known, Known], session_id: int, engine_name: str
) -> None:
    """While one is given a place elsewhere and their pair is held, the other is passed over rather than waited for."""
    sam, alex = pair
    other = add_session(world, course="cannabis", starts_at=NEXT_WEEK + timedelta(days=1))
    with world.app.app_context(), transaction():
        allocating.wait_for_place(alex.case_id, world.courses["awareness"], by=WORKER, now=A_TUESDAY)

    def offer() -> int:
        with transaction():
            return offering.offer_free_places(session_id, now=A_TUESDAY, by=WORKER)

    answers = at_once(world.app, [partial(give, sam.case_id, other), offer])
    assert answers[0] == "placed"
    assert answers[1] in (0, 1)


def test_parting_two_and_seating_one_of_them_beside_the_other_leaves_them_apart(
    world: World, session_id: int
) -> None:
    """The pair is put on record at the very moment in which the second is given a place."""
    sam, alex = add_case(world, given_name="Sam"), add_case(world, given_name="Alex")
    with world.app.app_context():
        give(sam.case_id, session_id)

    def keep_apart() -> str:
        with transaction():
            part(sam, alex, moves="other")
        return "apart"

    answers = at_once(world.app, [partial(give, alex.case_id, session_id), keep_apart])
    assert answers[1] == "apart"
    assert sitting(world, session_id) == 1
