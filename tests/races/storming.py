"""Two hundred people for twelve places over sixteen connections: one rush for them, and a storm in which places are
also given back, changed for others, offered, refused and let pass, and made more and fewer meanwhile.

Somebody looks all the while, and once more when it is over. The suite and ``benchmarks.places`` run the same.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.offers import passed_offers
from provider.domain.courses.places import SessionFull
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.kernel.errors import Refusal
from provider.pathway import allocating, altering, giving_back, offering, scheduling
from tests.builders import World, add_session
from tests.cases import add_cases
from tests.fakes import A_TUESDAY
from tests.races.together import at_once

PEOPLE, PLACES, CONNECTIONS = 200, 12, 16
SESSIONS = 3
CHANGES = 40
WORKER = Actor("account", 1)
DONE: dict[str, Any] = {"by": WORKER, "now": A_TUESDAY}
LATER = A_TUESDAY + timedelta(days=4)
"""When every offer's time has passed."""

Book = Callable[[int, int], object]
"""Gives a case (the first) a place in a session (the second), or raises SessionFull."""


@dataclass
class Outcome:
    """``wrong``: what was never to be seen, in words; ``sold`` counts the holders of each session."""

    answers: Counter[str]
    sold: list[int]
    wrong: list[str] = field(default_factory=list)
    looks: int = 0


def give(case_id: int, session_id: int) -> object:
    with transaction():
        return allocating.give_place(case_id, session_id, **DONE)


def count_then_insert(case_id: int, session_id: int) -> object:
    """What is usually written: look whether there is room, and then take it."""
    held = sa.select(sa.func.count()).where(Place.session_id == session_id, Place.released_at.is_(None))
    count = db.session.scalars(held).one()
    if count >= PLACES:
        raise SessionFull
    time.sleep(0.005)
    with transaction():
        place = Place(
            session_id=session_id,
            number=count + 1,
            case_id=case_id,
            alias=f"p{case_id}",
            created_at=A_TUESDAY,
            created_by="naive",
        )
        db.session.add(place)
        db.session.flush()
    return place


def rush(world: World, *, book: Book = give) -> Outcome:
    """Everybody wants the one session, at once."""
    storm = Storm(world, sessions=1, seed=0)
    return storm.watched(
        [partial(_try, partial(book, case_id, storm.sessions[0])) for case_id in storm.cases]
    )


def mixed(world: World, *, seed: int) -> Outcome:
    """Everybody wants a place in one of three sessions, and changes their mind; the sessions change too."""
    storm = Storm(world, sessions=SESSIONS, seed=seed)
    outcome = storm.watched([partial(storm.change, seed * 1000 + thread) for thread in range(CONNECTIONS)])
    with world.app.app_context():
        storm.offer_all()
        outcome.wrong += storm.look() + storm.disagree() + storm.left_empty()
        outcome.sold = storm.sold()
    return outcome


def _try(thing: Callable[[], object]) -> str:
    try:
        thing()
    except Refusal as refusal:
        return refusal.code
    return "done"


class Storm:
    """People, and sessions of twelve places."""

    def __init__(self, world: World, *, sessions: int, seed: int) -> None:
        self.world = world
        self.cases = [known.case_id for known in add_cases(world, PEOPLE)]
        self.sessions = [
            add_session(
                world, course="awareness", starts_at=A_TUESDAY + timedelta(days=10 + day), capacity=PLACES
            )
            for day in range(sessions)
        ]

    def watched(self, things: Sequence[Callable[[], Any]]) -> Outcome:
        """Do all of it at once, and look all the while."""
        over, seen = threading.Event(), Outcome(Counter(), [])
        watcher = threading.Thread(target=self.watch, args=(over, seen))
        watcher.start()
        try:
            answers = at_once(self.world.app, things, threads=CONNECTIONS)
        finally:
            over.set()
            watcher.join()
        for answer in answers:
            seen.answers.update([answer] if isinstance(answer, str) else answer)
        with self.world.app.app_context():
            seen.wrong += self.look()
            seen.sold = self.sold()
        return seen

    def watch(self, over: threading.Event, seen: Outcome) -> None:
        with self.world.app.app_context():
            while not over.wait(0.02):
                seen.wrong += self.look()
                seen.looks += 1

    def change(self, seed: int) -> Counter[str]:
        """One connection's changes, each in a transaction of its own, chosen by dice; answers what came of them."""
        dice, came_to = random.Random(seed), Counter[str]()
        for _ in range(CHANGES):
            case_id, session_id = dice.choice(self.cases), dice.choice(self.sessions)
            name = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            change = partial(getattr(self, name), case_id, session_id, dice)
            came_to[f"{name}: {_try(partial(_in_transaction, change))}"] += 1
            db.session.rollback()
        return came_to

    def give(self, case_id: int, session_id: int, _dice: random.Random) -> None:
        try:
            allocating.give_place(case_id, session_id, **DONE)
        except SessionFull:
            allocating.wait_for_place(case_id, self.world.courses["awareness"], **DONE)

    def rebook(self, _case_id: int, session_id: int, dice: random.Random) -> None:
        allocating.move_place(self._somebody_placed(dice), session_id, **DONE)

    def cancel(self, _case_id: int, _session_id: int, dice: random.Random) -> None:
        allocating.give_back_place(self._somebody_placed(dice), because="asked", **DONE)

    def give_back(self, _case_id: int, _session_id: int, dice: random.Random) -> None:
        giving_back.cannot_come(self._somebody_placed(dice), **DONE)

    def accept(self, _case_id: int, _session_id: int, dice: random.Random) -> None:
        offering.accept_offer(self._somebody_asked(dice), **DONE)

    def refuse(self, _case_id: int, _session_id: int, dice: random.Random) -> None:
        offering.refuse_offer(self._somebody_asked(dice), **DONE)

    def let_pass(self, _case_id: int, _session_id: int, dice: random.Random) -> None:
        passed = passed_offers(now=LATER)
        if passed:
            offering.end_offer(dice.choice(passed), now=LATER)

    def offer(self, _case_id: int, session_id: int, _dice: random.Random) -> None:
        offering.offer_free_places(session_id, **DONE)

    def more(self, _case_id: int, session_id: int, dice: random.Random) -> None:
        self._alter(session_id, dice.randint(1, 3))

    def fewer(self, _case_id: int, session_id: int, dice: random.Random) -> None:
        self._alter(session_id, -dice.randint(1, 3))

    def _alter(self, session_id: int, by_so_many: int) -> None:
        session = db.session.get_one(CourseSession, session_id)
        capacity = max(1, session.capacity + by_so_many)
        altering.alter_session(session_id, replace(_as_it_is(session), capacity=capacity), **DONE)

    def _somebody_placed(self, dice: random.Random) -> int:
        """Their case, or anybody's while nobody is."""
        placed = sa.select(Place.case_id).where(Place.session_id.in_(self.sessions), *_COMING)
        return dice.choice(db.session.scalars(placed.order_by(Place.id)).all() or self.cases)

    def _somebody_asked(self, dice: random.Random) -> int:
        asked = sa.select(Waiting.case_id).where(
            Waiting.offered_place_id.is_not(None), Waiting.left_at.is_(None)
        )
        found = db.session.scalars(asked.order_by(Waiting.id)).all()
        if not found:
            raise offering.NoOffer
        return dice.choice(found)

    def look(self) -> list[str]:
        """What is wrong just now. Nobody changes how many places there are meanwhile."""
        with transaction():
            capacities = db.session.execute(
                sa.select(CourseSession.id, CourseSession.capacity)
                .where(CourseSession.id.in_(self.sessions))
                .order_by(CourseSession.id)
                .with_for_update(read=True)
            ).all()
            held = _count(Place.session_id, *_HELD)
            wrong = [
                f"{held[session_id]} hold {capacity} places"
                for session_id, capacity in capacities
                if held[session_id] > capacity
            ]
            wrong += [f"number {key} twice" for key in _twice(Place.session_id, Place.number, where=_HELD)]
            wrong += [f"case {key} twice" for key in _twice(Place.case_id, where=_COMING)]
            both = sa.select(Place.case_id).join(Waiting, Waiting.case_id == Place.case_id)
            both = both.where(*_COMING, Waiting.left_at.is_(None), _is_not_offered())
            return wrong + [f"case {one} waits and is placed" for one in db.session.scalars(both)]

    def sold(self) -> list[int]:
        held = _count(Place.session_id, *_HELD)
        return [held[session_id] for session_id in self.sessions]

    def offer_all(self) -> None:
        with transaction():
            scheduling.offer_course_places(self.world.courses["awareness"], **DONE)

    def disagree(self) -> list[str]:
        """Where a referral's status says something other than what its case holds."""
        rows = db.session.execute(
            sa.select(Referral.case_id, Referral.status, Waiting.id.label("waits"), Place.id.label("place"))
            .outerjoin(Waiting, sa.and_(Waiting.case_id == Referral.case_id, Waiting.left_at.is_(None)))
            .outerjoin(Place, sa.and_(Place.case_id == Referral.case_id, *_COMING))
            .where(Referral.case_id.in_(self.cases))
            .order_by(Referral.id)
        )
        return [
            f"case {row.case_id} is {row.status}"
            for row in rows
            if (row.waits is not None) != (row.status == Status.WAITING)
            or (row.place is not None and row.waits is None) != (row.status == Status.PLACED)
        ]

    def left_empty(self) -> list[str]:
        """Where a place stays free although somebody waits who never gave one up there."""
        held, wrong = _count(Place.session_id, *_HELD), []
        ours = sa.select(CourseSession).where(CourseSession.id.in_(self.sessions))
        for session in db.session.scalars(ours.order_by(CourseSession.id)):
            gave_up = sa.select(Place.case_id).where(
                Place.session_id == session.id, Place.released_at.is_not(None)
            )
            waits = sa.select(Waiting.id).where(
                Waiting.left_at.is_(None), Waiting.offered_place_id.is_(None), Waiting.case_id.not_in(gave_up)
            )
            if held[session.id] < session.capacity and db.session.scalars(waits.limit(1)).first():
                wrong.append(f"session {session.id} has a place that nobody was offered")
        return wrong


WEIGHTS = {
    "give": 10,
    "rebook": 5,
    "cancel": 4,
    "give_back": 4,
    "accept": 5,
    "refuse": 4,
    "let_pass": 2,
    "offer": 2,
    "more": 1,
    "fewer": 2,
}

_HELD = (Place.released_at.is_(None),)
_COMING = (Place.released_at.is_(None), Place.attendance.is_(None))


def _in_transaction(change: Callable[[], object]) -> None:
    with transaction():
        change()


def _as_it_is(session: CourseSession) -> altering.Altered:
    return altering.Altered(**{each.name: getattr(session, each.name) for each in fields(altering.Altered)})


def _is_not_offered() -> sa.ColumnElement[bool]:
    return Waiting.offered_place_id.is_distinct_from(Place.id)


def _count(column: Any, *where: sa.ColumnElement[bool]) -> Counter[Any]:
    rows = db.session.execute(sa.select(column, sa.func.count()).where(*where).group_by(column))
    return Counter(dict(rows.all()))


def _twice(*columns: Any, where: tuple[sa.ColumnElement[bool], ...]) -> list[tuple[Any, ...]]:
    found = sa.select(*columns).where(*where).group_by(*columns).having(sa.func.count() > 1)
    return [tuple(row) for row in db.session.execute(found)]
