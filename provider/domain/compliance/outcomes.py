"""Where a referral stands → what its force is told. One table; the pathway somebody took is nowhere in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

OUTCOMES: dict[str, str] = {
    "held": "open",
    "declined": "declined",
    "accepted": "open",
    "assessment_booked": "open",
    "assessed": "open",
    "waiting": "open",
    "placed": "open",
    "completed": "completed",
    "not_engaged": "not_engaged",
    "not_reached": "not_reached",
    "withdrawn": "withdrawn",
}

_SHOWN_AS_IT_IS = frozenset({"held", "declined", "completed", "not_engaged", "not_reached", "withdrawn"})


def status_for_force(status: str) -> str:
    """The status a force reads: held, accepted, declined or the outcome. Every step on the way reads *accepted*."""
    if status not in OUTCOMES:
        raise ValueError(f"{status} is no status")
    return status if status in _SHOWN_AS_IT_IS else "accepted"


def compliance(
    *, status: str, level: str, may_reoffer: bool, bar_until: date | None, rule: str
) -> dict[str, Any]:
    """The ``compliance`` object of an event and of a referral: level, outcome, may_reoffer, bar_until, rule."""
    return {
        "level": level,
        "outcome": OUTCOMES[status],
        "may_reoffer": may_reoffer,
        "bar_until": bar_until.isoformat() if bar_until is not None else None,
        "rule": rule,
    }


def intelligence_log_text(sentence: str, *, reference: str, attempts: int, days: Sequence[date]) -> str:
    """The scheme's one fixed sentence, with the reference, how many contact attempts and on which days."""
    dates = ", ".join(f"{day.day} {day:%B %Y}" for day in days) or "no date"
    return sentence.format(reference=reference, attempts=attempts, dates=dates)
