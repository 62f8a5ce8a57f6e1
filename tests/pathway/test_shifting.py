"""A session at another time: places are kept, everybody is told once and reminded anew; the past never moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from provider.domain.contact.models import Task
from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.courses.places import SessionNotOpen
from provider.domain.diary.models import DiaryCell
from provider.domain.messaging.models import Text
from provider.domain.referrals.status import Status
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db, transaction
from provider.pathway import allocating, scheduling, shifting
from provider.pathway.facilitating import FacilitatorBusy
from provider.pathway.scheduling import SessionInThePast
from provider.pathway.shifting import SameTime, SessionHasBegun
from tests.builders import add_session
from tests.cases import Known, add_case, status_of
from tests.fakes import A_TUESDAY
from tests.pathway.walking import Walk

NEXT_WEEK = A_TUESDAY.replace(hour=18, minute=0) + timedelta(days=7)
LATER = NEXT_WEEK + timedelta(days=2, hours=-8)


@pytest.fixture
def session_id(walk: Walk) -> int:
    return add_session(walk.world, course="awareness", starts_at=NEXT_WEEK, capacity=2)


def placed(walk: Walk, session_id: int, name: str = "Sam", **how: object) -> Known:
    known = add_case(walk.world, given_name=name, **how)  # type: ignore[arg-type]
    with transaction():
        allocating.give_place(known.case_id, session_id, by=walk.worker, now=walk.now)
    return known


def move(walk: Walk, session_id: int, to: datetime) -> int:
    with transaction():
        return shifting.move_session(session_id, starts_at=to, by=walk.lead, now=walk.now)


def planned(known: Known) -> list[tuple[str, datetime]]:
    texts = sa.select(Text.kind, Text.due_at).where(Text.case_id == known.case_id, Text.state == "planned")
    return [(row[0], row[1]) for row in db.session.execute(texts.order_by(Text.due_at, Text.id))]


def test_everybody_keeps_their_place_is_told_and_reminded_of_the_new_time_alone(
    walk: Walk, session_id: int
) -> None:
    first, second = placed(walk, session_id), placed(walk, session_id, "Alex")
    walk.clock.advance(minutes=1)
    assert move(walk, session_id, LATER) == 2
    for known in (first, second):
        texts = planned(known)
        assert texts[0] == ("course_moved", walk.now)
        assert texts[-1] == ("course_reminder_1h", LATER - timedelta(hours=1))
        assert "course_booked" not in dict(texts)
        assert {
            due.date() for kind, due in texts if kind.startswith("course_reminder_") and kind.endswith("d")
        } == {(LATER - timedelta(days=days)).date() for days in (7, 3, 1)}
        assert status_of(walk.world, known) == Status.PLACED
    held = db.session.scalars(sa.select(Place.released_at)).all()
    assert held == [None, None]


def test_moved_there_and_back_they_are_told_each_time(walk: Walk, session_id: int) -> None:
    known = placed(walk, session_id)
    for to in (LATER, NEXT_WEEK, LATER):
        walk.clock.advance(minutes=1)
        move(walk, session_id, to)
    texts = planned(known)
    assert [kind for kind, _ in texts].count("course_moved") == 1
    assert texts[-1] == ("course_reminder_1h", LATER - timedelta(hours=1))
    every = db.session.scalars(sa.select(Text.kind).where(Text.case_id == known.case_id)).all()
    assert every.count("course_moved") == 3


@pytest.mark.parametrize("ago", [timedelta(), timedelta(minutes=1), timedelta(days=3)])
def test_a_session_that_has_begun_never_moves(walk: Walk, session_id: int, ago: timedelta) -> None:
    walk.clock.set(NEXT_WEEK + ago)
    with pytest.raises(SessionHasBegun):
        move(walk, session_id, NEXT_WEEK + timedelta(days=30))
    assert db.session.get_one(CourseSession, session_id).starts_at == NEXT_WEEK


def test_none_is_moved_into_the_past_or_nowhere_or_once_cancelled(walk: Walk, session_id: int) -> None:
    with pytest.raises(SessionInThePast):
        move(walk, session_id, walk.now)
    with pytest.raises(SameTime):
        move(walk, session_id, NEXT_WEEK)
    with transaction():
        scheduling.cancel_session(session_id, by=walk.lead, now=walk.now)
    with pytest.raises(SessionNotOpen):
        move(walk, session_id, LATER)


def test_its_facilitator_comes_along_or_it_stays(walk: Walk, session_id: int) -> None:
    other = add_session(walk.world, course="cannabis", starts_at=LATER + timedelta(hours=1))
    with pytest.raises(FacilitatorBusy):
        move(walk, session_id, LATER)
    assert db.session.get_one(CourseSession, session_id).starts_at == NEXT_WEEK
    with transaction():
        scheduling.cancel_session(other, by=walk.lead, now=walk.now)
    move(walk, session_id, LATER)
    cells = db.session.scalars(sa.select(DiaryCell.cell).order_by(DiaryCell.cell)).all()
    assert cells == list(quarter_hours(LATER, 150))


def test_a_little_later_on_the_same_evening_is_no_clash_with_itself(walk: Walk, session_id: int) -> None:
    assert move(walk, session_id, NEXT_WEEK + timedelta(minutes=30)) == 0


def test_booking_closes_as_long_before_as_it_did(walk: Walk, session_id: int) -> None:
    with transaction():
        db.session.get_one(CourseSession, session_id).closes_at = NEXT_WEEK - timedelta(hours=5)
    move(walk, session_id, LATER)
    assert db.session.get_one(CourseSession, session_id).closes_at == LATER - timedelta(hours=5)


def test_who_turns_eighteen_before_the_new_time_is_a_task_and_sits_with_nobody(walk: Walk) -> None:
    young = add_session(walk.world, course="young-people", starts_at=NEXT_WEEK)
    birthday = NEXT_WEEK.date() + timedelta(days=1)
    turning = placed(walk, young, born=birthday.replace(year=2008), scheme="divert-young-people")
    staying = placed(walk, young, "Alex", born=date(2010, 1, 1), scheme="divert-young-people")
    assert move(walk, young, LATER) == 1
    assert status_of(walk.world, turning) == Status.ASSESSED
    assert status_of(walk.world, staying) == Status.PLACED
    tasks = sa.select(Task.case_id).where(Task.kind == "place", Task.done_at.is_(None))
    assert db.session.scalars(tasks).all() == [turning.case_id]
    assert planned(turning) == []


def test_an_offer_is_made_anew_for_the_new_time(walk: Walk, session_id: int) -> None:
    holder = placed(walk, session_id)
    placed(walk, session_id, "Alex")
    waiter = add_case(walk.world, given_name="Jo")
    with transaction():
        allocating.wait_for_place(
            waiter.case_id, walk.world.courses["awareness"], by=walk.worker, now=walk.now
        )
    with transaction():
        allocating.give_back_place(holder.case_id, because="asked", by=walk.worker, now=walk.now)
    walk.clock.advance(minutes=1)
    assert move(walk, session_id, LATER) == 1
    waiting = db.session.scalars(sa.select(Waiting).where(Waiting.case_id == waiter.case_id)).one()
    assert waiting.offered_place_id is not None
    assert [kind for kind, _ in planned(waiter)].count("place_offered") == 1


def test_both_nights_of_the_clock_are_told_apart(walk: Walk) -> None:
    """02:30 summer time and 01:30 after the clock went back are an hour apart, and each is where it says."""
    walk.clock.set(datetime(2026, 10, 20, 9, tzinfo=UTC))
    early = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    session_id = add_session(walk.world, course="awareness", starts_at=early)
    known = placed(walk, session_id)
    move(walk, session_id, early + timedelta(hours=1))
    assert planned(known)[-1] == ("course_reminder_1h", early)
