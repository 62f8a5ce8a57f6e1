"""Telephone numbers as people write them down, and whether one may be a UK mobile.

Texts go to mobiles only: a landline may read them aloud to whoever picks up.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import phonenumbers

UK = 44
# Ofcom's numbers for drama: they reach nobody, so demo and tests use them, and they count as mobiles.
_FICTIONAL = range(7700900000, 7700901000)
_FEWEST_DIGITS = 7
_INVENTED_RUN = 8
# A keypad has letters: an O typed for a nought would be read as a six, and the text go to somebody else.
_A_LETTER_WITHIN = re.compile(r"\d.*[^\W\d_].*\d")


class Verdict(StrEnum):
    GOOD = "good"
    NOT_A_MOBILE = "not_a_mobile"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class Mobile:
    """A number as given and as read. ``e164`` (``+447700900123``) is there only for a good one.

    Doubtful is a number that people invent: it is neither texted nor taken as a sign of who somebody is.
    """

    e164: str | None
    raw: str
    verdict: Verdict


def read_mobile(text: str) -> Mobile:
    """``text`` read as a number dialled in the UK; any text at all is answered.

    +44 numbers of the Isle of Man and the Channel Islands are mobiles here; a foreign mobile is not, nor is a pager, a
    personal number (070), or anything with an extension: whoever picks that up may be a switchboard.
    """
    raw = text.strip()
    if _is_invented(raw):
        return Mobile(None, raw, Verdict.DOUBTFUL)
    national = _uk_mobile(raw)
    if national is None:
        return Mobile(None, raw, Verdict.NOT_A_MOBILE)
    return Mobile(f"+{UK}{national}", raw, Verdict.GOOD)


def _uk_mobile(raw: str) -> int | None:
    written = " ".join(unicodedata.normalize("NFKC", raw).split())
    if _A_LETTER_WITHIN.search(written):
        return None
    try:
        number = phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        return None
    national = number.national_number
    if number.country_code != UK or national is None or number.extension:
        return None
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    return national if mobile or national in _FICTIONAL else None


def _is_invented(raw: str) -> bool:
    """Whether the number ends in one digit again and again, or in counting up or down."""
    digits = [unicodedata.decimal(character) for character in raw if character.isdecimal()]
    run = digits[-_INVENTED_RUN:]
    steps = {(after - before) % 10 for before, after in pairwise(run)}
    return len(run) >= _FEWEST_DIGITS and steps in ({0}, {1}, {9})
