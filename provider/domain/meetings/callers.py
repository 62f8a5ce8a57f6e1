"""Who joined a meeting by telephone: Zoom shows a number, or part of one, where others have a name."""

from __future__ import annotations

import re

TAIL = 3
_NUMBER = re.compile(r"[+\d*x•\s().-]{6,}", re.IGNORECASE)
_CALLER = re.compile(r"(call-?in|phone|telephone) (user|participant)[ _]*\d*", re.IGNORECASE)


def is_caller(name: str) -> bool:
    """``+44 7700 900123``, ``4477****123``, ``Call-In User_1``: a telephone, and nobody's name."""
    digits = re.sub(r"\D", "", name)
    number = _NUMBER.fullmatch(name.strip()) is not None and len(digits) >= TAIL
    return number or _CALLER.fullmatch(name.strip()) is not None


def shown(name: str) -> str:
    """A name as it is; of a number no more than its end, for it may be anybody's."""
    if not is_caller(name):
        return name
    digits = re.sub(r"\D", "", name)
    whole = len(digits) >= TAIL and _CALLER.fullmatch(name.strip()) is None
    return f"A telephone, its number ending {digits[-TAIL:]}" if whole else "A telephone"
