"""Days and times as people type them: a date in three boxes, a time in one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from wtforms import StringField
from wtforms.utils import unset_value

from provider.web.fields import Readable, printable, with_article

PARTS = ("day", "month", "year")
FIRST_YEAR, LAST_YEAR = 1900, 2099
"""Nothing that is dated here lies outside: before and after a day there is another, in every zone."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:. ]?(?P<minute>[0-9]{2}))?\s*(?:(?P<half>[ap])\.?m\.?)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Part:
    """One of the three boxes of a date, as a template draws it."""

    name: str
    id: str
    label: str
    value: str
    faulty: bool
    width: int


class NotADate(Exception):
    """What the boxes say is no date: why, and which of them are to blame."""

    def __init__(self, sentence: str, parts: tuple[str, ...]) -> None:
        self.sentence, self.parts = sentence, parts
        super().__init__(sentence)


class DateParts(Readable):
    """A date as three boxes, ``<name>-day``, ``<name>-month``, ``<name>-year``; ``data`` is a ``date`` or None.

    A month may be a number or its English name. ``faulty_parts`` names the boxes that an error is about.
    """

    data: date | None
    process_errors: list[str]
    errors: Any

    def __init__(self, label: str = "", validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.typed: dict[str, str] = {}
        self.faulty_parts: tuple[str, ...] = ()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.process_errors, self.faulty_parts = [], ()
        self.process_data(self.default if data is unset_value else data)
        self.object_data = self.data
        self.typed = {part: str(getattr(self.data, part)) if self.data else "" for part in PARTS}
        if formdata is None:
            return
        self.typed = {part: str(formdata.get(f"{self.name}-{part}", "")).strip() for part in PARTS}
        self.raw_data = list(self.typed.values())
        try:
            self.data = self._read()
        except NotADate as fault:
            self.data, self.faulty_parts = None, fault.parts
            self.process_errors.append(f"{self.label.text} {fault.sentence}")

    def _read(self) -> date | None:
        missing = tuple(part for part in PARTS if not self.typed[part])
        if len(missing) == len(PARTS):
            return None
        if missing:
            raise NotADate(f"must include {' and '.join(map(with_article, missing))}", missing)
        day, month, year = (
            _number(self.typed["day"]),
            _month(self.typed["month"]),
            _number(self.typed["year"]),
        )
        if year is None or not re.fullmatch("[0-9]{4}", self.typed["year"]):
            raise NotADate("must have a year of 4 numbers, like 2003", ("year",))
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise NotADate(f"must have a year from {FIRST_YEAR} to {LAST_YEAR}", ("year",))
        if month is None or not 1 <= month <= 12:
            raise NotADate("must be a real date: check the month", ("month",))
        try:
            return date(year, month, day or 0)
        except ValueError:
            raise NotADate("must be a real date", ("day",)) from None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The three boxes; where the fault is of the whole date, all of them are marked."""
        faulty = self.faulty_parts or PARTS if self.errors else ()
        return tuple(
            Part(
                name=f"{self.name}-{part}",
                id=f"{self.id}-{part}",
                label=part.capitalize(),
                value=printable(self.typed.get(part, "")),
                faulty=part in faulty,
                width=4 if part == "year" else 2,
            )
            for part in PARTS
        )


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else None


def _month(text: str) -> int | None:
    name = text[:3].lower()
    return MONTHS.index(name) + 1 if name in MONTHS else _number(text)


class TimeField(Readable, StringField):
    """A time of day as people write it: ``9:30``, ``0930``, ``14:05``, ``2pm``, ``2.30 pm``, ``midday``."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip().lower() if valuelist else ""
        self.data = None
        if text:
            self.data = read_time(text)
            if self.data is None:
                raise ValueError(f"{self.label.text} must be a time, like 9:30am or 14:05")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.strftime("%H:%M") if self.data else ""


def read_time(text: str) -> time | None:
    """What the text says, or None. An hour by itself (``2``) could be either half of the day and is not guessed."""
    if text in ("midday", "noon", "12 midday"):
        return time(12)
    match = CLOCK.fullmatch(text)
    if match is None or not (match["minute"] or match["half"]):
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
