"""When reminders go out: never in the night, never two at once, by London's clock whatever it does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.domain.messaging.kinds import KINDS
from provider.domain.messaging.timing import (
    APART,
    NOTICE,
    SOON,
    Reminder,
    can_wait,
    confirmed_at,
    reminders,
    survey_due,
)
from provider.kernel.calendar import at_london, is_bank_holiday, london, london_date

HOURS_OF_A_YEAR = range(365 * 24)
YEAR_BEGINS = datetime(2027, 1, 1, tzinfo=UTC)
CHANGES = (date(2027, 3, 28), date(2027, 10, 31))
"""On the first the clock leaves 01:00–02:00 out, on the second it shows it twice."""

moments = st.datetimes(datetime(2026, 11, 1), datetime(2028, 11, 1), timezones=st.just(UTC))
"""Two years, with both changes of the clocks in each."""


def planned(
    starts_at: datetime, now: datetime, **more: object
) -> tuple[datetime | None, tuple[Reminder, ...]]:
    """The confirmation and the reminders of a booking made ``now``."""
    confirmed = confirmed_at(starts_at, now=now)
    chosen = {"days": (7, 3, 1), "hour_before": True, "on_bank_holidays": True, **more}
    return confirmed, reminders(starts_at, after=confirmed or now, **chosen)  # type: ignore[arg-type]


def polite(moment: datetime) -> bool:
    return time(8) <= london(moment).time() < time(20)


def holds(starts_at: datetime, now: datetime, **more: object) -> None:
    """Everything that is promised of the texts around one booking."""
    confirmed, found = planned(starts_at, now, **more)
    all_due = [*([confirmed] if confirmed else []), *(one.due_at for one in found)]
    for due in all_due:
        assert now <= due < starts_at
        assert polite(due) or starts_at - due <= SOON
    assert all_due == sorted(set(all_due))
    for before, after in pairwise(all_due):
        assert after - before >= (NOTICE if starts_at - after <= timedelta(hours=1) else APART)
    for one in found:
        assert one.due_at < one.expires_at <= starts_at
    assert len({one.when for one in found}) == len(found)


@settings(max_examples=600, deadline=None)
@given(
    now=moments,
    ahead=st.integers(1, 60 * 24 * 35),
    days=st.lists(st.integers(1, 30), unique=True, max_size=5),
    on_bank_holidays=st.booleans(),
)
def test_any_booking_made_at_any_moment(
    now: datetime, ahead: int, days: list[int], *, on_bank_holidays: bool
) -> None:
    holds(now + timedelta(minutes=ahead), now, days=tuple(days), on_bank_holidays=on_bank_holidays)


def test_every_hour_of_a_year() -> None:
    """A call that starts at any hour, booked ten days, ten hours, or one before."""
    for hour in HOURS_OF_A_YEAR:
        starts_at = YEAR_BEGINS + timedelta(hours=hour)
        for ahead in (timedelta(days=10), timedelta(hours=10), timedelta(hours=1)):
            holds(starts_at, starts_at - ahead)


@pytest.mark.parametrize("day", CHANGES)
@pytest.mark.parametrize(
    "ahead", [timedelta(minutes=45), timedelta(hours=2), timedelta(hours=9), timedelta(days=8)]
)
def test_every_quarter_of_an_hour_of_the_nights_of_both_changes(day: date, ahead: timedelta) -> None:
    midday_before = at_london(day - timedelta(days=1), time(12))
    for quarter in range(24 * 4 + 4):
        starts_at = midday_before + timedelta(minutes=15 * quarter)
        holds(starts_at, starts_at - ahead)


@pytest.mark.parametrize("day", CHANGES)
def test_a_reminder_comes_at_ten_on_londons_clock_on_both_sides_of_a_change(day: date) -> None:
    _, found = planned(
        at_london(day + timedelta(days=2), time(14)), at_london(day - timedelta(days=9), time(9))
    )
    assert [(one.when, london(one.due_at).hour) for one in found] == [
        ("7d", 10),
        ("3d", 10),
        ("1d", 10),
        ("1h", 13),
    ]


@settings(max_examples=300, deadline=None)
@given(now=moments, ahead=st.integers(1, 40))
def test_no_reminder_in_days_falls_on_a_bank_holiday_where_the_scheme_wants_none(
    now: datetime, ahead: int
) -> None:
    _, found = planned(now + timedelta(days=ahead), now, on_bank_holidays=False)
    assert not any(is_bank_holiday(london_date(one.due_at)) for one in found if one.when != "1h")


def test_reminders_that_fall_on_one_day_are_one() -> None:
    """Christmas and Boxing Day move both to Christmas Eve: the nearer one is sent."""
    starts_at = at_london(date(2026, 12, 27), time(14))
    _, found = planned(starts_at, at_london(date(2026, 12, 1), time(9)), days=(2, 1), on_bank_holidays=False)
    assert [one.when for one in found] == ["1d", "1h"]
    assert london_date(found[0].due_at) == date(2026, 12, 24)


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_says_the_same_later_can_wait(kind: str) -> None:
    waits = kind.endswith(("_7d", "_3d", "_1d")) or kind in {
        "first_contact_again",
        "waiting_list_joined",
        "survey",
    }
    assert can_wait(kind) == waits


@settings(max_examples=300, deadline=None)
@given(ended=moments, weeks=st.integers(1, 52))
def test_the_survey_is_asked_at_midday_and_on_no_holiday(ended: datetime, weeks: int) -> None:
    due = london(survey_due(ended, weeks=weeks))
    assert (due.hour, due.minute) == (12, 30)
    assert due.weekday() < 6
    assert not is_bank_holiday(due.date())
    assert timedelta(weeks=weeks) - timedelta(days=1) < due - ended < timedelta(weeks=weeks, days=5)
