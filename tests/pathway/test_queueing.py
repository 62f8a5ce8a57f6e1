"""The order of a waiting list: of joining, and ahead of it whoever was put there for a reason that is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.courses.models import Waiting
from provider.domain.courses.waiting import Ahead
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import allocating, offering, queueing
from tests.pathway.walking import Walk, audited, checked, places, waits

NAMES = ("Alex", "Billie", "Chris", "Dana")


@pytest.fixture
def queue(walk: Walk) -> list[Referral]:
    """Four people on the list, in their order."""
    waiting = []
    for name in NAMES:
        referral = walk.referred(person=checked(given_name=name))
        walk.assessed(referral)
        walk.waiting(referral)
        walk.clock.advance(minutes=1)
        waiting.append(referral)
    return waiting


def ahead(walk: Walk, referral: Referral, because: Ahead = Ahead.DEADLINE) -> None:
    case_id = walk.case(referral).id
    with transaction():
        queueing.put_ahead(case_id, because=because, by=walk.worker, now=walk.now)


def offered_in_turn(walk: Walk, queue: list[Referral]) -> list[str]:
    """Whom one free place after the other is offered to."""
    seen: list[str] = []
    for day in range(len(queue)):
        walk.offered(walk.session(days=5 + day, capacity=1))
        for name, referral in zip(NAMES, queue, strict=True):
            waiting = waits(walk.case(referral))
            if waiting is not None and waiting.offered_place_id is not None and name not in seen:
                seen.append(name)
    return seen


def test_places_are_offered_in_the_order_of_joining(walk: Walk, queue: list[Referral]) -> None:
    assert offered_in_turn(walk, queue) == list(NAMES)


def test_who_joined_at_the_same_moment_has_the_turn_of_who_was_put_on_first(
    walk: Walk, queue: list[Referral]
) -> None:
    with transaction():
        db.session.execute(sa.update(Waiting).values(joined_at=walk.now))
    assert offered_in_turn(walk, queue) == list(NAMES)


def test_who_is_put_ahead_comes_first_and_among_them_who_joined_first(
    walk: Walk, queue: list[Referral]
) -> None:
    ahead(walk, queue[3])
    ahead(walk, queue[1])
    assert offered_in_turn(walk, queue) == ["Billie", "Dana", "Alex", "Chris"]


def test_back_in_order_is_the_turn_of_joining(walk: Walk, queue: list[Referral]) -> None:
    ahead(walk, queue[3])
    case_id = walk.case(queue[3]).id
    with transaction():
        queueing.put_in_order(case_id, by=walk.worker, now=walk.now)
    assert offered_in_turn(walk, queue) == list(NAMES)


def test_the_reason_and_whose_word_it_is_are_kept(walk: Walk, queue: list[Referral]) -> None:
    ahead(walk, queue[2], Ahead.ACCESS)
    case = walk.case(queue[2])
    waiting = waits(case)
    assert waiting is not None
    kept = (waiting.ahead_because, waiting.ahead_by, waiting.ahead_at)
    assert kept == ("access", str(walk.worker), walk.now)
    assert "turn.put_ahead" in audited(subject="case", subject_id=case.id)


def test_nobody_is_ahead_without_a_reason(queue: list[Referral]) -> None:
    """The database says so."""
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(sa.update(Waiting).values(rank=0))


def test_who_does_not_wait_cannot_be_put_ahead(walk: Walk, queue: list[Referral]) -> None:
    walk.placed(queue[0], walk.session(days=5))
    with pytest.raises(allocating.NotWaiting):
        ahead(walk, queue[0])


WAYS = ("given back by a worker", "given back by the person", "moved", "no thanks", "let pass", "taken off")


@pytest.mark.parametrize("way", WAYS)
def test_a_place_given_up_in_whatever_way_is_not_offered_to_them_again(
    walk: Walk, queue: list[Referral], way: str
) -> None:
    """Neither at once, nor when the job looks for free places later."""
    alex = queue[0]
    case_id, session_id, other_id = walk.case(alex).id, walk.session(days=20), walk.session(days=30)
    by = walk.worker
    if way in {"given back by a worker", "given back by the person", "moved"}:
        walk.placed(alex, session_id)
    else:
        walk.offered(session_id)
    with transaction():
        if way.startswith("given back"):
            allocating.give_back_place(case_id, because="asked", by=by, now=walk.now)
        elif way == "moved":
            allocating.move_place(case_id, other_id, by=by, now=walk.now)
        elif way == "no thanks":
            offering.refuse_offer(case_id, by=by, now=walk.now)
        elif way == "taken off":
            allocating.stop_waiting(case_id, by=by, now=walk.now)
        else:
            waiting = waits(walk.case(alex))
            assert waiting is not None
            assert offering.end_offer(waiting.id, now=walk.now + timedelta(days=2)) == session_id
    if way == "moved":
        with transaction():
            allocating.give_back_place(case_id, because="asked", by=by, now=walk.now)
    if waits(walk.case(alex)) is None:
        walk.waiting(alex)
    walk.clock.advance(days=3)
    walk.offered(session_id)
    held = [one for one in places(walk.case(alex)) if one.session_id == session_id and not one.released_at]
    assert held == []
