"""What somebody wrote, as plain words to compare: no case, no accents, no apostrophes; a full stop ends a sentence."""

from __future__ import annotations

import re
import unicodedata

_ENDS = re.compile(r"[.!?;:\n]+|,")
_STOPS = re.compile(r"(?: \.)+")
_APOSTROPHE = re.compile("['’‘`´]")


def plain_words(text: str) -> str:
    """``I can’t go on… Sorry!`` → ``i cant go on . sorry .``"""
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    marked = _ENDS.sub(" . ", _APOSTROPHE.sub("", bare))
    kept = "".join(one if one.isalnum() or one == "." else " " for one in marked)
    return _STOPS.sub(" .", " ".join(kept.split()))
