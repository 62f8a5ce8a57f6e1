"""Places needed in the weeks to come, and the sessions that takes: tables, and what must hold of any numbers."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.courses.forecast import (
    WEEKS,
    Chance,
    extra_places,
    forecast,
    left_waiting,
    sessions_short,
    share,
    spread,
)

NOW = (1.0,) + (0.0,) * 7
EVEN = (1 / WEEKS,) * WEEKS


def test_who_needs_a_place_now_is_counted_to_the_one() -> None:
    first, *later = forecast([Chance(7, 1.0, NOW)], misses=0)
    assert (first.likely, first.low, first.high) == (7, 7, 7)
    assert all((week.likely, week.low, week.high) == (0, 0, 0) for week in later)


def test_a_chance_is_spread_over_the_weeks_and_has_a_range() -> None:
    weeks = forecast([Chance(80, 0.5, EVEN)], misses=0)
    assert [round(week.likely, 6) for week in weeks] == [5.0] * WEEKS
    assert all(week.low < 5 < week.high for week in weeks)


def test_whoever_misses_needs_another_place_two_weeks_later() -> None:
    weeks = forecast([Chance(10, 1.0, NOW)], misses=0.3)
    assert [round(week.likely, 2) for week in weeks[:5]] == [10, 0, 3, 0, 0.9]


def test_of_those_who_are_yet_to_be_referred_the_range_is_wider() -> None:
    known = forecast([Chance(40, 0.5, EVEN)], misses=0)[0]
    to_come = forecast([Chance(40, 0.5, EVEN, to_come=True)], misses=0)[0]
    assert to_come.likely == known.likely
    assert to_come.high >= known.high


def test_eight_outcomes_in_ten_are_within_the_range() -> None:
    random = Random(3)
    weeks = forecast([Chance(60, 0.5, EVEN), Chance(48, 0.6, EVEN, to_come=True)], misses=0)
    within = 0
    for _ in range(2000):
        came = sum(random.random() < 0.5 / WEEKS for _ in range(60))
        more = sum(random.random() < 48 * 0.6 / WEEKS / 1000 for _ in range(1000))
        within += weeks[3].low <= came + more <= weeks[3].high
    assert 0.78 <= within / 2000 <= 0.95


@pytest.mark.parametrize(
    ("times", "of", "assumed", "expected"),
    [(0, 0, 0.65, 0.65), (10, 10, 0.5, 0.75), (0, 90, 0.5, 0.05), (900, 1000, 0.5, 0.896)],
)
def test_a_share_is_what_is_assumed_until_more_is_known(
    times: int, of: int, assumed: float, expected: float
) -> None:
    assert share(times, of, assumed=assumed) == pytest.approx(expected, abs=0.001)


def test_waits_are_spread_as_they_were_and_what_is_later_counts_nowhere() -> None:
    weeks = spread([1] * 60 + [2] * 20 + [30] * 10, assumed=EVEN)
    assert weeks[1] > weeks[2] > weeks[3]
    assert sum(weeks) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("needed", "free", "left"),
    [
        ((5, 5), (12, 0), (0, 5)),  # a place that nobody took is gone with its week
        ((15, 0), (12, 12), (3, 0)),  # who waited is placed first
        ((4, 4), (0, 0), (4, 8)),
        ((0, 0), (12, 12), (0, 0)),
    ],
)
def test_who_is_left_without_a_place(
    needed: tuple[int, ...], free: tuple[int, ...], left: tuple[int, ...]
) -> None:
    assert left_waiting(needed, free) == left


@pytest.mark.parametrize(
    ("needed", "free", "from_week", "more"),
    [
        ((6, 0, 0), (12, 0, 0), 0, (0, 0, 0)),  # there are places
        ((6, 6, 0), (0, 0, 0), 1, (0, 1, 0)),  # this week is too late; next week one holds them all
        ((30, 0, 0), (0, 0, 0), 0, (3, 0, 0)),
        ((3, 0, 0), (0, 0, 0), 0, (0, 1, 0)),  # three wait a week for more; then one is put on for them
        ((0.2, 0.2, 0), (0, 0, 0), 0, (0, 0, 0)),  # nobody yet
        ((13, 0, 0), (0, 0, 0), 0, (2, 0, 0)),
        ((12.4, 0, 0), (0, 0, 0), 0, (1, 0, 0)),  # half a person is no reason for a second
    ],
)
def test_how_many_more_sessions(
    needed: tuple[float, ...], free: tuple[int, ...], from_week: int, more: tuple[int, ...]
) -> None:
    assert sessions_short(needed, free, capacity=12, fewest=6, from_week=from_week) == more


@given(
    needed=st.lists(st.floats(0, 60), min_size=WEEKS, max_size=WEEKS),
    free=st.lists(st.integers(0, 40), min_size=WEEKS, max_size=WEEKS),
    capacity=st.integers(1, 30),
)
def test_with_the_sessions_that_are_missing_nobody_waits_at_the_end(
    needed: list[float], free: list[int], capacity: int
) -> None:
    more = sessions_short(needed, free, capacity=capacity, fewest=capacity, from_week=0)
    places = [there + capacity * added for there, added in zip(free, more, strict=True)]
    left = left_waiting(needed, places)
    assert all(waiting < capacity for waiting in left)
    assert all(left[week] < 0.5 + 1e-6 for week in range(1, WEEKS) if more[week])


@pytest.mark.parametrize(
    ("capacity", "show_rate", "most", "extra"),
    [
        (12, 1.0, 4, 0),  # everybody comes
        (12, 0.8, 4, 3),
        (12, 0.5, 4, 4),  # the cap
        (12, 0.5, 0, 0),  # off
        (12, 0.95, 4, 0),
        (10, 0.833, 4, 2),
    ],
)
def test_how_many_more_places_than_seats(capacity: int, show_rate: float, most: int, extra: int) -> None:
    assert extra_places(capacity, show_rate=show_rate, most=most) == extra
    assert (capacity + extra) * show_rate <= capacity + 1e-6


def test_a_course_to_which_nobody_came_has_no_rate_to_go_by() -> None:
    with pytest.raises(ValueError, match="show rate"):
        extra_places(12, show_rate=0, most=4)
