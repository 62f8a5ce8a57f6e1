"""More places than seats: only where a course is set so, by its own show rate, and never past the cap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.kinds import kind_of
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.courses.places import SessionFull
from provider.domain.courses.sessions import PlannedSession
from provider.kernel.database import db, transaction
from provider.pathway import altering, running, scheduling
from provider.pathway.altering import Altered
from tests.cases import add_case
from tests.desk import somebody
from tests.pathway.walking import Walk

SEATS = 10


def registers(
    walk: Walk,
    *,
    places: int = 40,
    came: int = 32,
    days_ago: int = 14,
    otherwise: Attendance = Attendance.UAAB,
) -> None:
    """What the registers of the course say."""
    session_id = walk.session(days=-days_ago, capacity=100)
    cases = [add_case(walk.world, given_name=f"Sam{number}").case_id for number in range(places)]
    with transaction() as session:
        session.add_all(
            Place(
                session_id=session_id,
                number=number,
                case_id=case_id,
                alias=f"seen{session_id}-{number}",
                created_at=walk.now,
                created_by="test",
                attendance=Attendance.ATTC if number <= came else otherwise,
            )
            for number, case_id in enumerate(cases, start=1)
        )


def set_most_extra(walk: Walk, most: int) -> None:
    course_id = walk.world.courses["awareness"]
    with transaction():
        kind = replace(kind_of(db.session.get_one(Course, course_id)), most_extra=most)
        running.alter_course(course_id, kind, by=walk.lead, now=walk.now)


def put_on(walk: Walk, *, held_at: str | None = None) -> int:
    planned = PlannedSession(
        course_id=walk.world.courses["awareness"],
        starts_at=walk.now + timedelta(days=9),
        minutes=150,
        capacity=SEATS,
        facilitator_id=None,
        join_url="" if held_at else "https://meet.example/j/1",
        held_at=held_at,
    )
    with transaction():
        return scheduling.put_session_on(planned, by=walk.lead, now=walk.now).id


def extra(session_id: int) -> int:
    return db.session.get_one(CourseSession, session_id, populate_existing=True).extra_places


def test_it_is_off_until_somebody_sets_it(walk: Walk) -> None:
    registers(walk)
    assert extra(put_on(walk)) == 0


@pytest.mark.parametrize(
    ("most", "came", "more"),
    [(4, 32, 2), (1, 32, 1), (4, 40, 0), (4, 20, 4), (4, 0, 0)],
)
def test_as_many_more_as_the_show_rate_says_and_never_past_the_cap(
    walk: Walk, most: int, came: int, more: int
) -> None:
    registers(walk, came=came)
    set_most_extra(walk, most)
    assert extra(put_on(walk)) == more


def test_a_few_registers_show_nothing(walk: Walk) -> None:
    registers(walk, places=39, came=20)
    set_most_extra(walk, 4)
    assert extra(put_on(walk)) == 0


@pytest.mark.parametrize("put_off", [Attendance.RSSR, Attendance.RSOF])
def test_whom_a_session_was_put_off_for_did_not_stay_away(walk: Walk, put_off: Attendance) -> None:
    registers(walk, came=40)
    registers(walk, places=20, came=0, days_ago=13, otherwise=put_off)
    set_most_extra(walk, 4)
    assert extra(put_on(walk)) == 0


def test_what_was_half_a_year_ago_shows_nothing(walk: Walk) -> None:
    registers(walk, days_ago=200)
    set_most_extra(walk, 4)
    assert extra(put_on(walk)) == 0


def test_a_room_has_no_more_than_its_seats(walk: Walk) -> None:
    registers(walk)
    set_most_extra(walk, 4)
    assert extra(put_on(walk, held_at="Room 2, 1 Example Street")) == 0


def test_the_places_are_really_given_and_one_more_is_refused(walk: Walk) -> None:
    registers(walk)
    set_most_extra(walk, 4)
    session_id = put_on(walk)
    for number in range(SEATS + 2):
        referral = walk.referred(person={**somebody(number), "gender": "male"})
        walk.assessed(referral)
        walk.placed(referral, session_id)
    late = walk.referred(person={**somebody(99), "gender": "male"})
    walk.assessed(late)
    with pytest.raises(SessionFull):
        walk.placed(late, session_id)


def test_set_off_again_who_holds_a_place_keeps_it_and_nobody_gets_another(walk: Walk) -> None:
    registers(walk)
    set_most_extra(walk, 4)
    session_id = put_on(walk)
    for number in range(SEATS + 1):
        referral = walk.referred(person={**somebody(number), "gender": "male"})
        walk.assessed(referral)
        walk.placed(referral, session_id)
    set_most_extra(walk, 0)
    assert extra(session_id) == 0
    held = sa.select(sa.func.count()).where(Place.session_id == session_id, Place.released_at.is_(None))
    assert db.session.scalar(held) == SEATS + 1
    late = walk.referred(person={**somebody(99), "gender": "male"})
    walk.assessed(late)
    with pytest.raises(SessionFull):
        walk.placed(late, session_id)


def test_a_setting_that_is_changed_changes_the_sessions_to_come_and_no_other(walk: Walk) -> None:
    registers(walk)
    coming = put_on(walk)
    set_most_extra(walk, 4)
    assert extra(coming) == 2
    past = db.session.scalars(sa.select(CourseSession.id).where(CourseSession.starts_at < walk.now)).one()
    assert extra(past) == 0


def test_with_fewer_seats_what_is_held_still_counts_the_places_beyond_them(walk: Walk) -> None:
    registers(walk)
    set_most_extra(walk, 4)
    session_id = put_on(walk)
    for number in range(SEATS):
        referral = walk.referred(person={**somebody(number), "gender": "male"})
        walk.assessed(referral)
        walk.placed(referral, session_id)
    as_it_is = db.session.get_one(CourseSession, session_id)
    to = Altered(8, None, as_it_is.join_url, None, None, None)
    with transaction():
        altering.alter_session(session_id, to, by=walk.lead, now=walk.now)
    assert extra(session_id) == 2
    with pytest.raises(altering.PlacesHeld), transaction():
        altering.alter_session(session_id, replace(to, capacity=7), by=walk.lead, now=walk.now)


def overbooked(walk: Walk) -> int:
    """A session with two more people in it than it has seats."""
    registers(walk)
    set_most_extra(walk, 4)
    session_id = put_on(walk)
    for number in range(SEATS + 2):
        referral = walk.referred(person={**somebody(number), "gender": "male"})
        walk.assessed(referral)
        walk.placed(referral, session_id)
    return session_id


def altered(session_id: int) -> Altered:
    """The session as it is."""
    row = db.session.get_one(CourseSession, session_id, populate_existing=True)
    return Altered(row.capacity, row.closes_at, row.join_url, row.meeting_number, row.held_at, row.dial_in)


@pytest.mark.parametrize("because", ["set off", "more come"])
def test_where_it_is_joined_can_be_changed_however_many_more_places_there_would_be_now(
    walk: Walk, because: str
) -> None:
    session_id = overbooked(walk)
    if because == "set off":
        set_most_extra(walk, 0)
    else:
        registers(walk, places=60, came=60, days_ago=13)
    to = replace(altered(session_id), join_url="https://meet.example/j/2")
    with transaction():
        altering.alter_session(session_id, to, by=walk.lead, now=walk.now)
    assert altered(session_id) == to
    with pytest.raises(altering.PlacesHeld), transaction():
        altering.alter_session(session_id, replace(to, held_at="1 High Street"), by=walk.lead, now=walk.now)
