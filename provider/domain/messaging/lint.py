"""Whether a text may be sent as it is worded: what it must not say, and what it must not leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from provider.domain.messaging.asking import SUGGESTED_REPLIES, asked_in
from provider.domain.messaging.forbidden import forbidden_in, forbidden_in_host, promises_in
from provider.domain.messaging.kinds import SPOKEN, means
from provider.domain.messaging.languages import FALLBACK, languages, shipped
from provider.domain.messaging.segments import beyond_gsm
from provider.domain.messaging.wording import may_hold, placeholders

_LINK = re.compile(r"\bhttps?://([^\s/?#]+)\S*|\{link\}", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)(?:\+44 ?|0)(?:\d ?){9,10}(?!\d)|\{phone\}")
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")
_TYPED_LINK = re.compile(
    r"\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|uk|co|wales|cymru|info|ly|me|app)\b\S*", re.I
)
_PERSONAL = (
    ("a number to ring", re.compile(r"(?:\+44 ?|\b0)(?:\d[ -]?){8,10}\d\b")),
    ("an e-mail address", re.compile(r"\S+@\S+")),
    ("a date", re.compile(r"\b\d{1,2}([/.-])\d{1,2}\1\d{2,4}\b|\b(?:19|20)\d\d(?:-\d\d){0,2}\b")),
    ("a postcode", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")),
    (
        "a reference",
        re.compile(r"\b[A-Z\d]{4}-[A-Z\d]{4}\b|\b\d+(?:/\d+)+\b|\b[1-9]\d{4,}\b|\b[A-Z]{2}\d{6}[A-D]?\b"),
    ),
)
"""What belongs to one person, and so never into words that everybody gets. A name that is typed nobody can tell."""


@dataclass(frozen=True)
class Fault:
    """``word`` is what stands there, empty where something is left out; ``detail`` a sentence for whoever words it.

    ``code``: a kind of forbidden word, host_name, twilio_keyword, other_reply, no_link, no_number; and of words with
    placeholders also unknown_placeholder, typed_link, personal_data, promise, costly_character, no_name, no_time.
    """

    code: str
    detail: str
    word: str = ""


def lint(body: str, *, language: str = FALLBACK) -> tuple[Fault, ...]:
    """Everything that keeps ``body``, a text or the words of one, from being sent; empty where nothing does."""
    links = list(_LINK.finditer(body))
    rest = _LINK.sub(" ", body)
    return (
        *(
            Fault(kind, f"“{word}” must not stand in a text.", word)
            for kind, word in forbidden_in(rest, language=language)
        ),
        *(
            Fault("host_name", f"“{word}” must not stand in the name of the link's host.", word)
            for link in links
            for word in forbidden_in_host(link[1] or "")
        ),
        *_reply_faults(rest, language),
        *(() if links else (Fault("no_link", "There is no link to see or change what the text says."),)),
        *(() if _NUMBER.search(rest) else (Fault("no_number", "There is no number to ring."),)),
    )


def _reply_faults(text: str, language: str) -> Iterator[Fault]:
    asked = asked_in(text, language=language)
    for word in sorted(asked.keywords):
        yield Fault("twilio_keyword", f"“{word}” is a word that Twilio takes for itself.", word)
    for word in sorted(asked.replies - SUGGESTED_REPLIES):
        yield Fault("other_reply", f"“{word}”: the only replies a text suggests are 1 and 2.", word)


def lint_words(kind: str, said: str, *, language: str, unkept: Mapping[str, str]) -> tuple[Fault, ...]:
    """Everything that keeps words of a kind from being used; ``unkept`` says of what is promised why it is not true.

    ``said`` has placeholders. What is spoken needs no link, and costs nothing by the letter.
    """
    spoken = kind in SPOKEN
    found = (
        *(fault for fault in lint(said, language=language) if not (spoken and fault.code == "no_link")),
        *_placeholder_faults(kind, said),
        *_typed_faults(said),
        *(() if spoken else _meaning_faults(kind, said, language)),
        *(
            Fault("promise", f"“{phrase}”: {unkept[code]}", phrase)
            for code, phrase in promises_in(said, language=language)
            if code in unkept
        ),
        *(() if spoken else _costly(said, language)),
    )
    return tuple(dict.fromkeys(found))


def _placeholder_faults(kind: str, said: str) -> Iterator[Fault]:
    known = may_hold(kind)
    for word in dict.fromkeys(_BRACES.findall(said)):
        if word[1:-1] not in known:
            yield Fault("unknown_placeholder", f"“{word}” is not among what can be put into this text.", word)
    if not placeholders(said) & {"service", "who"}:
        yield Fault("no_name", "It does not say whom it is from: put in {service} or {who}.")
    for group in _needed(kind) - placeholders(said):
        yield Fault("no_time", f"It does not say when: put in {{{group}}}.")


def _needed(kind: str) -> frozenset[str]:
    """What somebody must read to be there: the day and the time, where the text is about one."""
    return placeholders(shipped(kind, FALLBACK) or "") & {"day", "date", "time", "by_time"}


def _typed_faults(said: str) -> Iterator[Fault]:
    for match in _TYPED_LINK.finditer(said):
        yield Fault("typed_link", f"“{match[0]}”: the only link is {{link}}, which is their own.", match[0])
    for what, pattern in _PERSONAL:
        for match in pattern.finditer(said):
            yield Fault(
                "personal_data", f"“{match[0]}” looks like {what}: everybody gets these words.", match[0]
            )


def _meaning_faults(kind: str, said: str, language: str) -> Iterator[Fault]:
    """1 or 2 where an answer to this text means nothing."""
    for digit in sorted(asked_in(said, language=language).replies & SUGGESTED_REPLIES):
        if means(kind, digit) is None:
            yield Fault("other_reply", f"“{digit}” says nothing as an answer to this text.", digit)


def _costly(said: str, language: str) -> Iterator[Fault]:
    """A character that makes the whole text dearer though another would do. What the language needs may stay."""
    for character, instead in beyond_gsm(said).items():
        if instead is not None and character not in languages()[language].letters:
            told = (
                f"Write {instead} instead of {character}" if instead else f"Take out the unseen {character!a}"
            )
            yield Fault("costly_character", f"{told}: it makes the whole text dearer.", character)


@lru_cache(maxsize=2_000)
def clean(kind: str, said: str, language: str, unkept: frozenset[tuple[str, str]]) -> bool:
    """Whether nothing keeps these words from being used. Remembered: it is asked of every text that goes out."""
    return not lint_words(kind, said, language=language, unkept=dict(unkept))
