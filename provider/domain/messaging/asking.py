"""What a text asks to be answered. Twilio takes some words for itself; 1 and 2 are all that a text ever suggests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from provider.domain.messaging.languages import FALLBACK, read_toml

TWILIO_KEYWORDS = frozenset(
    "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP".split()  # noqa: SIM905
)
SUGGESTED_REPLIES = frozenset({"1", "2"})
LONGEST_NUMBER = 3
"""A longer one is to be rung."""
_SHOUTED = re.compile(rf"\b(?:{'|'.join(sorted(TWILIO_KEYWORDS))})\b")


@dataclass(frozen=True)
class Asked:
    """``keywords`` are Twilio's; ``replies`` all others that are suggested, 1 and 2 among them."""

    keywords: frozenset[str]
    replies: frozenset[str]


@dataclass(frozen=True)
class _Ways:
    """How a language asks for an answer: with one word, with one more after "or", with the verb that always asks."""

    asked: re.Pattern[str]
    also: re.Pattern[str]
    reply: re.Pattern[str]


def asked_in(text: str, *, language: str) -> Asked:
    """What ``text`` asks to be answered, asked for in its own language or in English."""
    ways = [_ways(code) for code in dict.fromkeys((language, FALLBACK))]
    asked = {match[1] for way in ways for found in (way.asked, way.also) for match in found.finditer(text)}
    keywords = {word for word in asked if word.upper() in TWILIO_KEYWORDS} | set(_SHOUTED.findall(text))
    replies = {match[1] for way in ways for match in way.reply.finditer(text)}
    numbers = {word for word in asked if word.isdigit() and len(word) <= LONGEST_NUMBER}
    return Asked(frozenset(keywords), frozenset(replies | numbers) - keywords)


@cache
def _ways(code: str) -> _Ways:
    said = read_toml(code, "never")["replies"]
    ask, reply, nothing = (_any(said[name].split()) for name in ("ask", "reply", "not_a_reply"))
    between = rf"(?: (?:{_any(said['between'])}))*"
    also = rf"\b(?:{ask})\b[^.?!\n]* {said['or']} [\"']?(\w+)(?! {said['to']}\b)"
    return _Ways(
        asked=re.compile(rf"\b(?:{ask}){between} [\"']?(\w+)", re.IGNORECASE),
        also=re.compile(also, re.IGNORECASE),
        reply=re.compile(rf"\b(?:{reply}){between} [\"']?(?!(?:{nothing})\b)(\w+)", re.IGNORECASE),
    )


def _any(words: list[str]) -> str:
    return "|".join(map(re.escape, words))
