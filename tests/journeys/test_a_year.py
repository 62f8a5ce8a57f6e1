"""A whole year through the pathway: whoever comes and goes, nothing of what was promised is broken at its end."""

from __future__ import annotations

import pytest
from flask import Flask

from provider.domain.referrals.status import ENDED, Status
from tests.year.living import live

REFERRALS = 500


@pytest.mark.slow
def test_after_a_year_nobody_is_booked_twice_or_left_behind_and_every_feed_says_what_is_true(
    app: Flask,
) -> None:
    lived = live(app, count=REFERRALS, seed=7)
    assert sum(lived.stands.values()) > REFERRALS * 0.95
    shares = {status: many / REFERRALS for status, many in lived.stands.items()}
    assert 0.5 < shares[Status.COMPLETED] < 0.85  # domain.md, section 2: 65 to 78 in a hundred
    assert 0.02 < shares[Status.NOT_REACHED] < 0.2
    assert set(lived.stands) <= ENDED
    assert lived.calls_spread > 0
    assert lived.broken == []
