"""What a drug worker writes in answer to a reply: held to the same words as every other text, and to what may be said
to this number now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from provider.domain.messaging.lint import Fault, lint_words

KIND = "reply_from_desk"
LONGEST = 400
_AROUND = " {service} {phone} {link}"
_OF_EVERYBODYS = frozenset({"personal_data", "costly_character"})
"""What the linter says of words that everybody gets. These go to one person, and are made plain by themselves."""

_BOOKED = re.compile(
    r"\b(?:appointments?|sessions?|courses?|bookings?|booked|group|zoom|apwyntiad\w*|sesiwn\w*|sesiynau|cwrs|grwp)\b",
    re.IGNORECASE,
)


def faults_of(
    words: str,
    *,
    language: str,
    unkept: Mapping[str, str],
    never_named: Collection[str],
    calls_only: bool,
) -> tuple[Fault, ...]:
    """Everything that keeps ``words`` from being sent; empty where nothing does.

    ``never_named`` are names that may not stand in a text to this number; ``calls_only``: nobody has confirmed it, so
    that nothing may be said of what is booked.
    """
    if not words.strip():
        return ()
    said = words.replace("{", "(").replace("}", ")") + _AROUND
    return (
        *(
            fault
            for fault in lint_words(KIND, said, language=language, unkept=unkept)
            if fault.code not in _OF_EVERYBODYS
        ),
        *(_braces(words)),
        *(_names(words, never_named)),
        *(_bookings(words) if calls_only else ()),
    )


def _braces(words: str) -> Iterator[Fault]:
    if "{" in words or "}" in words:
        yield Fault("unknown_placeholder", "Nothing in braces is put in here: write the words themselves.")


def _names(words: str, never_named: Collection[str]) -> Iterator[Fault]:
    for name in never_named:
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE) if name else None
        if found is not None:
            yield Fault("name", f"“{found[0]}”: that name may not stand in a text to this number.", found[0])


def _bookings(words: str) -> Iterator[Fault]:
    for match in _BOOKED.finditer(words):
        yield Fault(
            "not_confirmed",
            f"“{match[0]}”: until they have confirmed the number, nothing is said of what is booked.",
            match[0],
        )
