"""Young people never with adults: on the birthday, the day before, and for the database itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from provider.caseload.open_sessions import courses_for, sessions_for
from provider.commands.demo.schemes import COURSES
from provider.domain.courses.kinds import AgesCrossEighteen, add_course
from provider.domain.courses.models import Course
from provider.kernel.calendar import at_london
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from provider.pathway.placing import WrongAge, session_for
from provider.pathway.steps import lock_case
from tests.builders import World, add_session
from tests.cases import add_case
from tests.fakes import A_TUESDAY
from tests.pathway.walking import Walk

EIGHTEENTH = date(2026, 12, 4)
BORN = date(2008, 12, 4)


def seat(walk: Walk, born: date, course: str, starts_at: datetime) -> str:
    known = add_case(walk.world, born=born, course=course)
    session_id = add_session(walk.world, course=course, starts_at=starts_at)
    try:
        with transaction():
            allocating.give_place(known.case_id, session_id, by=walk.worker, now=walk.now)
    except WrongAge:
        return "refused"
    return "placed"


def late(day: date) -> datetime:
    """A quarter to midnight in London."""
    return at_london(day, time(23, 45))


@pytest.mark.parametrize(
    ("starts_at", "among_adults", "among_the_young"),
    [
        (late(EIGHTEENTH - timedelta(days=1)), "refused", "placed"),
        (at_london(EIGHTEENTH, time(0)), "placed", "refused"),
        (late(EIGHTEENTH), "placed", "refused"),
    ],
)
def test_the_birthday_itself_is_the_first_day_among_adults(
    walk: Walk, starts_at: datetime, among_adults: str, among_the_young: str
) -> None:
    assert seat(walk, BORN, "awareness", starts_at) == among_adults
    assert seat(walk, BORN, "young-people", starts_at) == among_the_young


@pytest.mark.parametrize(
    ("born", "first_day"),
    [(date(2008, 2, 29), date(2026, 3, 1)), (date(2004, 2, 29), date(2022, 3, 1))],
)
def test_who_was_born_on_a_leap_day_is_eighteen_on_the_first_of_march(
    walk: Walk, born: date, first_day: date
) -> None:
    walk.clock.set(at_london(first_day - timedelta(days=5), time(9)))
    assert seat(walk, born, "awareness", late(first_day - timedelta(days=1))) == "refused"
    assert seat(walk, born, "awareness", at_london(first_day, time(0))) == "placed"


@pytest.mark.parametrize("born", [BORN, date(2008, 2, 29), date(2013, 1, 10), date(1990, 12, 25)])
def test_the_sessions_that_are_shown_are_those_in_which_they_may_sit(walk: Walk, born: date) -> None:
    with transaction():
        add_course(replace(COURSES[3], code="younger", age_from=10, age_to=13))
        add_course(replace(COURSES[0], code="older", age_from=36, age_to=None))
    walk.world.courses |= {row[0]: row[1] for row in db.session.execute(sa.select(Course.code, Course.id))}
    known = add_case(walk.world, born=born)
    for course in walk.world.courses:
        for days in range(0, 60, 7):
            add_session(walk.world, course=course, starts_at=late(date(2026, 11, 27) + timedelta(days=days)))
    shown = {session.id for session in sessions_for(known.case_id, born, now=walk.now)}
    assert shown == {
        session_id for session_id in _all(walk.world) if _may_sit(walk, known.case_id, session_id)
    }


def _all(world: World) -> list[int]:
    return list(db.session.scalars(sa.text("SELECT id FROM sessions")))


def _may_sit(walk: Walk, case_id: int, session_id: int) -> bool:
    with transaction():
        try:
            session_for(lock_case(case_id), session_id)
        except WrongAge:
            return False
    return True


def test_a_course_within_the_young_takes_its_own_ages_only(walk: Walk) -> None:
    with transaction():
        younger = add_course(replace(COURSES[3], code="younger", age_from=10, age_to=13))
    walk.world.courses["younger"] = younger.id
    next_week = A_TUESDAY + timedelta(days=7)
    assert seat(walk, date(2013, 1, 10), "younger", next_week) == "placed"
    assert seat(walk, date(2010, 1, 10), "younger", next_week) == "refused"
    assert "younger" not in {str(course.name) for course in courses_for(date(2010, 1, 10), now=walk.now)}


@pytest.mark.parametrize(("age_from", "age_to"), [(10, 18), (17, None), (0, 99), (17, 40)])
def test_no_course_is_for_both_sides_of_eighteen(walk: Walk, age_from: int, age_to: int | None) -> None:
    across = replace(COURSES[0], code="across", age_from=age_from, age_to=age_to)
    with pytest.raises(AgesCrossEighteen), transaction():
        add_course(across)


@pytest.mark.parametrize(
    "change",
    ["age_from = 17", "age_from = 10, age_to = 18", "age_from = 30, age_to = 20", "minimum_minutes = 151"],
)
def test_the_database_itself_refuses_such_a_course(walk: Walk, change: str) -> None:
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.text(f"UPDATE courses SET {change} WHERE code = 'awareness'"))
