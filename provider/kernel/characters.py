"""Which characters text is taken with: one source for what is refused and for the patterns that describe it.

Text is cleaned before it is checked: unseen marks are taken out, then space at both ends. The patterns say what that
comes to of text as it is sent. They are written as Python and JSON Schema (ECMA 262) both read them.
"""

from __future__ import annotations

import re

# Marks that steer the direction of writing or take no room: telephones add them when a contact is copied.
UNSEEN = r"\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
CONTROLS_BUT_LINES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"

_AROUND = rf"[\s{UNSEEN}]*"
BLANK = f"^{_AROUND}$"
"""The pattern of text with nothing in it, which counts as null."""
SEEN = rf"[^\s{UNSEEN}]"
"""The pattern of text with something in it."""


def text_without(refused: str, *, blank: bool) -> str:
    """The pattern of text that has none of these characters once it is cleaned; ``blank``: or is nothing at all."""
    if blank:
        return f"^{_AROUND}[^{refused}]*{_AROUND}$"
    kept = rf"[^\s{UNSEEN}{refused}]"
    return f"^{_AROUND}{kept}(?:[^{refused}]*{kept})?{_AROUND}$"


class Cleaned(str):
    """Text without space around it and without unseen marks, which remembers how long it was sent."""

    __slots__ = ("sent",)
    sent: int

    @classmethod
    def of(cls, text: str) -> Cleaned:
        cleaned = cls(_MARKS.sub("", text).strip())
        cleaned.sent = len(text)
        return cleaned


_MARKS = re.compile(f"[{UNSEEN}]")
