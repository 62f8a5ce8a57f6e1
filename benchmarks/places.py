"""Places: bookings a second under 16 clients, for numbers that the database keeps unique against counting and then
inserting under the session's row lock, in alternating rounds; and storms of 200 people for 12 places.

The number alone is measured, and the whole booking: the case's turn, the referral's move, the audit and the texts.
``python -m benchmarks.places [--storms 20] [--rounds 5] [--people 480] [--only sqlite|postgresql]``; with ``--storms``
the storms alone. Ends non-zero where one of them oversold, or the control did not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Barrier

import sqlalchemy as sa
from flask import Flask

from benchmarks.databases import each_engine
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.places import SessionFull, take_place
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world
from tests.cases import add_cases
from tests.fakes import A_TUESDAY
from tests.races import storming
from tests.races.storming import Outcome
from tests.races.together import at_once

CLIENTS, PROCESSES, EACH = 16, 4, 12
WORKER = Actor("account", 1)


def lock_session(session_id: int) -> None:
    """What the peer does first: nobody else books in this session until the transaction ends."""
    db.session.execute(sa.select(CourseSession.id).where(CourseSession.id == session_id).with_for_update())


def count_then_insert(session_id: int, *, case_id: int, by: Actor, now: datetime) -> Place:
    """The peer: the session locked, its places counted, the next inserted."""
    session = sa.select(CourseSession.capacity).where(CourseSession.id == session_id).with_for_update()
    capacity = db.session.scalars(session).one()
    held = sa.select(sa.func.count()).where(Place.session_id == session_id, Place.released_at.is_(None))
    count = db.session.scalars(held).one()
    if count >= capacity:
        raise SessionFull
    place = Place(
        session_id=session_id,
        number=count + 1,
        case_id=case_id,
        alias=f"p{session_id}-{count}",
        created_at=now,
        created_by=str(by),
    )
    db.session.add(place)
    db.session.flush()
    return place


def number_alone(take: Callable[..., Place], case_id: int, session_id: int) -> None:
    with transaction():
        take(session_id, case_id=case_id, by=WORKER, now=A_TUESDAY)


def far_away(take: Callable[..., Place], case_id: int, session_id: int) -> None:
    """As where the database is on another machine: ten milliseconds of a booking are spent on the way."""
    with transaction():
        take(session_id, case_id=case_id, by=WORKER, now=A_TUESDAY)
        time.sleep(0.01)


def whole_booking(case_id: int, session_id: int) -> None:
    with transaction():
        allocating.give_place(case_id, session_id, by=WORKER, now=A_TUESDAY)


@contextmanager
def by_counting() -> Iterator[None]:
    """The whole booking with the peer in the place of ours."""
    ours = allocating.take_place, allocating.keep_open
    allocating.take_place, allocating.keep_open = count_then_insert, lock_session
    try:
        yield
    finally:
        allocating.take_place, allocating.keep_open = ours


def bookings(world: World, book: Callable[[int, int], None], *, people: int) -> float:
    """Bookings a second: one session after the other is filled, by people who were never booked before."""
    cases = [known.case_id for known in add_cases(world, people)]
    sessions = [
        add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=9), capacity=EACH)
        for _ in range(-(-people // EACH))
    ]
    things = [partial(book, case_id, sessions[nth // EACH]) for nth, case_id in enumerate(cases)]
    with world.app.app_context():
        db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(PROCESSES + 1)
    clients = [
        fork.Process(target=_clients, args=(world, start, things[nth::PROCESSES])) for nth in range(PROCESSES)
    ]
    for client in clients:
        client.start()
    start.wait()
    began = time.perf_counter()
    for client in clients:
        client.join()
    took = time.perf_counter() - began
    if any(client.exitcode for client in clients):
        raise RuntimeError("somebody was refused a place that was free")
    return people / took


def _clients(world: World, start: Barrier, things: Sequence[Callable[[], None]]) -> None:
    """One process of several clients; its connections are its own."""
    with world.app.app_context():
        db.engine.dispose(close=False)
    at_once(world.app, [partial(db.session.execute, sa.text("SELECT 1"))] * (CLIENTS // PROCESSES))
    start.wait()
    sys.exit(any(at_once(world.app, things, threads=CLIENTS // PROCESSES)))


def measure(engine: str, app: Flask, *, rounds: int, people: int) -> None:
    world = build_world(app)
    for name, ours, theirs in (
        ("the number alone", partial(number_alone, take_place), partial(number_alone, count_then_insert)),
        (
            "the number and 10 ms on the way",
            partial(far_away, take_place),
            partial(far_away, count_then_insert),
        ),
        ("the whole booking", whole_booking, whole_booking),
    ):
        pairs = []
        for _ in range(rounds):
            mine = bookings(world, ours, people=people)
            with by_counting():
                pairs.append((mine, bookings(world, theirs, people=people)))
        print(f"{engine}, {name}: " + _compared(pairs))


def _compared(pairs: Sequence[tuple[float, float]]) -> str:
    mine, peer = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    return f"{mine:.0f} bookings a second, counting under the row lock {peer:.0f}, ratio {ratio:.2f}"


def storms(engine: str, app: Flask, *, times: int) -> bool:
    """Rushes, storms and one control; answers whether all came out as they should."""
    world, rushes, mixed = build_world(app), [], []
    for seed in range(1, times + 1):
        rushes.append(_alone(world, storming.rush))
        mixed.append(_alone(world, partial(storming.mixed, seed=seed)))
    with app.app_context():
        next(each for each in Place.__table__.indexes if each.name == "uq_places_number").drop(db.engine)  # type: ignore[attr-defined]
    control = _alone(world, partial(storming.rush, book=storming.count_then_insert))
    exact = sum(each.sold == [storming.PLACES] for each in rushes)
    wrong = sum(len(each.wrong) for each in rushes + mixed)
    _tell(engine, exact, wrong, mixed, control)
    return not wrong and exact == times and control.sold > [storming.PLACES]


def _tell(engine: str, exact: int, wrong: int, mixed: Sequence[Outcome], control: Outcome) -> None:
    changes = sum(
        count for each in mixed for answer, count in each.answers.items() if answer.endswith("done")
    )
    looks = sum(each.looks for each in mixed)
    print(
        f"{engine}: {exact} of {len(mixed)} rushes of {storming.PEOPLE} people sold {storming.PLACES} places exactly"
    )
    print(f"{engine}: {len(mixed)} storms with {changes:,} changes; {wrong} things wrong in {looks:,} looks")
    print(f"{engine}, control (count, then insert): {control.sold[0]} sold of {storming.PLACES}")


def _alone(world: World, storm: Callable[[World], Outcome]) -> Outcome:
    """One storm, of which nothing is held any more when the next begins."""
    outcome = storm(world)
    with world.app.app_context(), transaction():
        db.session.execute(sa.update(Waiting).where(Waiting.left_at.is_(None)).values(left_at=A_TUESDAY))
        db.session.execute(sa.update(Place).where(Place.released_at.is_(None)).values(released_at=A_TUESDAY))
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storms", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=480)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    well = True
    for engine, app in each_engine(only=given.only):
        if given.storms:
            well &= storms(engine, app, times=given.storms)
        else:
            measure(engine, app, rounds=given.rounds, people=given.people)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
