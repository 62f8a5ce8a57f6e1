"""Days and times as spreadsheets in the UK write them: the day comes first, and the clock is London's.

What could mean two things is asked back: a year of two digits, the hour that October has twice.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from provider.kernel.calendar import LONDON

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO_DAY = r"(?P<iso_year>\d{4})-(?P<iso_month>\d{2})-(?P<iso_day>\d{2})"
_UK_DAY = (
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[/.\-\s]+(?P<month>\d{1,2}|[a-z]{3,9})[/.\-,\s]+(?P<year>\d{4}|\d{2})"
)
_DAY = re.compile(f"(?:{_ISO_DAY}|{_UK_DAY})", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d{1,12})?)?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?"
    r"\s*(?P<offset>z|utc|gmt|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_MIDNIGHT = re.compile(r"[t\s]+0?0:00(?::00(?:\.0+)?)?", re.ASCII)


class Unreadable(ValueError):
    """What stands in a cell cannot be read surely: a stable ``code``, and a sentence that repeats nothing of it."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence
        super().__init__(code)


def read_day(text: str) -> str:
    """A day as ``YYYY-MM-DD``; a midnight that a spreadsheet has written after it is left out. Raises Unreadable."""
    said = _spaced_once(text)
    found = _day(said)
    if said[found.end() :].strip() and not _MIDNIGHT.fullmatch(said[found.end() :]):
        raise Unreadable("invalid", "This must be a day alone, as 14/05/2003.")
    return _as_day(found).isoformat()


def read_time(text: str) -> str:
    """A moment as RFC 3339 with its offset. Without one it is London's time. Raises Unreadable."""
    said = _spaced_once(text)
    found = _day(said)
    rest = said[found.end() :].lstrip("t, ")
    if not rest:
        raise Unreadable("invalid", "This needs the time as well as the day, as 24/11/2026 21:40.")
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        raise Unreadable("invalid", "This must be a day and a time, as 24/11/2026 21:40.")
    moment = datetime.combine(_as_day(found), _as_clock(clock))
    return moment.isoformat() + (_offset(clock["offset"]) if clock["offset"] else _in_london(moment))


def _spaced_once(text: str) -> str:
    """In lower case, with one space wherever there is any: space without end would be tried in every way."""
    return " ".join(text.lower().split())


def _day(said: str) -> re.Match[str]:
    if _NUMBER.fullmatch(said):
        raise Unreadable(
            "invalid", "The spreadsheet wrote a number here instead of a date. Format the column as a date."
        )
    found = _DAY.match(said)
    after = said[found.end() : found.end() + 1] if found else ""
    if found is None or (after.isalnum() and after != "t"):
        raise Unreadable("invalid", "This must be a date with the day first, as 14/05/2003.")
    return found


def _as_day(found: re.Match[str]) -> date:
    if found["iso_year"]:
        year, month, day = (int(found[f"iso_{part}"]) for part in ("year", "month", "day"))
    else:
        if len(found["year"]) == 2:
            raise Unreadable("invalid", "Write the year with four digits, as 14/05/2003.")
        year, month, day = int(found["year"]), _month(found["month"]), int(found["day"])
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(
            "invalid", "There is no such date. The day comes first, then the month, as 14/05/2003."
        ) from None


def _month(said: str) -> int:
    """The month's number; 0, which no date has, for a word that is none."""
    if said.isdecimal():
        return int(said)
    names = ("january", "february", "march", "april", "may", "june", "july", "august")
    whole = (*names, "september", "october", "november", "december", "sept")
    return _MONTHS.index(said[:3]) + 1 if said in _MONTHS or said in whole else 0


def _as_clock(clock: re.Match[str]) -> time:
    hour, half = int(clock["hour"]), (clock["half"] or "")[:1]
    if half:
        hour = hour % 12 + 12 * (half == "p") if 1 <= hour <= 12 else 24
    try:
        return time(hour, int(clock["minute"]), int(clock["second"] or 0))
    except ValueError:
        raise Unreadable("invalid", "There is no such time of day.") from None


def _offset(said: str) -> str:
    if said in ("z", "utc", "gmt"):
        return "+00:00"
    return f"{said[:3]}:{said[-2:]}"


def _in_london(moment: datetime) -> str:
    first, second = (moment.replace(tzinfo=LONDON, fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None
    assert second is not None
    if first > second:
        raise Unreadable(
            "ambiguous_time",
            "The clocks went back in this hour, so that it came twice. Add +01:00 for the first time round or +00:00 "
            "for the second.",
        )
    if first < second:
        raise Unreadable(
            "no_such_time", "The clocks went forward in this hour: there was no such time that night."
        )
    return "+01:00" if first else "+00:00"
