"""Words that nothing sent to a person carries: a partner or a parent may read it, a landline may read it aloud.

The same holds for the service's name, the link's host, a meeting's topic and what is said on a voicemail. Each
language has its own, ``templates/texts/<language>/never.toml``; a star there stands for any ending, # for a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from provider.domain.messaging.languages import FALLBACK, languages, read_toml
from provider.domain.messaging.segments import to_gsm

Found = tuple[tuple[str, str], ...]
"""What was found, as (kind, the word as it stands there)."""


@dataclass(frozen=True)
class Never:
    """What one language's texts never say: patterns by kind, stems of host names, promises by their code."""

    words: Mapping[str, re.Pattern[str]]
    hosts: re.Pattern[str]
    promises: Mapping[str, re.Pattern[str]]


def forbidden_in(text: str, *, language: str | None = None) -> Found:
    """Each forbidden word as it stands in ``text``, behind its kind.

    A text is held to its own language's words and to English ones; a name, which anybody may read, to all.
    """
    said = to_gsm(text)
    found = {
        (match.start(), kind): match[0]
        for never in _of(language)
        for kind, pattern in never.words.items()
        for match in pattern.finditer(said)
    }
    return tuple((kind, found[at, kind]) for at, kind in sorted(found))


def promises_in(text: str, *, language: str) -> Found:
    """Each phrase that promises something, behind the code of what it promises."""
    said = to_gsm(text)
    return tuple(
        (code, match[0])
        for never in _of(language)
        for code, pattern in never.promises.items()
        for match in pattern.finditer(said)
    )


def forbidden_in_host(host: str) -> tuple[str, ...]:
    """Forbidden stems of any language in a host name, where words are run together."""
    return tuple(match[0] for never in _of(None) for match in never.hosts.finditer(host))


def _of(language: str | None) -> Iterator[Never]:
    codes = languages() if language is None else dict.fromkeys((language, FALLBACK))
    return (never(code) for code in codes)


@cache
def never(code: str) -> Never:
    """What texts in a language never say."""
    read = read_toml(code, "never")
    beginnings: Mapping[str, list[str]] = read.get("beginnings", {})
    return Never(
        words={kind: _pattern(words.split(), beginnings) for kind, words in read["words"].items()},
        hosts=re.compile("|".join(map(re.escape, read["hosts"]["stems"].split())), re.IGNORECASE),
        promises={code: _pattern(phrases, beginnings) for code, phrases in read["promises"].items()},
    )


def _pattern(phrases: Iterable[str], beginnings: Mapping[str, list[str]]) -> re.Pattern[str]:
    forms = (_as_pattern(form) for phrase in phrases for form in _forms(phrase, beginnings))
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)


def _forms(phrase: str, beginnings: Mapping[str, list[str]]) -> Iterator[str]:
    """The phrase, and it with each other beginning that the language gives it: Welsh changes the first letters."""
    yield phrase
    longest = max((one for one in beginnings if phrase.startswith(one)), key=len, default=None)
    for other in beginnings.get(longest or "", ()):
        yield other + phrase[len(longest or "") :]


def _as_pattern(phrase: str) -> str:
    stands_for = {"*": r"\w*", "#": r"\d+", " ": r"\s+"}
    return "".join(stands_for.get(character) or re.escape(character) for character in phrase)
