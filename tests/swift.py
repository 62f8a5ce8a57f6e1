"""A clock that runs faster than the machine's, and the same in every process that is told when it was started."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes import A_TUESDAY


@dataclass(frozen=True)
class SwiftClock:
    """``started`` is a moment of ``time.monotonic()``, at which it was half past nine on a Tuesday."""

    started: float
    speed: float

    def now(self) -> datetime:
        return A_TUESDAY + timedelta(seconds=(time.monotonic() - self.started) * self.speed)
