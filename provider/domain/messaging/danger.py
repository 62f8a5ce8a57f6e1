"""Whether a reply suggests that somebody is in danger: self-harm, overdose, a life at risk.

The phrases are data beside this file, for a clinician to read and edit. Every language's are looked for, whatever
language the person has on record: people write in the one that comes to them.
"""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

from provider.domain.messaging.plain_words import plain_words

FILE = Path(__file__).with_name("danger.toml")
ACKNOWLEDGED_WITHIN = timedelta(minutes=15)
"""After that every team lead is shown it, at work or not, and an alarm says that it waits."""

_OD = re.compile(r"\bo\.?d\.?(?:['’]d|['’]?(?:ed|ing))\b", re.IGNORECASE)
"""``od'd`` would be ``odd`` without its apostrophe."""


def suggests_danger(text: str) -> bool:
    """Whether any phrase stands in ``text``, once what means something else was taken out."""
    return language_of_danger(text) is not None


def language_of_danger(text: str) -> str | None:
    """The language in which ``text`` suggests danger; None where it does not."""
    said = _OD.sub("oded", text)
    # A new line may end a sentence, or be where a phone's narrow screen was full.
    ways = (
        [plain_words(said)] if "\n" not in said else [plain_words(said), plain_words(said.replace("\n", " "))]
    )
    for code, (phrases, idioms) in _phrases().items():
        if any(phrases.search(idioms.sub(" ", words) if idioms is not None else words) for words in ways):
            return code
    return None


@cache
def _phrases() -> dict[str, tuple[re.Pattern[str], re.Pattern[str] | None]]:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        code: (_any(said["phrases"]), _any(said["idioms"]) if said["idioms"] else None)
        for code, said in read.items()
    }


def _any(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w)(?:{phrase})(?!\w)" for phrase in phrases))
