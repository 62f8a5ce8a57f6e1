"""The parts of a day in which people are rung, and what somebody meant by the times that suit them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from provider.kernel.calendar import add_working_days, at_london, london, london_date


class PartOfDay(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True)
class Window:
    """A part of a day, or a piece of one, on London's clock: ``starts`` counts, ``ends`` does not."""

    part: PartOfDay
    starts: time
    ends: time


WINDOWS = (
    Window(PartOfDay.MORNING, time(9), time(12)),
    Window(PartOfDay.AFTERNOON, time(12), time(17)),
    Window(PartOfDay.EVENING, time(17), time(20)),
)

_WORDS = {
    "morning": (time(9), time(12)),
    "lunch": (time(12), time(14)),
    "afternoon": (time(12), time(17)),
    "after school": (time(15, 30), time(20)),
    "after work": (time(17), time(20)),
    "evening": (time(17), time(20)),
    "night": (time(17), time(20)),
}
_HOUR = r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?"
_AFTER = re.compile(rf"\b(?:after|from)\s+{_HOUR}")
_BEFORE = re.compile(rf"\b(?:before|until|till)\s+{_HOUR}")
_BETWEEN = re.compile(rf"\b{_HOUR}\s*(?:-|–|to|and)\s*{_HOUR}")
_NOT = re.compile(
    r"\b(?:not|no|never|except|avoid)\s+(?:in\s+)?(?:the\s+)?(morning|lunch|afternoon|evening|night)"
)


def part_of_day(moment: datetime) -> PartOfDay:
    """The part of London's day that ``moment`` is in; before nine is morning, after eight evening."""
    there = london(moment).time()
    return next((window.part for window in WINDOWS if there < window.ends), PartOfDay.EVENING)


def suiting(best_times: str | None) -> tuple[Window, ...]:
    """The windows that words such as ``evenings`` or ``after 3pm`` ask for, earliest first; empty where none.

    Words that are not understood ask for nothing: a person reads them beside the suggestion.
    """
    words = (best_times or "").casefold()
    unwanted = set(_NOT.findall(words))
    wanted = _NOT.sub("", words)
    spans = [span for word, span in _WORDS.items() if word in wanted]
    spans = spans or [span for word, span in _DAY.items() if unwanted and word not in unwanted]
    starts, ends = _limits(wanted)
    if not spans and (starts, ends) == _WHOLE_DAY:
        return ()
    return _cut(spans or [_WHOLE_DAY], starts, ends)


def first_in(
    windows: Iterable[Window], *, at_or_after: datetime, closures: Collection[date] = ()
) -> tuple[datetime, Window]:
    """The first moment, in UTC, in one of ``windows`` on a working day, and the window it is in."""
    offered = sorted(windows, key=lambda window: window.starts)
    today = london_date(at_or_after)
    for day in (add_working_days(today, count, closures=closures) for count in (0, 1)):
        for window in offered:
            if day > today or at_or_after < at_london(day, window.ends):
                return max(at_london(day, window.starts), at_or_after), window
    raise ValueError("there is no window to ring in")


_WHOLE_DAY = (time(9), time(20))
_DAY = {window.part.value: (window.starts, window.ends) for window in WINDOWS}


def _limits(words: str) -> tuple[time, time]:
    """From when and until when, in ``after 3pm``, ``before 11``, ``between 1 and 3pm``."""
    between, after, before = _BETWEEN.search(words), _AFTER.search(words), _BEFORE.search(words)
    starts, ends = _WHOLE_DAY
    if between:
        hour, minute, half, to_hour, to_minute, to_half = between.groups()
        return _time(starts, hour, minute, half or to_half), _time(ends, to_hour, to_minute, to_half)
    if after:
        starts = _time(starts, *after.groups())
    if before:
        ends = _time(ends, *before.groups())
    return starts, ends


def _time(otherwise: time, hour: str, minute: str | None, half: str | None) -> time:
    """``3`` is three in the afternoon and ``11`` before noon: nobody asks to be rung at night."""
    count = int(hour)
    if (half == "pm" or (half is None and count < 8)) and count < 12:
        count += 12
    if count > 23 or int(minute or 0) > 59:
        return otherwise
    return time(count, int(minute or 0))


def _cut(spans: Iterable[tuple[time, time]], starts: time, ends: time) -> tuple[Window, ...]:
    pieces = (
        Window(window.part, max(window.starts, span[0], starts), min(window.ends, span[1], ends))
        for window in WINDOWS
        for span in spans
    )
    return tuple(dict.fromkeys(piece for piece in pieces if piece.starts < piece.ends))
