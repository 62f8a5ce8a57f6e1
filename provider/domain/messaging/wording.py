"""Words a text: the words of its kind with the facts of the live booking put in.

The words are data: as they are shipped, ``templates/texts/<language>/<kind>.txt``, or as a scheme has them at the desk.
A placeholder is replaced once, and what was put in is not looked at again: there is no template language for a name
to reach.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provider.domain.messaging.kinds import SAFE_BEFORE_CONFIRMED, SPOKEN, template_for
from provider.domain.messaging.languages import FALLBACK, Language, languages, shipped
from provider.domain.messaging.names import safe_first_name
from provider.domain.messaging.segments import Segments, count, to_gsm
from provider.kernel.calendar import london

Words = Mapping[tuple[str, str], str]
"""What a scheme says instead of what is shipped: by kind and language."""

ALWAYS = frozenset({"who", "service", "link", "phone"})
TOGETHER = (
    frozenset({"day", "date", "time"}),
    frozenset({"length"}),
    frozenset({"where"}),
    frozenset({"by_day", "by_date", "by_time"}),
    frozenset({"words"}),
)
"""Placeholders whose facts come together: a kind has all of them or none."""

PLACEHOLDERS = frozenset({"greeting"}).union(ALWAYS, *TOGETHER)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_NONE: Words = {}


@dataclass(frozen=True)
class TextFacts:
    """What a text may say. Moments are aware; ``minutes`` is the length; ``reply_by`` ends an offer; ``words`` are a
    drug worker's own; ``where`` is the address of a room.

    ``first_name`` is as recorded: it is left out where it is not safe to send, and None where the number is shared.
    """

    service: str
    phone: str
    link: str
    first_name: str | None = None
    worker_first_name: str | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    where: str | None = None
    reply_by: datetime | None = None
    words: str | None = None


@dataclass(frozen=True)
class Rendered:
    """``language`` is the one it is really in: English where there are no words in the one asked for."""

    body: str
    language: str

    @property
    def segments(self) -> Segments:
        """Worked out where it is asked for: not at sending."""
        return count(self.body)


def render(kind: str, facts: TextFacts, *, language: str = FALLBACK, words: Words = _NONE) -> Rendered:
    """The text as it is sent, in the scheme's own ``words`` where it has some. ValueError for an unknown kind or
    placeholder, or a fact the words need and lack.

    A kind that goes to unconfirmed numbers never says the name, whatever ``facts`` holds.
    """
    name = template_for(kind)
    said, found_in = words_for(name, language=language, words=words)
    return fill(said, facts, kind=name, language=found_in)


def fill(said: str, facts: TextFacts, *, kind: str, language: str) -> Rendered:
    """Exactly these words of a kind, with the facts put in. ValueError as for ``render``."""
    known = _values(facts, languages()[language], named=kind not in SAFE_BEFORE_CONFIRMED)
    missing = placeholders(said) - known.keys()
    if missing:
        raise ValueError(f"a text cannot be worded without {', '.join(sorted(missing))}")
    body = to_gsm(_PLACEHOLDER.sub(lambda match: known[match[1]], said))
    return Rendered(body, language)


def words_for(kind: str, *, language: str, words: Words) -> tuple[str, str]:
    """The words of a kind and the language they are in: a scheme's own, else as shipped, else the same in English."""
    for tried in (language, FALLBACK):
        found = words.get((kind, tried)) or shipped(kind, tried)
        if found is not None:
            return found, tried
    raise ValueError(f"the text {kind} has no words")


def placeholders(said: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_PLACEHOLDER.findall(said))


def may_hold(kind: str) -> frozenset[str]:
    """The placeholders that words of a kind may hold: those whose facts it has, as the English words show."""
    if kind in SPOKEN:
        return ALWAYS - {"link"}
    used = placeholders(shipped(kind, FALLBACK) or "")
    greeted = frozenset[str]() if kind in SAFE_BEFORE_CONFIRMED else frozenset({"greeting"})
    return ALWAYS.union(greeted, *(group for group in TOGETHER if group & used))


def _values(facts: TextFacts, language: Language, *, named: bool) -> dict[str, str]:
    values = {
        "greeting": language.greeting(safe_first_name(facts.first_name) if named else None),
        "who": language.who(safe_first_name(facts.worker_first_name), facts.service),
        "service": facts.service,
        "link": facts.link,
        "phone": facts.phone,
        "words": facts.words or "",
        "where": facts.where or "",
        "length": language.length(facts.minutes) if facts.minutes else "",
        **_moment("", facts.starts_at, language),
        **_moment("by_", facts.reply_by, language),
    }
    return {key: value for key, value in values.items() if value}


def _moment(prefix: str, moment: datetime | None, language: Language) -> dict[str, str]:
    if moment is None:
        return {}
    there = london(moment)
    return {
        f"{prefix}day": language.day(there),
        f"{prefix}date": language.date(there),
        f"{prefix}time": language.time(there),
    }
