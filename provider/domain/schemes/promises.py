"""What a text may promise under a scheme's terms: one table of what is promised, when it is true, and why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provider.domain.schemes.terms import Terms


@dataclass(frozen=True)
class Promise:
    """``kept`` says whether the terms make it true; ``unless``, as a sentence, why it may not be said where not."""

    kept: Callable[[Terms], bool]
    unless: str


def _open_again(terms: Terms) -> bool:
    return terms.repeat_rule != "up_to" and not terms.bars()


def _never(_terms: Terms) -> bool:
    return False


PROMISES: Mapping[str, Promise] = {
    "offered_again": Promise(_open_again, "under these terms it is not offered again to everybody."),
    "without_limit": Promise(
        lambda terms: terms.repeat_rule == "unlimited", "these terms do not offer it without limit."
    ),
    "can_come_back": Promise(
        lambda terms: terms.back_within_days > 0 or _open_again(terms),
        "under these terms nobody can come back after the end.",
    ),
    "another_chance": Promise(
        lambda terms: terms.misses_allowed > 0, "under these terms there is no second chance after a miss."
    ),
    "not_held_against": Promise(
        lambda terms: (
            not (terms.may_prosecute or terms.bars() or terms.intelligence_log) and terms.basis == "agreement"
        ),
        "under these terms something does follow from not taking part.",
    ),
    "own_choice": Promise(
        lambda terms: terms.basis == "agreement" and not terms.may_prosecute,
        "under these terms it is not left to them alone.",
    ),
    "move_freely": Promise(_never, "terms limit how often an appointment can be moved."),
    "any_hour": Promise(_never, "no terms say that somebody answers at every hour."),
    "nobody_else": Promise(_never, "there are limits to what is kept between us, told at the first call."),
    "costs_nothing": Promise(_never, "no terms say what it costs."),
    "by_when": Promise(_never, "a day that is known can be put in; a time within which is a promise."),
    "sure": Promise(_never, "a text says what is booked, and vouches for nothing."),
}


def unkept(terms: Terms) -> dict[str, str]:
    """What may not be promised under these terms, each with why."""
    return {code: promise.unless for code, promise in PROMISES.items() if not promise.kept(terms)}
