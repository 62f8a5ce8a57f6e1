"""What a correction asks of a force's own records, read off two things it was told: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Said:
    """What one event said of a referral. ``log`` is the sentence for the intelligence system, where there was one."""

    outcome: str
    level: str
    may_reoffer: bool
    bar_until: date | None
    log: str | None
    log_reason: str | None = None


def said_by(compliance: Mapping[str, Any], intelligence_log: Mapping[str, Any] | None) -> Said:
    """An event's two objects as one."""
    until = compliance["bar_until"]
    return Said(
        outcome=compliance["outcome"],
        level=compliance["level"],
        may_reoffer=compliance["may_reoffer"],
        bar_until=date.fromisoformat(until) if until else None,
        log=intelligence_log["text"] if intelligence_log else None,
        log_reason=intelligence_log["reason"] if intelligence_log else None,
    )


def to_change(before: Said, now: Said) -> Iterator[str]:
    """What has to be changed in the force's records, one sentence each; nothing where it stands again as it did.

    ``before`` is what was corrected, ``now`` what the force was told last.
    """
    if before.log is not None and before.log != now.log:
        yield "Take the intelligence log out of your system."
    if before.outcome != now.outcome:
        yield f"Change the outcome from “{_words(before.outcome)}” to “{_words(now.outcome)}”."
    if before.level != now.level:
        yield f"Change the level from “{_words(before.level)}” to “{_words(now.level)}”."
    if before.may_reoffer and not now.may_reoffer:
        yield f"It may not be offered again{_until(now.bar_until)}."
    elif now.may_reoffer and not before.may_reoffer:
        yield "Take the bar out: it may be offered again."
    elif before.bar_until != now.bar_until:
        yield f"The bar has another end: it may not be offered again{_until(now.bar_until)}."


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()


def _until(day: date | None) -> str:
    return f" until {day.day} {day:%B %Y}" if day is not None else ""
