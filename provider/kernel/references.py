"""References that can be said over the telephone and read from a pocket book: ``K7QM-2X4D``."""

from __future__ import annotations

import re
import secrets
import unicodedata

# Nothing that is mistaken for its neighbour (0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V) and no vowel or Y: no words.
ALPHABET = "234679CDFGHJKMNPQRTWX"
LENGTH = 8

_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212._/]+")


def new_reference() -> str:
    """A new reference, ``XXXX-XXXX``, from a cryptographic source.

    One of 21⁸ (about 38 thousand million): the database keeps it unique; draw again on a collision.
    """
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{drawn[:4]}-{drawn[4:]}"


def normal_reference(text: str) -> str | None:
    """What somebody typed as a reference, written as it is stored; None where it cannot be one.

    Lower case, spaces, missing or other dashes are forgiven; a character outside the alphabet is not.
    """
    if len(text) > 40:
        return None
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(plain) != LENGTH or any(character not in ALPHABET for character in plain):
        return None
    return f"{plain[:4]}-{plain[4:]}"
