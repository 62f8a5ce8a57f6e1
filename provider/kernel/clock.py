"""The only place in the house that reads the time. Doors read it; below them it is a parameter, ``now``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time: the system's clock, or a test's that is moved by hand."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)
