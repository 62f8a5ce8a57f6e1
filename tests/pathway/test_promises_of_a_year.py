"""The looks that a year is held to see what they look for: each breach is written past the pathway, and found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.courses.models import Place, Waiting
from provider.domain.diary.models import Appointment
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.database import db, transaction
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY
from tests.pathway.walking import Walk
from tests.year import promises

NEXT_WEEK = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def place(session_id: int, number: int, case_id: int) -> Place:
    return Place(
        session_id=session_id,
        number=number,
        case_id=case_id,
        alias=f"p{number}-{case_id}",
        created_at=A_TUESDAY,
        created_by="test",
    )


def call(world: World, case_id: int, *, minutes: int = 0, who: str = "drug_worker") -> Appointment:
    return Appointment(
        case_id=case_id,
        worker_id=world.accounts[who],
        kind="assessment",
        starts_at=NEXT_WEEK + timedelta(minutes=minutes),
        minutes=45,
        state="booked",
        state_at=A_TUESDAY,
        booked_by="test",
    )


def two_calls_at_once(world: World) -> None:
    for minutes in (0, 30):
        case_id = add_case(world, given_name=f"Sam{minutes}", status=Status.ASSESSMENT_BOOKED).case_id
        with transaction() as session:
            session.add(call(world, case_id, minutes=minutes))


def a_call_during_a_session(world: World) -> None:
    case_id = add_case(world, status=Status.ASSESSMENT_BOOKED).case_id
    add_session(world, course="awareness", starts_at=NEXT_WEEK)
    with transaction() as session:
        session.add(call(world, case_id, minutes=30, who="facilitator"))


def stands_still(world: World) -> None:
    add_case(world, status=Status.WAITING)


def one_too_many(world: World) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK, capacity=1)
    for number in (1, 2):
        case_id = add_case(world, given_name=f"Sam{number}", status=Status.PLACED).case_id
        with transaction() as session:
            session.add(place(session_id, number, case_id))


def waits_beside_a_place(world: World) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    case_id = add_case(world, status=Status.PLACED).case_id
    with transaction() as session:
        session.add(place(session_id, 1, case_id))
        session.add(Waiting(case_id=case_id, course_id=world.courses["awareness"], joined_at=A_TUESDAY))


def waits_beside_a_call(world: World) -> None:
    case_id = add_case(world, status=Status.WAITING).case_id
    with transaction() as session:
        session.add(call(world, case_id))
        session.add(Waiting(case_id=case_id, course_id=world.courses["awareness"], joined_at=A_TUESDAY))


def a_child_among_adults(world: World) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    case_id = add_case(world, status=Status.PLACED, born=date(2010, 1, 1)).case_id
    with transaction() as session:
        session.add(place(session_id, 1, case_id))


BREACHES: Sequence[tuple[Callable[[], list[str]], Callable[[World], None]]] = (
    (promises.double_bookings, two_calls_at_once),
    (promises.double_bookings, a_call_during_a_session),
    (promises.oversold_sessions, one_too_many),
    (promises.waiting_and_placed, waits_beside_a_place),
    (promises.waiting_and_placed, waits_beside_a_call),
    (promises.children_among_adults, a_child_among_adults),
    (promises.nobodys_work, stands_still),
)


def test_every_look_has_a_breach_to_see() -> None:
    assert {look for look, _ in BREACHES} == set(promises.AT_ANY_TIME)


@pytest.mark.parametrize(("look", "breach"), BREACHES, ids=lambda each: each.__name__)
def test_a_breach_is_seen_where_there_was_none(
    world: World, look: Callable[[], list[str]], breach: Callable[[World], None]
) -> None:
    with world.app.app_context():
        assert look() == []
        breach(world)
        db.session.rollback()  # the look before it still reads what was there then
        assert len(look()) == 1


def test_a_referral_that_stands_still_past_its_deadline_is_left_behind(walk: Walk) -> None:
    walk.referred()
    assert promises.left_behind(walk.now) == []
    assert len(promises.left_behind(walk.now + timedelta(days=60))) == 2  # the first call, and the assessment


def test_a_force_that_was_not_told_is_found_out(walk: Walk) -> None:
    told = walk.referred()
    assert promises.feeds_that_differ(walk.world.forces) == []
    with transaction() as session:
        session.execute(sa.update(Referral).where(Referral.id == told.id).values(level="assessment"))
        session.execute(sa.update(Referral).where(Referral.id == told.id).values(status=Status.COMPLETED))
    assert len(promises.feeds_that_differ(walk.world.forces)) == 1
