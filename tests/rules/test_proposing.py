"""Sessions that are short, proposed: when people can come, on days with room, by somebody who is free."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.courses.proposing import Room, propose, shared_out
from provider.kernel.calendar import at_london, is_working_day, london, quarter_hours

MONDAY = date(2026, 11, 30)
MORNING, AFTERNOON, EVENING = time(10), time(14), time(18)
ASKED = {MORNING: 1, AFTERNOON: 2, EVENING: 9}
EARLY = datetime(2026, 11, 1, tzinfo=UTC)
NOTHING = Room({}, (1, 2), {})


def said(short: dict[date, int], *, room: Room = NOTHING, not_before: datetime = EARLY) -> list[str]:
    proposed = propose(short, starts=ASKED, minutes=150, room=room, not_before=not_before)
    return [f"{london(one.starts_at):%a %d %H} {one.facilitator_id}" for one in proposed]


@pytest.mark.parametrize(
    ("many", "times"),
    [
        (1, [EVENING]),
        (4, [EVENING, EVENING, EVENING, AFTERNOON]),
        (12, [EVENING] * 9 + [AFTERNOON] * 2 + [MORNING]),
        (0, []),
    ],
)
def test_times_are_shared_out_as_people_asked(many: int, times: list[time]) -> None:
    assert shared_out(ASKED, many) == times


def test_where_nobody_asked_the_times_take_turns() -> None:
    assert sorted(shared_out(dict.fromkeys(ASKED, 0), 3)) == [MORNING, AFTERNOON, EVENING]


def test_one_session_is_in_the_evening_that_people_asked_for() -> None:
    assert said({MONDAY: 1}) == ["Mon 30 18 1"]


def test_a_day_that_has_a_session_already_is_left_for_one_that_has_none() -> None:
    assert said({MONDAY: 1}, room=Room({MONDAY: 1}, (1,), {})) == ["Tue 01 18 1"]


def test_whoever_is_somewhere_else_is_not_asked() -> None:
    evening = quarter_hours(at_london(MONDAY, time(17)), 180)
    assert said({MONDAY: 1}, room=Room({}, (1, 2), {1: evening})) == ["Mon 30 18 2"]


def test_two_are_shared_between_two() -> None:
    assert [one[-1] for one in said({MONDAY: 2})] == ["1", "2"]


def test_where_nobody_is_free_all_week_it_is_proposed_without_anybody() -> None:
    week = quarter_hours(at_london(MONDAY, time(0)), 7 * 24 * 60)
    assert said({MONDAY: 1}, room=Room({}, (1,), {1: week})) == ["Mon 30 18 None"]


def test_with_no_facilitators_at_all_there_are_still_times() -> None:
    assert said({MONDAY: 2}, room=Room({}, (), {})) == ["Mon 30 18 None", "Tue 01 18 None"]


def test_bank_holidays_and_what_is_past_are_left_out() -> None:
    christmas = date(2026, 12, 21)
    days = [one[:6] for one in said({christmas: 4})]
    assert days == ["Mon 21", "Tue 22", "Wed 23", "Thu 24"]
    assert said({MONDAY: 1}, not_before=at_london(MONDAY, time(19))) == ["Tue 01 18 1"]


def test_a_week_without_a_working_day_gets_none() -> None:
    assert said({MONDAY: 1}, not_before=at_london(MONDAY, time(0)) + timedelta(days=9)) == []


@given(
    short=st.dictionaries(
        st.sampled_from([MONDAY + timedelta(weeks=n) for n in range(8)]), st.integers(1, 4)
    ),
    facilitators=st.lists(st.integers(1, 5), unique=True, max_size=4),
)
def test_nobody_is_ever_proposed_for_two_at_once(short: dict[date, int], facilitators: list[int]) -> None:
    proposed = propose(
        short, starts=ASKED, minutes=150, room=Room({}, tuple(facilitators), {}), not_before=EARLY
    )
    taken = [
        (one.facilitator_id, cell)
        for one in proposed
        if one.facilitator_id is not None
        for cell in quarter_hours(one.starts_at, 150)
    ]
    assert len(taken) == len(set(taken))
    assert all(is_working_day(london(one.starts_at).date()) for one in proposed)
