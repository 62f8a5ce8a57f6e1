"""The days of a run of sessions: weekly, fortnightly, on chosen weekdays, until a day or so many times."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider.domain.courses.series import MOST, Rhythm, days_of
from provider.kernel.calendar import is_bank_holiday

TUESDAY = date(2026, 12, 1)


def never(_day: date) -> bool:
    return False


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [
        (Rhythm(TUESDAY, [1], 1, times=3), ["12-01", "12-08", "12-15"]),
        (Rhythm(TUESDAY, [1], 2, times=3), ["12-01", "12-15", "12-29"]),
        (Rhythm(TUESDAY, [1], 1, until=date(2026, 12, 15)), ["12-01", "12-08", "12-15"]),
        (Rhythm(TUESDAY, [1], 1, until=date(2026, 12, 14)), ["12-01", "12-08"]),
        (Rhythm(TUESDAY, [3, 1], 1, times=4), ["12-01", "12-03", "12-08", "12-10"]),
        (Rhythm(TUESDAY, [0, 3], 1, times=3), ["12-03", "12-07", "12-10"]),
        (Rhythm(TUESDAY, [0, 3], 2, times=3), ["12-03", "12-14", "12-17"]),
        (Rhythm(TUESDAY, [1], 1, until=date(2026, 12, 8), times=9), ["12-01", "12-08"]),
        (Rhythm(TUESDAY, [1], 1, until=date(2026, 12, 31), times=1), ["12-01"]),
        (Rhythm(TUESDAY, [0], 1, until=date(2026, 12, 5)), []),
    ],
)
def test_a_run_falls_on_these_days(rhythm: Rhythm, days: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in days_of(rhythm, closed=never).held] == days


def test_a_bank_holiday_is_passed_over_and_said_and_so_many_are_held_all_the_same() -> None:
    found = days_of(Rhythm(date(2026, 12, 18), [4], 1, times=3), closed=is_bank_holiday)
    assert found.skipped == (date(2026, 12, 25), date(2027, 1, 1))
    assert found.held == (date(2026, 12, 18), date(2027, 1, 8), date(2027, 1, 15))
    until = days_of(Rhythm(date(2026, 12, 18), [4], 1, until=date(2027, 1, 8)), closed=is_bank_holiday)
    assert until.held == (date(2026, 12, 18), date(2027, 1, 8))


def test_a_run_that_is_too_long_is_cut_and_says_so() -> None:
    found = days_of(Rhythm(TUESDAY, range(7), 1, until=date(2099, 1, 1)), closed=never)
    assert len(found.held) == MOST
    assert found.cut
    assert days_of(Rhythm(TUESDAY, [1], 1, until=date(2099, 1, 1)), closed=lambda _day: True).cut


@pytest.mark.parametrize(
    "wrong", [Rhythm(TUESDAY, [1], 1), Rhythm(TUESDAY, [], 1, times=2), Rhythm(TUESDAY, [1], 0, times=2)]
)
def test_a_run_without_an_end_or_without_days_is_none(wrong: Rhythm) -> None:
    with pytest.raises(ValueError, match="a run of sessions"):
        days_of(wrong, closed=never)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(1, 2),
    st.integers(1, MOST),
)
def test_every_day_is_one_that_was_asked_for_and_none_is_left_out(first, weekdays, every, times):
    found = days_of(Rhythm(first, weekdays, every, times=times), closed=is_bank_holiday)
    days = sorted(found.held + found.skipped)
    assert len(found.held) == times
    assert all(day.weekday() in weekdays and day >= first for day in days)
    assert not any(is_bank_holiday(day) for day in found.held)
    monday = first - timedelta(days=first.weekday())
    weeks = {(day - monday).days // 7 for day in days}
    assert all(week % every == 0 for week in weeks)
    between = [first + timedelta(days=number) for number in range((days[-1] - first).days + 1)]
    wanted = [day for day in between if day.weekday() in weekdays and (day - monday).days // 7 % every == 0]
    assert days == wanted
