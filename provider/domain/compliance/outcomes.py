"""Where a referral stands → what its force is told. One table; the pathway somebody took is nowhere in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

OUTCOMES: dict[str, str] = {
    "held": "open",
    "declined": "declined",
    "accepted": "open",
    "assessment_booked": "open",
    "assessed": "open",
    "waiting": "open",
    "placed": "open",
    "completed": "completed",
    "not_engaged": "not_engaged",
    "not_reached": "not_reached",
    "withdrawn": "withdrawn",
}

LEVELS: Mapping[str, str | None] = {
    "held": "none",
    "declined": "none",
    "accepted": "none",
    "assessment_booked": "none",
    "assessed": "assessment",
    "waiting": "assessment",
    "placed": "assessment",
    "completed": None,
    "not_engaged": None,
    "not_reached": None,
    "withdrawn": None,
}
"""The level a force reads; None where it is the one reached, which for *completed* is the one the terms count."""

_SHOWN_AS_IT_IS = frozenset({"held", "declined", "completed", "not_engaged", "not_reached", "withdrawn"})

LOG_SENTENCE = (
    "The person did not take part in the activity offered under reference {reference}; contact was attempted"
    " {times} ({dates}); this is not evidence of drug use, offending or risk."
)
"""All that a scheme's sentence has to say, and no more."""

_LOG_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_LOG_KNOWS = frozenset({"reference", "attempts", "times", "dates"})


@dataclass(frozen=True)
class Reoffer:
    """Whether the scheme may be offered again, and until when not. A bar always has an end."""

    may_reoffer: bool
    bar_until: date | None


def status_for_force(status: str) -> str:
    """The status a force reads: held, accepted, declined or the outcome. Every step on the way reads *accepted*."""
    if status not in OUTCOMES:
        raise ValueError(f"{status} is no status")
    return status if status in _SHOWN_AS_IT_IS else "accepted"


def level_for_force(status: str, *, reached: str, tells_level: bool = True) -> str:
    """The level a force reads at a status: none, assessment or intervention.

    A force that is not told of an assessment as it is attended does not read of it on the way either.
    """
    if OUTCOMES[status] == "open" and not tells_level:
        return "none"
    return LEVELS[status] or reached


def compliance(
    *, status: str, level: str, may_reoffer: bool, bar_until: date | None, rule: str, tells_level: bool = True
) -> dict[str, Any]:
    """The ``compliance`` object of an event and of a referral; ``level`` is the one reached or counted so far."""
    return {
        "level": level_for_force(status, reached=level, tells_level=tells_level),
        "outcome": OUTCOMES[status],
        "may_reoffer": may_reoffer,
        "bar_until": bar_until.isoformat() if bar_until is not None else None,
        "rule": rule,
    }


def reoffer(
    status: str, *, repeat_rule: str, times: int, limit: int | None = None, bar_ends: date | None = None
) -> Reoffer:
    """What an ending means for next time, by the scheme's rule: unlimited, while_engaging or up_to (``limit``).

    ``times`` counts this referral and those before it. ``bar_ends`` is when a bar of this scheme would end; where
    the scheme sets none, there is no bar. Not reached and withdrawn are nobody's failing and use nothing up.
    """
    if status in ("not_reached", "withdrawn"):
        return Reoffer(True, None)
    if repeat_rule == "while_engaging" and status == "not_engaged" and bar_ends is not None:
        return Reoffer(False, bar_ends)
    used_up = repeat_rule == "up_to" and limit is not None and times >= limit
    return Reoffer(not used_up, None)


def intelligence_log_text(sentence: str, *, reference: str, attempts: int, days: Sequence[date]) -> str:
    """The scheme's one fixed sentence, with the reference, how many contact attempts and on which days.

    ValueError for a placeholder other than ``{reference}``, ``{attempts}`` (3), ``{times}`` (3 times) and ``{dates}``.
    """
    known = {
        "reference": reference,
        "attempts": str(attempts),
        "times": {0: "no times", 1: "once", 2: "twice"}.get(attempts, f"{attempts} times"),
        "dates": _in_words(days),
    }
    unknown = set(_LOG_PLACEHOLDER.findall(sentence)) - known.keys()
    if unknown:
        raise ValueError(f"the sentence for the intelligence log has unknown placeholders: {sorted(unknown)}")
    return _LOG_PLACEHOLDER.sub(lambda match: known[match[1]], sentence)


def log_sentence_faults(sentence: str) -> tuple[str, ...]:
    """What keeps a scheme's own sentence from being used, one sentence each; empty where nothing does."""
    found = _LOG_PLACEHOLDER.findall(sentence)
    faults = [f"“{{{name}}}” means nothing here." for name in dict.fromkeys(found) if name not in _LOG_KNOWS]
    if "reference" not in found:
        faults.append("Say under which {reference}.")
    if not {"attempts", "times"} & set(found) or "dates" not in found:
        faults.append("Say how many contact {attempts} were made, or {times}, and on which {dates}.")
    if "not evidence" not in sentence.casefold():
        faults.append("Say that it is not evidence of drug use, offending or risk.")
    return tuple(faults)


def _in_words(days: Sequence[date]) -> str:
    said = [f"{day.day} {day:%B %Y}" for day in days]
    if len(said) < 2:
        return said[0] if said else "no date"
    return f"{', '.join(said[:-1])} and {said[-1]}"
