"""London's days, the working week, polite hours: as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.kernel.calendar import (
    add_working_days,
    age_on,
    at_london,
    end_of_working_day,
    is_working_day,
    london,
    london_date,
    next_polite,
    quarter_hours,
    working_days_between,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-07-01T22:59:59", "2026-07-01"),
        ("2026-07-01T23:00:00", "2026-07-02"),
        ("2026-12-01T23:59:59", "2026-12-01"),
        ("2026-03-29T00:59:59", "2026-03-29"),
    ],
)
def test_the_day_is_londons_day(moment: str, day: str) -> None:
    assert london_date(utc(moment)) == date.fromisoformat(day)


def test_a_moment_without_an_offset_is_refused() -> None:
    for ask in (london, london_date, next_polite):
        with pytest.raises(ValueError, match="offset"):
            ask(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="offset"):
        quarter_hours(datetime(2026, 1, 1), 15)


@pytest.mark.parametrize(
    ("day", "clock_time", "moment"),
    [
        ("2026-01-05", "09:30", "2026-01-05T09:30:00"),
        ("2026-07-06", "09:30", "2026-07-06T08:30:00"),
        ("2026-03-29", "01:30", "2026-03-29T01:30:00"),  # never shown: 02:30 summer time
        ("2026-03-29", "02:00", "2026-03-29T01:00:00"),
        ("2026-10-25", "01:30", "2026-10-25T00:30:00"),  # shown twice: the first
        ("2026-10-25", "02:00", "2026-10-25T02:00:00"),
    ],
)
def test_londons_clock_is_read_through_both_changes(day: str, clock_time: str, moment: str) -> None:
    assert at_london(date.fromisoformat(day), time.fromisoformat(clock_time)) == utc(moment)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2026-12-25", False),
        ("2026-12-26", False),
        ("2026-12-28", False),  # Boxing Day falls on a Saturday: its substitute
        ("2026-12-29", True),
        ("2026-04-03", False),  # Good Friday
        ("2026-11-30", True),  # St Andrew's Day is Scotland's
    ],
)
def test_a_working_day_knows_bank_holidays_and_their_substitutes(day: str, working: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is working


def test_the_services_own_closures_are_not_working_days() -> None:
    closed = {date(2026, 11, 23)}
    assert not is_working_day(date(2026, 11, 23), closures=closed)
    assert add_working_days(date(2026, 11, 20), 1, closures=closed) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-12-24", 1, "2026-12-29"),
        ("2026-12-24", 3, "2026-12-31"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_working_days_are_counted_over_weekends_and_christmas(day: str, count: int, expected: str) -> None:
    found = add_working_days(date.fromisoformat(day), count)
    assert found == date.fromisoformat(expected)
    assert not count or working_days_between(date.fromisoformat(day), found) == count


def test_working_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(date(2026, 11, 20), -1)
    assert working_days_between(date(2026, 11, 20), date(2026, 11, 1)) == 0


def test_the_working_day_ends_at_five_in_london() -> None:
    assert end_of_working_day(date(2026, 7, 6)) == utc("2026-07-06T16:00:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20T08:00:00", "2026-11-20T08:00:00"),
        ("2026-11-20T07:59:59", "2026-11-20T08:00:00"),
        ("2026-11-20T19:59:59", "2026-11-20T19:59:59"),
        ("2026-11-20T20:00:00", "2026-11-21T08:00:00"),
        ("2026-07-06T07:30:00", "2026-07-06T07:30:00"),
        ("2026-07-06T19:00:00", "2026-07-07T07:00:00"),
        ("2026-03-28T21:00:00", "2026-03-29T07:00:00"),
    ],
)
def test_texts_wait_for_polite_hours(moment: str, expected: str) -> None:
    assert next_polite(utc(moment)) == utc(expected)
    assert next_polite(utc(moment), any_hour=True) == utc(moment)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2008-11-20", "2026-11-19", 17),
        ("2008-11-20", "2026-11-20", 18),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2026-11-21", "2026-11-20", -1),
    ],
)
def test_an_age_is_reached_at_the_start_of_the_birthday(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


@pytest.mark.parametrize(
    ("start", "minutes", "cells"),
    [
        ("10:00", 45, 3),
        ("10:00", 15, 1),
        ("10:05", 15, 2),
        ("10:14", 1, 1),
        ("10:14", 2, 2),
        ("10:00", 180, 12),
    ],
)
def test_an_appointment_takes_every_quarter_hour_it_touches(start: str, minutes: int, cells: int) -> None:
    assert len(quarter_hours(utc(f"2026-11-20T{start}:00"), minutes)) == cells


def test_an_appointment_has_a_length() -> None:
    with pytest.raises(ValueError, match="length"):
        quarter_hours(utc("2026-11-20T10:00:00"), 0)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.integers(1, 600),
    st.integers(0, 700),
    st.integers(1, 600),
)
def test_appointments_share_a_quarter_hour_whenever_they_overlap(
    start: datetime, minutes: int, later: int, other: int
) -> None:
    first = start.replace(tzinfo=UTC)
    shared = set(quarter_hours(first, minutes)) & set(quarter_hours(first + timedelta(minutes=later), other))
    assert shared or later >= minutes
