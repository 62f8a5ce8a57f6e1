"""How many parts a text is sent and paid in.

GSM 03.38: 160 characters, then 153 a part; what is outside its alphabet forces UCS-2: 70 UTF-16 units, then 67.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Characters that take two septets."""

_SAME_IN_GSM = {
    "'": "‘’‚‛′`´",
    '"': "“”„‟″«»",
    "-": "‐‑‒–—―−•·",
    " ": "\t\u00a0\u2002\u2003\u2007\u2009\u200a\u202f",
    "...": "…",
    "": "\u00ad\u200b\u2060\ufeff",
}
_TO_GSM = {ord(character): same for same, characters in _SAME_IN_GSM.items() for character in characters}


@dataclass(frozen=True)
class Segments:
    """``units`` are septets in GSM-7 and UTF-16 units in UCS-2."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int


def count(body: str) -> Segments:
    """How a body is sent. A pair of units that makes one character is not torn apart between two parts."""
    if is_gsm(body):
        return _segments(
            "GSM-7", [2 if character in EXTENSION else 1 for character in body], one=160, more=153
        )
    return _segments("UCS-2", [2 if ord(character) > 0xFFFF else 1 for character in body], one=70, more=67)


def is_gsm(body: str) -> bool:
    """Whether every character is in the GSM alphabet."""
    return BASIC.union(EXTENSION).issuperset(body)


def to_gsm(body: str) -> str:
    """``body`` with typographic quotes, dashes, dots and spaces as GSM writes them. Letters are never changed."""
    return unicodedata.normalize("NFC", body).translate(_TO_GSM)


def beyond_gsm(body: str) -> Mapping[str, str | None]:
    """Each character that forces UCS-2 on the whole text, in order, with what says the same in GSM-7 where there is."""
    return {
        character: _plain(character)
        for character in unicodedata.normalize("NFC", body)
        if not is_gsm(character)
    }


def _plain(character: str) -> str | None:
    """A typographic sign as it is typed; a letter without its marks; None for all else, such as a picture."""
    typed = to_gsm(character)
    bare = "".join(part for part in unicodedata.normalize("NFKD", typed) if not unicodedata.combining(part))
    return next((same for same in (typed, bare) if is_gsm(same)), None)


def _segments(encoding: Literal["GSM-7", "UCS-2"], sizes: list[int], *, one: int, more: int) -> Segments:
    units = sum(sizes)
    return Segments(encoding, units, 1 if units <= one else _parts(sizes, room=more))


def _parts(sizes: Iterable[int], *, room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts
