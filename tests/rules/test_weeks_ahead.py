"""Which eight weeks are looked ahead to, and how much of each is still to come."""

from __future__ import annotations

from datetime import date, time

import pytest

from provider.domain.courses.forecast import WEEKS
from provider.kernel.calendar import at_london
from provider.reporting.demand import mondays_ahead, still_to_come


@pytest.mark.parametrize(
    ("today", "first", "share"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), 1.0),
        (date(2026, 11, 24), date(2026, 11, 23), 6 / 7),
        (date(2026, 11, 27), date(2026, 11, 23), 3 / 7),
        (date(2026, 11, 28), date(2026, 11, 30), 1.0),
        (date(2026, 11, 29), date(2026, 11, 30), 1.0),
    ],
)
def test_the_week_that_has_begun_counts_with_what_is_left_of_it_and_at_a_weekend_not_at_all(
    today: date, first: date, share: float
) -> None:
    mondays = mondays_ahead(at_london(today, time(12)))
    assert len(mondays) == WEEKS
    assert mondays[0] == first
    assert still_to_come(first, today=today) == pytest.approx(share)
    assert [still_to_come(monday, today=today) for monday in mondays[1:]] == [1.0] * (WEEKS - 1)
