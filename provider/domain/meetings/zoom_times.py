"""The dates of a Zoom report: written as the host's computer writes them, in the host's zone.

``10/05`` is May in London and October in Chicago. No report says which; the session does, for it took place on a
known day, and the two readings of a date lie weeks apart or are the same.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

AROUND_A_SESSION = timedelta(hours=12)
DAY_FIRST = "day first"
MONTH_FIRST = "month first"
ORDERS = (DAY_FIRST, MONTH_FIRST)
_MOMENT = re.compile(
    r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4}),?[ t]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)? ?([ap]m)?",
    re.ASCII,
)


class NotADate(ValueError):
    """The text is no date and time that Zoom writes."""


def readings(text: str, *, zone: ZoneInfo) -> dict[str, datetime]:
    """What ``text`` can mean, by the order of day and month, as moments in UTC. Raises NotADate for nothing at all."""
    match = _MOMENT.fullmatch(text.lower().replace("a.m.", "am").replace("p.m.", "pm"))
    if match is None:
        raise NotADate
    first, middle, last = int(match[1]), int(match[2]), int(match[3])
    clock = _clock(match)
    if len(match[1]) == 4:
        orders = {DAY_FIRST: (first, middle, last), MONTH_FIRST: (first, middle, last)}
    else:
        year = last + 2000 if len(match[3]) <= 2 else last
        orders = {DAY_FIRST: (year, middle, first), MONTH_FIRST: (year, first, middle)}
    found = {order: _moment(date, clock, zone) for order, date in orders.items()}
    possible = {order: moment for order, moment in found.items() if moment is not None}
    if not possible:
        raise NotADate
    return possible


def near(moment: datetime, *, session_start: datetime) -> bool:
    """Whether a moment can belong to a session: within half a day of its start."""
    return abs(moment - session_start) <= AROUND_A_SESSION


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = int(match[4]), int(match[5]), int(match[6] or 0)
    if match[7]:
        if not 1 <= hour <= 12:
            raise NotADate
        hour = hour % 12 + (12 if match[7] == "pm" else 0)
    return hour, minute, second


def _moment(date: tuple[int, int, int], clock: tuple[int, int, int], zone: ZoneInfo) -> datetime | None:
    try:
        return datetime(*date, *clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
