"""What becomes of an endpoint after a delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from provider.domain.compliance.retrying import After, after_delivery

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "tries", "after"),
    [
        (200, 0, After(True, "active", 0, NOW)),
        (204, 7, After(True, "active", 0, NOW)),
        (299, 9, After(True, "active", 0, NOW)),
        (410, 0, After(False, "disabled", 1, None)),
        (500, 0, After(False, "active", 1, NOW + timedelta(seconds=5))),
        (None, 1, After(False, "active", 2, NOW + timedelta(minutes=5))),
        (301, 2, After(False, "active", 3, NOW + timedelta(minutes=30))),
        (404, 3, After(False, "active", 4, NOW + timedelta(hours=2))),
        (199, 4, After(False, "active", 5, NOW + timedelta(hours=5))),
        (429, 5, After(False, "active", 6, NOW + timedelta(hours=10))),
        (503, 6, After(False, "active", 7, NOW + timedelta(hours=14))),
        (None, 7, After(False, "active", 8, NOW + timedelta(hours=20))),
        (404, 8, After(False, "active", 9, NOW + timedelta(hours=24))),
        (None, 9, After(False, "failing", 10, None)),
        (410, 9, After(False, "disabled", 10, None)),
    ],
)
def test_what_follows_from_an_answer(status: int | None, tries: int, after: After) -> None:
    assert after_delivery(status, tries=tries, jitter=0, now=NOW) == after


def test_tries_are_spread_a_little() -> None:
    late = after_delivery(None, tries=3, jitter=1, now=NOW).next_try_at
    assert late == NOW + timedelta(hours=2, minutes=12)
