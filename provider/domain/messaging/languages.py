"""The languages that texts are written in. Each is a folder, ``templates/texts/<code>``, and nothing in the code:

``words.toml`` says how the language greets, names a day and a length; ``never.toml`` what its texts never say;
``<kind>.txt`` is the text of a kind, as it is shipped.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from provider.kernel.calendar import comes_twice

TEMPLATES = Path(__file__).parents[3] / "templates" / "texts"
CODE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
FALLBACK = "en"
NOON = 12


@dataclass(frozen=True)
class Language:
    """How a language says what is put into its texts. ``letters`` are those it needs though GSM-7 has them not."""

    code: str
    name: str
    letters: str
    words: Mapping[str, Any]

    def greeting(self, first_name: str | None) -> str:
        said: Mapping[str, str] = self.words["greeting"]
        return said["named"].format(name=first_name) if first_name else said["plain"]

    def dear(self, name: str) -> str:
        return str(self.words["letter"]["dear"].format(name=name))

    @property
    def yours(self) -> str:
        """How a letter ends."""
        return str(self.words["letter"]["yours"])

    def who(self, worker: str | None, service: str) -> str:
        return str(self.words["who"]["named"].format(worker=worker, service=service)) if worker else service

    def day(self, there: datetime) -> str:
        return str(self.words["moment"]["days"][there.weekday()])

    def date(self, there: datetime) -> str:
        """The number of the day and the month."""
        moment = self.words["moment"]
        return str(moment["date"].format(number=there.day, month=moment["months"][there.month - 1]))

    def time(self, there: datetime) -> str:
        """The time as people say it; in an hour that comes twice that night, which of the two."""
        said = self._clock(there)
        return (
            str(self.words["moment"]["twice"][there.fold]).format(time=said) if comes_twice(there) else said
        )

    def _clock(self, there: datetime) -> str:
        moment = self.words["moment"]
        if there.minute == 0 and there.hour % NOON == 0:
            return str(moment["midday" if there.hour else "midnight"])
        half = moment["morning" if there.hour < NOON else "afternoon"]
        said: str = half[1 if there.minute else 0]
        return said.format(hour=there.hour % NOON or NOON, hour24=there.hour, minute=f"{there.minute:02}")

    def length(self, minutes: int) -> str:
        """Hours and minutes; an hour and a half is ninety minutes."""
        hours, rest = divmod(minutes, 60)
        if not hours or minutes == 90:
            return self._many("minutes", minutes)
        return " ".join(self._many(unit, n) for unit, n in (("hours", hours), ("minutes", rest)) if n)

    def _many(self, unit: str, number: int) -> str:
        forms: Mapping[str, str] = self.words["length"][unit]
        return forms.get(str(number), forms["other"]).format(n=number)


@cache
def languages() -> Mapping[str, Language]:
    """Every language by its code, English first."""
    found = [path.parent.name for path in TEMPLATES.glob("*/words.toml")]
    codes = sorted(found, key=lambda code: (code != FALLBACK, code))
    return {code: _read(code) for code in codes}


def _read(code: str) -> Language:
    words = read_toml(code, "words")
    return Language(code, words["name"], words["letters"], words)


def read_toml(code: str, name: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / code / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def shipped(kind: str, language: str) -> str | None:
    """The text of a kind as it is shipped; None where the language has none."""
    path = TEMPLATES / language / f"{kind}.txt"
    return path.read_text(encoding="utf-8").strip() if language in languages() and path.is_file() else None
