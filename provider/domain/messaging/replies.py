"""What somebody's answer to a text says, as far as a machine may tell. Everything else a person reads."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from provider.domain.messaging.segments import to_gsm


class Said(StrEnum):
    """``one`` and ``two`` are bare numbers; stop and start are the words Twilio acts on by itself."""

    ONE = "one"
    TWO = "two"
    STOP = "stop"
    START = "start"
    NOTHING_TO_DO = "nothing_to_do"
    WORDS = "words"


_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_START = frozenset({"start", "yes", "unstop"})
_THANKS = frozenset(
    {
        *("ok", "okay", "okey", "k", "kk", "ok thanks", "ok thank you", "ok cheers", "ok ta", "okay thanks"),
        *(
            "thanks",
            "thank you",
            "thx",
            "ta",
            "cheers",
            "great",
            "great thanks",
            "cool",
            "fine",
            "will do",
            "got it",
        ),
    }
)
_TAPBACK = re.compile(
    r"(?:(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned) [\"']|reacted .{1,20} to [\"']"
    r"|removed an? .{1,20} from [\"'])",
    re.IGNORECASE,
)


def read_reply(body: str) -> Said:
    """What ``body`` says. Thanks, a thumb or a phone's own "Liked …" are nothing to do; doubt goes to a person."""
    said = to_gsm(unicodedata.normalize("NFKC", body)).strip()
    if _TAPBACK.match(said):
        return Said.NOTHING_TO_DO
    bare = "".join(character for character in said if character.isalnum() or character.isspace())
    words = " ".join(bare.casefold().split())
    if words in ("1", "2"):
        return Said.ONE if words == "1" else Said.TWO
    if words in _STOP:
        return Said.STOP
    if words in _START:
        return Said.START
    return Said.NOTHING_TO_DO if words in _THANKS or (not words and said) else Said.WORDS
