"""The kinds of text there are, what each may say, and what an answer to it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

TO_REPLIES = (
    *(
        "reply_link",
        "reply_which",
        "reply_will_ring",
        "reply_place_gone",
        "reply_danger",
        "reply_out_of_hours",
    ),
    "reply_from_desk",
)
"""What answers somebody's reply, at any hour; the last in a drug worker's own words. Neutral, whoever may read it."""

KINDS = (
    "first_contact_soon",
    "first_contact_again",
    "contact_letter_hint",
    *(
        f"{about}_{what}"
        for about in ("assessment", "one_to_one")
        for what in ("booked", "moved", "cancelled", "sorry", "sorry_moved")
    ),
    *(
        f"{about}_reminder_{when}"
        for about in ("assessment", "one_to_one", "course", "room")
        for when in ("7d", "3d", "1d", "1h")
    ),
    *(f"missed_{about}" for about in ("assessment", "one_to_one", "course")),
    "course_booked",
    "course_moved",
    "course_cancelled",
    "course_another",
    *(f"room_{what}" for what in ("booked", "moved", "cancelled")),
    "waiting_list_joined",
    "place_offered",
    "place_offered_again",
    "place_at_short_notice",
    "survey",
    "something_new",
    *TO_REPLIES,
)
"""One template each, ``templates/texts/<language>/<kind>.txt``."""

SPOKEN = ("voicemail", "call_screened", "somebody_else")
"""What a drug worker says: on a voicemail, to a phone that asks who is calling, to whoever else picks up. No texts,
and held to the same words."""

FIRST_CONTACT = ("first_contact_soon", "first_contact_again")
"""Who will ring, and about when: before the first call, and before another after one that was not answered."""

SAFE_BEFORE_CONFIRMED = frozenset({*FIRST_CONTACT, "contact_letter_hint", *TO_REPLIES})
"""The only kinds that go to a number nobody has confirmed: no name, no appointment."""

INSTEAD_BEFORE_CONFIRMED: Mapping[str, str] = {
    **dict.fromkeys(("assessment_reminder_1h", "one_to_one_reminder_1h"), "first_contact_soon"),
    **dict.fromkeys(("missed_assessment", "missed_one_to_one"), "contact_letter_hint"),
}
"""What goes to an unconfirmed number instead: who will ring and when, and that we tried."""

ALIASES = {"course_moved_or_cancelled": "course_cancelled"}
_REMINDER = re.compile(r"(?P<about>assessment|one_to_one|course|room)_reminder_(?P<days>[0-9]{1,2})d")


class Meaning(StrEnum):
    """What a bare 1 or 2 says, by what was asked; or that it has to be asked which of two bookings is meant."""

    SUITS = "suits"
    ANOTHER_TIME = "another_time"
    CALL_ME = "call_me"
    TAKE_PLACE = "take_place"
    COME = "come"
    CANNOT_COME = "cannot_come"
    NO_THANKS = "no_thanks"
    ASK_WHICH = "ask_which"
    THE_CALL = "the_call"
    THE_OTHER = "the_other"


_BOOKING: Mapping[str, Meaning] = {"1": Meaning.SUITS, "2": Meaning.ANOTHER_TIME}
_CALL_ME: Mapping[str, Meaning] = {"1": Meaning.CALL_ME}
_OFFER: Mapping[str, Meaning] = {"1": Meaning.TAKE_PLACE, "2": Meaning.NO_THANKS}

ANSWERS: Mapping[str, Mapping[str, Meaning]] = {
    **dict.fromkeys(
        (
            *FIRST_CONTACT,
            *(kind for kind in KINDS if kind.endswith(("_booked", "_moved"))),
            *(kind for kind in KINDS if re.search(r"_reminder_\dd$", kind)),
        ),
        _BOOKING,
    ),
    **dict.fromkeys(
        ("contact_letter_hint", "something_new", "missed_assessment", "missed_one_to_one"), _CALL_ME
    ),
    **dict.fromkeys(("place_offered", "place_offered_again"), _OFFER),
    "place_at_short_notice": {"1": Meaning.COME, "2": Meaning.CANNOT_COME},
    "reply_which": {"1": Meaning.THE_CALL, "2": Meaning.THE_OTHER},
}
"""Suggested replies by kind; a kind that is missing asks for none."""


@cache
def template_for(kind: str) -> str:
    """The template a kind is worded by. ValueError where there is none.

    A reminder some other number of days ahead takes the one for seven, three or one that is not further ahead; the
    texts around the first appointment of treatment are those of any one-to-one, because nobody should read which.
    """
    name = ALIASES.get(kind, kind)
    if name.startswith("treatment_") or name == "missed_treatment":
        name = name.replace("treatment", "one_to_one", 1)
    reminder = _REMINDER.fullmatch(name)
    if reminder and name not in KINDS:
        days = next((known for known in (7, 3, 1) if known <= int(reminder["days"])), 1)
        name = f"{reminder['about']}_reminder_{days}d"
    if name not in KINDS:
        raise ValueError(f"there is no text of the kind {kind}")
    return name


def in_a_room(kind: str) -> str:
    """The kind that is said of a session in a room instead of ``kind``, which says online; or ``kind`` itself."""
    name = template_for(kind)
    there = f"room_{name.removeprefix('course_')}"
    return there if name.startswith("course_") and there in KINDS else name


def means(kind: str, digit: str) -> Meaning | None:
    """What a bare ``1`` or ``2`` says as an answer to a text of ``kind``; None where nothing was asked."""
    return ANSWERS.get(template_for(kind), {}).get(digit)


def before_confirmed(kind: str) -> str | None:
    """The kind that goes to a number nobody has confirmed instead of ``kind``; None where nothing may be said yet."""
    name = template_for(kind)
    return name if name in SAFE_BEFORE_CONFIRMED else INSTEAD_BEFORE_CONFIRMED.get(name)


def quietly(kind: str) -> str:
    """The kind that goes to a phone that others see, and whose owner wants nothing said there, instead of ``kind``."""
    name = template_for(kind)
    return name if name in SAFE_BEFORE_CONFIRMED else "something_new"
