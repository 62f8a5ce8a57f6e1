"""Names as they are compared: without case, marks, punctuation, spaces or titles."""

from __future__ import annotations

import re
import unicodedata

import jellyfish
from rapidfuzz.distance import OSA, JaroWinkler

from provider.domain.people.name_forms import one_name
from provider.kernel.names import without_title

# Letters that NFKD leaves whole, as they are written where a keyboard lacks them.
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
    }
)
_BREAKS = re.compile(r"[\s\-\u2010-\u2015\u2212/,;]+")
# Apostrophes that Unicode counts as letters.
_NOT_LETTERS = frozenset("ʹʻʼʽʾʿˈ")
LONGEST = 99

_APOSTROPHES = re.compile(r"['’ʼ`´]")
_SAME_SOUND_LIKENESS = 0.84
_FEWEST_FOR_A_SLIP = 4


def words_of(name: str) -> tuple[str, ...]:
    """The words of ``name`` in plain lower case: ``Mr Ó Briain-Łukasz`` is ``o``, ``briain``, ``lukasz``.

    Never empty: a name without a letter or digit is one word, itself.
    """
    words = (_plain(word) for word in _BREAKS.split(without_title(name.strip())))
    return tuple(word for word in words if word) or (name.strip().casefold(),)


def joined(name: str) -> str:
    """The words of ``name`` as one, at most 99 characters."""
    return "".join(words_of(name))[:LONGEST]


def alike(one: str, other: str) -> bool:
    """Whether two names may be the same one written differently: a form, a slip, a sound, a short form, a part.

    Two slips, another first letter with another sound, and names of two or three letters are not alike; nor are two
    names that are known to be two.
    """
    first, second = joined(one), joined(other)
    if first == second or _is_part(_parts(one), _parts(other)):
        return True
    known = one_name(first, second)
    if known is not None:
        return known
    return _is_short_form(first, second) or _is_a_slip(first, second) or _sounds_the_same(first, second)


def _parts(name: str) -> tuple[str, ...]:
    """The words of a name, with what an apostrophe joins apart: O'Brien is ``o``, ``brien``."""
    return words_of(_APOSTROPHES.sub(" ", name))


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold()).casefold().translate(_LETTERS)
    return "".join(letter for letter in letters if _is_kept(letter))


def _is_kept(letter: str) -> bool:
    if letter in _NOT_LETTERS or unicodedata.combining(letter):
        return False
    # A vowel sign of a script that writes vowels as marks is part of the name.
    return letter.isalnum() or unicodedata.category(letter).startswith("M")


def _is_part(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """García, García Márquez."""
    shared = set(one) & set(other)
    return shared in (set(one), set(other)) and any(len(word) > 2 for word in shared)


def _is_short_form(one: str, other: str) -> bool:
    """Sam, Samuel."""
    return min(len(one), len(other)) > 1 and (one.startswith(other) or other.startswith(one))


def _is_a_slip(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _FEWEST_FOR_A_SLIP or one[0] != other[0]:
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1


def _sounds_the_same(one: str, other: str) -> bool:
    """Steven, Stephen; Mohammed, Muhammad."""
    if JaroWinkler.similarity(one, other) < _SAME_SOUND_LIKENESS:
        return False
    sound = jellyfish.metaphone(one)
    return bool(sound) and sound == jellyfish.metaphone(other)
