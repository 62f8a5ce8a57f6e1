"""Until when a session can be booked: after its closing time nobody gets a place, and nobody is offered one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.open_sessions import sessions_for
from provider.domain.courses.models import CourseSession, Waiting
from provider.domain.courses.places import SessionNotOpen
from provider.domain.courses.sessions import is_open
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import add_session
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY
from tests.pathway.walking import Walk

TOMORROW = A_TUESDAY + timedelta(days=1)
BORN = date(2000, 5, 14)
CLOSES = TOMORROW - timedelta(hours=3)


@pytest.fixture
def session_id(walk: Walk) -> int:
    session_id = add_session(walk.world, course="awareness", starts_at=TOMORROW, capacity=2)
    with transaction():
        db.session.get_one(CourseSession, session_id).closes_at = CLOSES
    return session_id


def give(walk: Walk, known: Known, session_id: int) -> None:
    with transaction():
        allocating.give_place(known.case_id, session_id, by=walk.worker, now=walk.now)


def test_a_place_is_given_until_it_closes_and_not_after(walk: Walk, session_id: int) -> None:
    first, second = add_case(walk.world), add_case(walk.world, given_name="Alex")
    walk.clock.set(CLOSES - timedelta(seconds=1))
    give(walk, first, session_id)
    walk.clock.set(CLOSES)
    assert not is_open(db.session.get_one(CourseSession, session_id), walk.now)
    with pytest.raises(SessionNotOpen):
        give(walk, second, session_id)


def test_a_session_that_has_closed_is_not_shown_to_be_booked(walk: Walk, session_id: int) -> None:
    known = add_case(walk.world)
    shown = [one.id for one in sessions_for(known.case_id, BORN, now=CLOSES - timedelta(minutes=1))]
    assert shown == [session_id]
    assert sessions_for(known.case_id, BORN, now=CLOSES) == []


def test_an_offer_ends_when_the_session_closes(walk: Walk, session_id: int) -> None:
    holder, waiter = add_case(walk.world), add_case(walk.world, given_name="Alex")
    give(walk, holder, session_id)
    give(walk, add_case(walk.world, given_name="Jo"), session_id)
    with transaction():
        allocating.wait_for_place(
            waiter.case_id, walk.world.courses["awareness"], by=walk.worker, now=walk.now
        )
    walk.clock.set(CLOSES - timedelta(hours=16))
    with transaction():
        allocating.give_back_place(holder.case_id, because="asked", by=walk.worker, now=walk.now)
    waiting = db.session.scalars(sa.select(Waiting).where(Waiting.case_id == waiter.case_id)).one()
    assert waiting.offer_ends_at == CLOSES


def test_a_place_that_comes_free_after_it_closed_is_offered_to_nobody(walk: Walk, session_id: int) -> None:
    holder, waiter = add_case(walk.world), add_case(walk.world, given_name="Alex")
    give(walk, holder, session_id)
    give(walk, add_case(walk.world, given_name="Jo"), session_id)
    with transaction():
        allocating.wait_for_place(
            waiter.case_id, walk.world.courses["awareness"], by=walk.worker, now=walk.now
        )
    walk.clock.set(CLOSES + timedelta(minutes=1))
    with transaction():
        allocating.give_back_place(holder.case_id, because="asked", by=walk.worker, now=walk.now)
    waiting = db.session.scalars(sa.select(Waiting).where(Waiting.case_id == waiter.case_id)).one()
    assert waiting.offered_place_id is None


def test_a_session_cannot_close_after_it_began(walk: Walk, session_id: int) -> None:
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.get_one(CourseSession, session_id).closes_at = TOMORROW + timedelta(minutes=1)
