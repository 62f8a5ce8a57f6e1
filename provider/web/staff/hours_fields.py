"""The hours of a day as people write them: ``9am to 12:30pm, 1pm to 5pm``."""

from __future__ import annotations

import re
from datetime import time
from itertools import pairwise
from typing import Any

from provider.domain.diary.hours import A_DAY
from provider.web.dates import read_time
from provider.web.fields import Readable
from provider.web.forms import StringField
from provider.web.words import london_time

Stretches = tuple[tuple[int, int], ...]
NOT_HOURS = "must be like 9am to 12:30pm, 1pm to 5pm"
MIDNIGHT = frozenset({"midnight", "24:00", "2400"})
_APART = re.compile(r"\s*(?:[,;+]|\band\b)\s*")
_UNTIL = re.compile(r"\s*(?:[-–—]|\bto\b|\btill?\b|\buntil\b)\s*")


class HoursField(Readable, StringField):
    """``data`` is the stretches as (from, until) in minutes after midnight, in order; none for a day off."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip().lower() if valuelist else ""
        self.data = ()
        if text:
            found = read_hours(text)
            if found is None:
                raise ValueError(f"{self.label.text} {NOT_HOURS}")
            if any(before[1] > after[0] for before, after in pairwise(found)):
                raise ValueError(f"{self.label.text} has stretches that overlap")
            self.data = found

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else say_hours(self.data or ())


def read_hours(text: str) -> Stretches | None:
    """What the text says, earliest first; None for what is no hours, or ends before it begins."""
    found = [_read(part) for part in _APART.split(text) if part]
    read = sorted(one for one in found if one is not None)
    return tuple(read) if read and len(read) == len(found) else None


def _read(part: str) -> tuple[int, int] | None:
    times = _UNTIL.split(part)
    if len(times) != 2:
        return None
    begins, ends = map(_minute, times)
    if begins is None or ends is None:
        return None
    begins, ends = begins % A_DAY, ends or A_DAY
    return (begins, ends) if begins < ends else None


def _minute(text: str) -> int | None:
    if text in MIDNIGHT:
        return A_DAY
    said = read_time(text)
    return None if said is None else said.hour * 60 + said.minute


def say_minute(minute: int) -> str:
    """``12:30pm``, ``midday``; the end of the day is ``midnight`` too."""
    return london_time(time(minute // 60 % 24, minute % 60))


def say_hours(stretches: Stretches) -> str:
    """As ``read_hours`` reads it again."""
    return ", ".join(f"{say_minute(begins)} to {say_minute(ends)}" for begins, ends in stretches)
