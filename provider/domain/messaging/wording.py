"""Words a text: a template of its kind with the facts of the live booking put in.

Templates are data, ``templates/texts/<language>/<kind>.txt``. A placeholder is replaced once, and what was put in is
not looked at again: there is no template language for a name to reach.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from provider.domain.messaging.kinds import SAFE_BEFORE_CONFIRMED, template_for
from provider.domain.messaging.names import safe_first_name
from provider.domain.messaging.segments import Segments, count, to_gsm
from provider.kernel.calendar import london

TEMPLATES = Path(__file__).parents[3] / "templates" / "texts"
PLACEHOLDERS = frozenset(
    {
        "greeting",
        "first_name",
        "who",
        "worker_first_name",
        "service",
        "day",
        "date",
        "time",
        "minutes",
        "length",
        "by_day",
        "by_time",
        "link",
        "phone",
    }
)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class TextFacts:
    """What a text may say. Moments are aware; ``minutes`` is the length; ``reply_by`` ends an offer.

    ``first_name`` is as recorded: it is left out where it is not safe to send, and None where the number is shared.
    """

    service: str
    phone: str
    link: str
    first_name: str | None = None
    worker_first_name: str | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    reply_by: datetime | None = None


@dataclass(frozen=True)
class Rendered:
    """``language`` is the one it is really in: English where the template is not there in the one asked for."""

    body: str
    segments: Segments
    language: str


def render(kind: str, facts: TextFacts, *, language: str = "en") -> Rendered:
    """The text as it is sent. ValueError for an unknown kind, placeholder or a fact the template needs and lacks.

    A kind that goes to unconfirmed numbers never says the name, whatever ``facts`` holds.
    """
    name = template_for(kind)
    template, found_in = _template(name, language)
    known = _values(facts, named=name not in SAFE_BEFORE_CONFIRMED)
    body = to_gsm(_fill(template, known))
    return Rendered(body, count(body), found_in)


def placeholders(template: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_PLACEHOLDER.findall(template))


@cache
def _template(name: str, language: str) -> tuple[str, str]:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language):
        raise ValueError("a language is a code such as en or cy")
    for tried in (language, "en"):
        path = TEMPLATES / tried / f"{name}.txt"
        if path.is_file():
            return path.read_text(encoding="utf-8").strip(), tried
    raise ValueError(f"the text {name} has no template")


def _fill(template: str, known: Mapping[str, str]) -> str:
    missing = placeholders(template) - known.keys()
    if missing:
        raise ValueError(f"a text cannot be worded without {', '.join(sorted(missing))}")
    return _PLACEHOLDER.sub(lambda match: known[match[1]], template)


def _values(facts: TextFacts, *, named: bool) -> dict[str, str]:
    name = safe_first_name(facts.first_name) if named else None
    worker = safe_first_name(facts.worker_first_name)
    values = {
        "greeting": f"Hi {name}" if name else "Hello",
        "first_name": name,
        "who": f"{worker} from {facts.service}" if worker else facts.service,
        "worker_first_name": worker,
        "service": facts.service,
        "link": facts.link,
        "phone": facts.phone,
        "minutes": str(facts.minutes) if facts.minutes else None,
        "length": _length(facts.minutes) if facts.minutes else None,
        **_moment("", facts.starts_at),
        **_moment("by_", facts.reply_by),
    }
    return {key: value for key, value in values.items() if value}


def _moment(prefix: str, moment: datetime | None) -> dict[str, str]:
    if moment is None:
        return {}
    there = london(moment)
    return {
        f"{prefix}day": f"{there:%A}",
        f"{prefix}date": f"{there.day} {there:%B}",
        f"{prefix}time": _clock(there),
    }


def _clock(there: datetime) -> str:
    """As people say it: 10am, 2:30pm, midday."""
    if there.minute == 0 and there.hour in (0, 12):
        return "midday" if there.hour else "midnight"
    minutes = f":{there.minute:02}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes}{'am' if there.hour < 12 else 'pm'}"


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours or minutes == 90:
        return f"{minutes} minutes"
    said = f"{hours} hour" if hours == 1 else f"{hours} hours"
    return f"{said} {rest} minutes" if rest else said
