"""The last place, reached for by several at the same moment; and the same reach with the protection taken away."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses import places
from provider.domain.courses.models import Place
from provider.domain.courses.places import SessionFull
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, one_number, transaction
from provider.pathway import allocating, offering, placing, scheduling, short_notice
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case, status_of
from tests.fakes import A_TUESDAY
from tests.races import storming
from tests.races.together import PATIENCE, MeetOnce, at_once

WORKER = Actor("account", 1)
NEXT_WEEK = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def give(case_id: int, session_id: int) -> int:
    with transaction():
        return allocating.give_place(case_id, session_id, by=WORKER, now=A_TUESDAY).number


def holders(world: World, session_id: int) -> list[int]:
    with world.app.app_context():
        held = sa.select(Place.case_id).where(Place.session_id == session_id, Place.released_at.is_(None))
        return list(db.session.scalars(held.order_by(Place.case_id)))


@contextmanager
def without_the_index(app: Flask) -> Iterator[None]:
    """The table as it would be if the database did not say that a number has one holder."""
    index = next(each for each in Place.__table__.indexes if each.name == "uq_places_number")  # type: ignore[attr-defined]
    with app.app_context():
        index.drop(db.engine)
        try:
            yield
        finally:
            with db.engine.begin() as connection:
                for table in ("texts", "waiting_list", "places"):
                    connection.execute(sa.text(f"DELETE FROM {table}"))
            index.create(db.engine)


def race(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> tuple[int, list[Known], list[object]]:
    """Two people for one place: both have looked, and seen it free, before either takes it."""
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    two = [add_case(world, given_name=name) for name in ("Sam", "Alex")]
    looked = MeetOnce(places._taken, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(places, "_taken", looked)
    answers = at_once(world.app, [partial(give, known.case_id, session_id) for known in two])
    return session_id, two, answers


def test_the_last_place_goes_to_one_of_two(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    session_id, two, answers = race(world, monkeypatch, engine_name)
    assert sorted(type(answer).__name__ for answer in answers) == ["SessionFull", "int"]
    assert len(holders(world, session_id)) == 1
    assert Counter(status_of(world, known) for known in two) == {Status.PLACED: 1, Status.ASSESSED: 1}


def test_control_the_same_race_without_the_index_oversells(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    """On SQLite the writers' queue still stands behind the index; on PostgreSQL nothing does."""
    with without_the_index(world.app):
        session_id, _, answers = race(world, monkeypatch, engine_name)
        sold = len(holders(world, session_id))
    assert sold == (2 if engine_name == "postgresql" else 1)
    assert sum(answer == 1 for answer in answers) == sold


def test_control_count_then_insert_oversells(world: World) -> None:
    """What is usually written: look whether there is room, and then take it."""
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    two = [add_case(world, given_name=name) for name in ("Sam", "Alex")]
    looked = threading.Barrier(2)

    def naive(case_id: int) -> bool:
        count = sa.select(sa.func.count()).select_from(Place).where(Place.session_id == session_id)
        free = db.session.scalar(count) == 0
        looked.wait(PATIENCE)
        with transaction():
            if free:
                db.session.add(
                    Place(
                        session_id=session_id,
                        number=1,
                        case_id=case_id,
                        alias=f"p{case_id}",
                        created_at=A_TUESDAY,
                        created_by="naive",
                    )
                )
        return free

    with without_the_index(world.app):
        answers = at_once(world.app, [partial(naive, known.case_id) for known in two])
        assert len(holders(world, session_id)) == 2
    assert answers == [True, True]


@pytest.mark.parametrize("again", [1, 2])
def test_two_hundred_people_get_twelve_places_and_no_more(world: World, again: int) -> None:
    seen = storming.rush(world)
    assert (seen.sold, seen.wrong) == ([12], [])
    assert seen.answers == {"done": 12, "session_full": 188}
    assert seen.looks
    with world.app.app_context():
        numbers = db.session.scalars(sa.select(Place.number).order_by(Place.number)).all()
    assert numbers == list(range(1, 13))


def test_control_two_hundred_who_count_and_then_insert_oversell(world: World) -> None:
    with without_the_index(world.app):
        seen = storming.rush(world, book=storming.count_then_insert)
    assert seen.sold > [12]


@pytest.mark.parametrize("seed", [1, 2])
def test_places_changed_in_every_way_at_once_are_held_once_and_never_too_many(
    world: World, seed: int
) -> None:
    """Given, given back, changed for another, offered, refused, let pass; sessions given more places, and fewer."""
    seen = storming.mixed(world, seed=seed)
    assert seen.wrong == []
    done = {answer.removesuffix(": done") for answer in seen.answers if answer.endswith(": done")}
    assert done == set(storming.WEIGHTS)
    assert seen.looks


@pytest.mark.parametrize("seed", [1])
def test_control_the_same_storm_without_the_index_holds_numbers_twice(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    """Nothing keeps apart who reaches at once either. On SQLite the writers' queue still stands behind it."""
    monkeypatch.setattr(places, "one_unclaimed", lambda _session_id, free: one_number(free[0]))
    with without_the_index(world.app):
        seen = storming.mixed(world, seed=seed)
    assert any("number" in wrong for wrong in seen.wrong) == (engine_name == "postgresql")


def test_places_given_back_while_others_reach_are_held_once(world: World) -> None:
    """Given back, offered, taken and refused at the same moment: never more holders than places, none twice."""
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=4)
    holding = [add_case(world, given_name=f"Holder{number}") for number in range(4)]
    waiting = [add_case(world, given_name=f"Waiter{number}") for number in range(6)]
    with world.app.app_context():
        for known in holding:
            give(known.case_id, session_id)
        for known in waiting:
            with transaction():
                allocating.wait_for_place(known.case_id, world.courses["awareness"], by=WORKER, now=A_TUESDAY)

    def give_back(case_id: int) -> str:
        with transaction():
            allocating.give_back_place(case_id, because="asked", by=WORKER, now=A_TUESDAY)
        return "gave back"

    def reach(case_id: int) -> str:
        try:
            give(case_id, session_id)
        except SessionFull:
            return "full"
        return "placed"

    things = [partial(give_back, known.case_id) for known in holding]
    things += [partial(reach, known.case_id) for known in waiting]
    answers = at_once(world.app, things)
    held = holders(world, session_id)
    assert answers[:4] == ["gave back"] * 4
    assert len(held) == len(set(held)) == 4
    assert not set(held) & {known.case_id for known in holding}


def test_an_offer_and_a_place_for_the_same_person_do_not_wait_for_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    """A place comes free for who waits first, at the very moment that a worker gives that person another."""
    freed = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    other = add_session(world, course="awareness", starts_at=NEXT_WEEK + timedelta(days=1), capacity=1)
    holder, waiter = add_case(world, given_name="Sam"), add_case(world, given_name="Alex")
    with world.app.app_context():
        give(holder.case_id, freed)
        with transaction():
            allocating.wait_for_place(waiter.case_id, world.courses["awareness"], by=WORKER, now=A_TUESDAY)
    parallel = engine_name == "postgresql"
    chosen = MeetOnce(offering.next_in_line, parties=2, when=parallel)
    monkeypatch.setattr(offering, "next_in_line", chosen)
    ready = MeetOnce(placing.require_placeable, parties=2, when=parallel)
    ready.barrier = chosen.barrier
    monkeypatch.setattr(allocating, "require_placeable", ready)

    def give_back() -> str:
        with transaction():
            allocating.give_back_place(holder.case_id, because="asked", by=WORKER, now=A_TUESDAY)
        return "gave back"

    assert at_once(world.app, [give_back, partial(give, waiter.case_id, other)]) == ["gave back", 1]
    assert status_of(world, waiter) == Status.PLACED
    assert len(holders(world, other) + holders(world, freed)) == 1


def test_nobody_gets_a_place_in_a_session_that_is_being_called_off(
    world: World, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    """The place is asked for after the session was looked up, and before the calling off is committed."""
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    known = add_case(world)
    looked = MeetOnce(places._taken, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(places, "_taken", looked)

    def call_off() -> int:
        with transaction():
            if looked.when:
                looked.barrier.wait(PATIENCE)
            return scheduling.cancel_session(session_id, by=WORKER, now=A_TUESDAY)

    at_once(world.app, [partial(give, known.case_id, session_id), call_off])
    assert holders(world, session_id) == []
    assert status_of(world, known) != Status.PLACED


@pytest.fixture
def called_up(world: World) -> tuple[int, list[Known]]:
    """A session of one place that begins in an hour and a half, and two who were told that it is free."""
    session_id = add_session(
        world, course="awareness", starts_at=A_TUESDAY + timedelta(minutes=90), capacity=1
    )
    two = [add_case(world, given_name=name) for name in ("Sam", "Alex")]
    with world.app.app_context(), transaction():
        for known in two:
            allocating.wait_for_place(known.case_id, world.courses["awareness"], by=WORKER, now=A_TUESDAY)
            short_notice.can_come(known.case_id, by=WORKER, now=A_TUESDAY)
        offering.offer_free_places(session_id, by=WORKER, now=A_TUESDAY)
    return session_id, two


def come(case_id: int) -> int:
    with transaction():
        return short_notice.come(case_id, by=WORKER, now=A_TUESDAY).number


def test_of_two_who_say_yes_at_once_one_comes(
    world: World, called_up: tuple[int, list[Known]], monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    session_id, two = called_up
    monkeypatch.setattr(
        places, "_taken", MeetOnce(places._taken, parties=2, when=engine_name == "postgresql")
    )
    answers = at_once(world.app, [partial(come, known.case_id) for known in two])
    assert sorted(type(answer).__name__ for answer in answers) == ["PlaceGone", "int"]
    assert len(holders(world, session_id)) == 1
    assert Counter(status_of(world, known) for known in two) == {Status.PLACED: 1, Status.WAITING: 1}


def test_control_without_the_index_both_come(
    world: World, called_up: tuple[int, list[Known]], monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    session_id, two = called_up
    monkeypatch.setattr(
        places, "_taken", MeetOnce(places._taken, parties=2, when=engine_name == "postgresql")
    )
    with without_the_index(world.app):
        at_once(world.app, [partial(come, known.case_id) for known in two])
        sold = len(holders(world, session_id))
    assert sold == (2 if engine_name == "postgresql" else 1)
