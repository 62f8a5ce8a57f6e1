"""What somebody's answer to a text says, as far as a machine may tell. Everything else a person reads."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from provider.domain.messaging.danger import suggests_danger
from provider.domain.messaging.plain_words import plain_words


class Said(StrEnum):
    """``one`` and ``two`` are bare numbers; ``not_theirs`` says that the number is somebody else's.

    Stop, start and yes are words that Twilio acts on by itself. Yes is also what people say who mean 1; ``agrees`` are
    other ways to say so, which Twilio leaves to us.
    """

    ONE = "one"
    TWO = "two"
    STOP = "stop"
    START = "start"
    YES = "yes"
    AGREES = "agrees"
    CALL_ME = "call_me"
    NOT_THEIRS = "not_theirs"
    DANGER = "danger"
    NOTHING_TO_DO = "nothing_to_do"
    WORDS = "words"


_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_START = frozenset({"start", "unstop"})
_AGREES = frozenset(
    {
        *("y", "yep", "yeah", "yea", "yup", "yes please", "yes thanks", "yes thank you", "yes that suits"),
        *("that suits", "suits me", "that works", "works for me", "ie", "ydw", "ydy", "mae hynnyn iawn"),
    }
)
_THANKS = frozenset(
    {
        *("ok", "okay", "okey", "okie", "k", "kk", "okk", "ok x", "alright", "no worries", "no problem"),
        *("thanks", "thank you", "thankyou", "thx", "tnx", "ta", "cheers", "many thanks", "thanks a lot"),
        *("great", "cool", "fine", "perfect", "lovely", "brilliant", "sound", "safe", "nice one", "noted"),
        *("will do", "got it", "see you then", "see you", "speak then", "speak soon", "bye"),
        *("iawn", "diolch", "diolch yn fawr", "gwych", "gret", "da iawn", "hwyl", "dim problem"),
    }
)
_KIND_WORDS = (
    r"(?: (?:please|pls|plz|thanks|thank you|thankyou|thx|ta|cheers|mate|x+|os gwelwch yn dda|plis|diolch))*"
)
_BARE = re.compile(rf"(?:(?:reply|option|number|answer|ateb) )?(1|2|one|two|un|dau){_KIND_WORDS}")
_NUMBERS = {"1": Said.ONE, "one": Said.ONE, "un": Said.ONE}
_THANKS_TOGETHER = re.compile(
    rf"(?:ok|okay|{'|'.join(sorted(_THANKS, key=len, reverse=True))})"
    rf"(?: (?:{'|'.join(sorted(_THANKS, key=len, reverse=True))}|so much|x+|mate|then))*"
)

_VERB = r"(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned)"
_TAPBACK = re.compile(
    rf"{_VERB} [\"'“”‘’«]|{_VERB} (?:an?|the|your) (?:image|attachment|link|photo|video|message)"
    r"|reacted .{1,20} to [\"'“”‘’«]|reacted .{1,20} to (?:an?|your)\b"
    r"|removed an? .{1,20} from [\"'“”‘’«]",
    re.IGNORECASE,
)
_ANDROID = re.compile(r"[^\w\s\"'“”]{1,12} to [\"'“”‘’«]")
"""A telephone of another make says it with the picture itself: 👍 to “Hi …”."""

_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u202a-\u202e]")

_WHEN = (
    r"(?: (?:now|today|tomorrow|later|tonight|asap|soon|back|again|any ?time|when you can|when ur free|when free"
    r"|this (?:morning|afternoon|evening)|in the (?:morning|afternoon|evening)"
    r"|at lunch(?: ?time)?|after (?:work|school)"
    r"|yfory|heddiw|wedyn|prynhawn|bore|heno"
    r"|(?:after|before|from|until|till|at|about|around|between|ar ol|cyn|am|tua) \d{1,2}(?: \d\d)?(?: ?(?:am|pm|ish))?"
    r"(?: (?:and|to) \d{1,2}(?: \d\d)?(?: ?(?:am|pm))?)?))*"
)
_CALL = re.compile(
    r"(?:(?:hi|hiya|hello|hey|ok|yes|no|sorry|shwmae|helo) )*"
    r"(?:(?:please|pls|plz|just|can|could|will|would|can someone|could someone|you|u|someone|somebody|i want you to"
    r"|i need you to|i would like you to|id like you to|allwch chi|a allwch chi|wnewch chi|fedrwch chi) )*"
    r"(?:(?:call|ring|phone|bell|fone)(?: me| us)?|(?:give|gimme|giv)(?: me| us)?(?: a)?"
    r" (?:call|ring|bell|phone call|buzz)"
    r"|(?:i )?(?:want|need|would like|id like) (?:a (?:call|phone call|ring)"
    r"|to (?:talk|speak)(?: (?:to|with) (?:someone|somebody|you))?)"
    r"|call ?back|ring ?back"
    r"|(?:ffoniwch|ffonia|galwch|galwa|rhowch alwad i|rho alwad i)(?: fi| mi| ni)?|fy ffonio(?: i)?|ffonio fi)"
    rf"{_WHEN}{_KIND_WORDS}{_WHEN}"
)
_NOT_THEIRS = re.compile(
    r"(?:(?:hi|hello|hey|sorry|no|i think) )*(?:(?:you have |youve |u have |youve got |you have got |this is )?"
    r"(?:the |a )?"
    r"wrong (?:number|person|no|num|guy|man|woman|phone)(?: mate| sorry| pal| love| x+)*"
    r"|not (?:me|my number|his number|her number)"
    r"|(?:this )?(?:isnt|is not) (?:me|his number|her number|their number|my number|him|her)"
    r"|rhif anghywir|person anghywir|nid fi yw hwn|dim fi yw hwn)"
)


def read_reply(body: str) -> Said:
    """What ``body`` says. Thanks, a thumb or a phone's own "Liked …" are nothing to do; doubt goes to a person."""
    said = _UNSEEN.sub("", unicodedata.normalize("NFKC", body)).strip()
    if _TAPBACK.match(said) or _ANDROID.match(said):
        return Said.NOTHING_TO_DO
    if suggests_danger(said):
        return Said.DANGER
    words = plain_words(said).replace(" . ", " ").strip(" .")
    known = _bare_number(words) or _keyword(words)
    if known is not None:
        return known
    if words in _AGREES:
        return Said.AGREES
    if _THANKS_TOGETHER.fullmatch(words) or _is_a_sign(said):
        return Said.NOTHING_TO_DO
    if _NOT_THEIRS.fullmatch(words):
        return Said.NOT_THEIRS
    return Said.CALL_ME if _CALL.fullmatch(words) else Said.WORDS


def _bare_number(words: str) -> Said | None:
    bare = _BARE.fullmatch(words)
    return None if bare is None else _NUMBERS.get(bare[1], Said.TWO)


def _keyword(words: str) -> Said | None:
    if words in _STOP:
        return Said.STOP
    if words in _START:
        return Said.START
    return Said.YES if words == "yes" else None


def _is_a_sign(said: str) -> bool:
    """A thumb, a heart, a smile: no letter and no number in it. A lone question mark does ask something."""
    return bool(said) and "?" not in said and not any(character.isalnum() for character in said)
