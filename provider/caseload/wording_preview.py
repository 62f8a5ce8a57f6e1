"""Words as they would arrive: on a phone, with the longest names that are likely, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from provider.domain.messaging.kinds import SPOKEN
from provider.domain.messaging.languages import languages
from provider.domain.messaging.links import LINK_CHARACTERS
from provider.domain.messaging.lint import Fault, lint_words
from provider.domain.messaging.segments import Segments, beyond_gsm
from provider.domain.messaging.wording import PLACEHOLDERS, TextFacts, fill, may_hold, placeholders
from provider.domain.schemes.promises import unkept
from provider.domain.schemes.queries import SchemeNow
from provider.kernel.calendar import LONDON, london

SHORT, LONGEST, BEYOND = "Sam", "Christopher-Emmanuel", "Siân"
"""First names: a short one, one of the 20 characters that are still said, one beyond the cheap alphabet."""


@dataclass(frozen=True)
class Size:
    """How many parts a text is sent in when it goes to somebody of this name, and its price in pence."""

    name: str
    segments: Segments
    pence: Decimal


@dataclass(frozen=True)
class Dear:
    """A character that makes the whole text dearer, and what says the same where there is anything."""

    character: str
    instead: str | None


@dataclass(frozen=True)
class Arrived:
    """What stands on the phone, as ``phone_frame`` shows it."""

    body: str
    at: datetime
    from_person: bool = False


@dataclass(frozen=True)
class Preview:
    """``arrived`` is None where the words cannot be filled in: ``faults`` say why. What is spoken has no ``sizes``."""

    service: str
    arrived: Arrived | None
    sizes: tuple[Size, ...]
    dear: tuple[Dear, ...]
    faults: tuple[Fault, ...]


def preview(
    scheme: SchemeNow, kind: str, language: str, said: str, *, public_url: str, pence: Decimal
) -> Preview:
    """Exactly these words, said or not, with what is wrong with them. Asks nothing of the database."""
    faults = lint_words(kind, said, language=language, unkept=unkept(scheme.terms))
    facts = _facts(scheme, language, public_url)
    fits = placeholders(said) <= may_hold(kind)
    sizes = tuple(_sizes(said, facts, kind, language, pence)) if fits and kind not in SPOKEN else ()
    body = fill(said, facts, kind=kind, language=language).body if fits else None
    return Preview(
        service=scheme.terms.service_name,
        arrived=None if body is None else Arrived(body, facts.starts_at or _longest_day(language)),
        sizes=sizes,
        dear=tuple(Dear(*pair) for pair in beyond_gsm(said).items()),
        faults=faults,
    )


def examples(scheme: SchemeNow, language: str, *, public_url: str) -> Mapping[str, str]:
    """What stands in the place of each placeholder, for example."""
    facts = replace(_facts(scheme, language, public_url), first_name=SHORT)
    return {
        name: fill(f"{{{name}}}", facts, kind="", language=language).body for name in sorted(PLACEHOLDERS)
    }


def _sizes(said: str, facts: TextFacts, kind: str, language: str, pence: Decimal) -> list[Size]:
    names = (SHORT, LONGEST, BEYOND) if "greeting" in placeholders(said) else (SHORT,)
    found = []
    for name in names:
        segments = fill(said, replace(facts, first_name=name), kind=kind, language=language).segments
        found.append(Size(name, segments, segments.parts * pence))
    return found


def _facts(scheme: SchemeNow, language: str, public_url: str) -> TextFacts:
    moment = _longest_day(language)
    return TextFacts(
        service=scheme.terms.service_name,
        phone=scheme.terms.phone,
        link=f"{public_url.rstrip('/')}/p/{'x' * LINK_CHARACTERS}",
        first_name=LONGEST,
        worker_first_name=LONGEST,
        starts_at=moment,
        minutes=150,
        where="Community Hall, 5 High Street, CV1 1AA",
        reply_by=moment,
        words="…",
    )


@cache
def _longest_day(language: str) -> datetime:
    """Of a year's days, at half past ten, the one that takes the most room."""
    spoken = languages()[language]
    first = datetime(2027, 1, 1, 10, 30, tzinfo=LONDON)
    days = [first + timedelta(days=number) for number in range(365)]
    return max(days, key=lambda day: len(spoken.day(london(day)) + spoken.date(london(day))))
