"""London months: what numbers are counted by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from provider.kernel.calendar import at_london, london_date

FIRST_YEAR = 2000


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    def __str__(self) -> str:
        """As in an address: ``2026-11``."""
        return f"{self.year}-{self.month:02}"

    @property
    def words(self) -> str:
        return f"{date(self.year, self.month, 1):%B %Y}"

    @property
    def starts_at(self) -> datetime:
        """Its first moment, in UTC."""
        return at_london(date(self.year, self.month, 1), time(0))

    @property
    def ends_at(self) -> datetime:
        """The first moment of the month after."""
        return self.next.starts_at

    @property
    def next(self) -> Month:
        return _of(date(self.year, self.month, 28) + timedelta(days=4))

    @property
    def previous(self) -> Month:
        return _of(date(self.year, self.month, 1) - timedelta(days=1))


def month_of(moment: datetime) -> Month:
    """The month it is in London."""
    return _of(london_date(moment))


def read_month(text: str | None, *, now: datetime) -> Month:
    """``2026-11`` as a month that has begun; the present one for anything else."""
    present = month_of(now)
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text or "")
    asked = Month(int(found[1]), int(found[2])) if found else present
    return asked if asked.year >= FIRST_YEAR and asked <= present else present


def _of(day: date) -> Month:
    return Month(day.year, day.month)
