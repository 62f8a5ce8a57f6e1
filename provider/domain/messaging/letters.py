"""Plain letters, for whom texts do not work. Held to the words of texts: somebody else may open them.

Each is a file of a language, ``templates/texts/<language>/letters/<kind>.txt``; an empty line begins a paragraph.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from provider.domain.messaging.languages import FALLBACK, TEMPLATES, Language, languages
from provider.kernel.calendar import london

LETTERS: Mapping[str, str] = {
    "first_contact": "We would like to speak with you",
    "appointment": "An appointment",
    "session_by_telephone": "A session, joined by telephone",
    "session_in_a_room": "A session in a room",
    "session_online": "An online session",
    "missed": "After something was missed",
    "closing": "We have not been able to speak with you",
}
"""The kinds of letter, and what the desk calls each."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class LetterFacts:
    """What a letter may say. ``starts_at`` is aware; ``where`` the address of a room, ``dial_in`` what to ring."""

    name: str
    service: str
    phone: str
    starts_at: datetime | None = None
    minutes: int | None = None
    where: str | None = None
    dial_in: str | None = None


@dataclass(frozen=True)
class Worded:
    """A letter as it is printed. ``language`` is the one it is really in; ``digest`` is of all its words."""

    dear: str
    paragraphs: tuple[str, ...]
    yours: str
    service: str
    phone: str
    language: str
    date: str

    @property
    def digest(self) -> str:
        said = (self.dear, *self.paragraphs, self.yours, self.service, self.phone)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def word(kind: str, facts: LetterFacts, *, language: str, written_on: datetime) -> Worded:
    """The letter in the language, else in English. ValueError for a kind or a fact there is none of."""
    code = language if shipped_letter(kind, language) is not None else FALLBACK
    said, spoken = shipped_letter(kind, code), languages()[code]
    if said is None:
        raise ValueError(f"there is no letter of the kind {kind}")
    known = _values(facts, spoken)
    missing = set(_PLACEHOLDER.findall(said)) - known.keys()
    if missing:
        raise ValueError(f"a letter cannot be worded without {', '.join(sorted(missing))}")
    body = _PLACEHOLDER.sub(lambda match: known[match[1]], said)
    there = london(written_on)
    return Worded(
        dear=spoken.dear(facts.name),
        paragraphs=tuple(" ".join(part.split()) for part in body.split("\n\n")),
        yours=spoken.yours,
        service=facts.service,
        phone=facts.phone,
        language=code,
        date=f"{spoken.date(there)} {there.year}",
    )


@cache
def shipped_letter(kind: str, language: str) -> str | None:
    """The words of a kind as they are shipped; None where the language has none."""
    path = TEMPLATES / language / "letters" / f"{kind}.txt"
    return path.read_text(encoding="utf-8").strip() if kind in LETTERS and path.is_file() else None


def _values(facts: LetterFacts, language: Language) -> dict[str, str]:
    values = {"phone": facts.phone, "where": facts.where or "", "dial_in": facts.dial_in or ""}
    if facts.starts_at is not None:
        there = london(facts.starts_at)
        values |= {"day": language.day(there), "date": language.date(there), "time": language.time(there)}
    if facts.minutes is not None:
        values["length"] = language.length(facts.minutes)
    return {key: value for key, value in values.items() if value}
