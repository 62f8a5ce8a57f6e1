"""How long the sending of texts waits for what: one value that a worker is given, so that a test may hurry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Pace:
    """``lease``: how long a claimed text is its worker's; a call is begun in the first half of it or not at all, and
    takes less than the other half. ``grace``: longer than the network's list may lag behind what it took, and than it
    may take something late; only then does a text that is not listed count as not sent. ``give_up``: how long nobody
    may know whether a text went out before a person is asked.
    """

    lease: timedelta = timedelta(minutes=2)
    grace: timedelta = timedelta(minutes=2)
    give_up: timedelta = timedelta(minutes=15)


STEADY = Pace()
