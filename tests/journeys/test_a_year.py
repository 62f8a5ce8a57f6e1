"""A whole year through the pathway: whoever comes and goes, nothing of what was promised is broken at its end."""

from __future__ import annotations

from flask import Flask

from tests.year.living import live

REFERRALS = 500


def test_after_a_year_nobody_is_booked_twice_or_left_behind_and_every_feed_says_what_is_true(
    app: Flask,
) -> None:
    lived = live(app, count=REFERRALS, seed=7)
    assert sum(lived.stands.values()) > REFERRALS * 0.95
    assert lived.calls_spread > 0
    assert lived.broken == []
