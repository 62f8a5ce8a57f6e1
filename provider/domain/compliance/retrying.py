"""What becomes of an endpoint after a delivery: decided from the answer and how often it was tried. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["active", "failing", "disabled"]

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each failure the same event is sent again. After the last the endpoint is failing."""

JITTER = 0.1
GONE = 410


@dataclass(frozen=True)
class After:
    """Where an endpoint stands after a delivery. ``tries`` counts the failures of its oldest undelivered event."""

    delivered: bool
    state: State
    tries: int
    next_try_at: datetime | None


def after_delivery(status: int | None, *, tries: int, jitter: float, now: datetime) -> After:
    """What follows from an answer's ``status``, None where none came in time.

    ``tries`` is how often the event failed before; ``jitter`` a number from 0 to 1.
    """
    if taken(status):
        return After(True, "active", 0, now)
    if status == GONE:
        return After(False, "disabled", tries + 1, None)
    if tries >= len(RETRIES):
        return After(False, "failing", tries + 1, None)
    return After(False, "active", tries + 1, now + RETRIES[tries] * (1 + JITTER * jitter))


def taken(status: int | None) -> bool:
    """Whether an answer says that the notice was taken."""
    return status is not None and 200 <= status < 300


def resumed(*, now: datetime) -> dict[str, Any]:
    """Where an endpoint stands that is known to work again: what waits is sent at once, and may fail as often anew."""
    return {"state": "active", "tries": 0, "next_try_at": now}
