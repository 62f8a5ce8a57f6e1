"""Whom a text may reach and how much it may say: decided at the moment of sending, from what is recorded then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from provider.kernel.calendar import age_on, london_date

ADULT = 18
DECIDES_ALONE = 16
"""From this age somebody is presumed able to decide who gets their texts; below it the worker records competence."""

CONFIRMED_FOR = timedelta(days=365)
"""How long nobody need show again that a number is theirs: networks give unused numbers to somebody else."""


class WhoSees(StrEnum):
    """What they said when they were asked whether anybody else sees the phone."""

    NOBODY = "nobody"
    OTHERS_FINE = "others_fine"
    SAY_NOTHING = "say_nothing"


class TextsTo(StrEnum):
    """Who gets the texts of somebody under 18, as decided with them."""

    CHILD = "child"
    ADULT = "adult"
    NOBODY = "nobody"


class Competence(StrEnum):
    """Whether somebody under 16 understands enough to decide this alone (Gillick)."""

    COMPETENT = "competent"
    NOT_COMPETENT = "not_competent"


class Says(StrEnum):
    """How much a text may say; the link in one that says no more than ``calls`` asks for no birthday and shows nothing.

    calls: that somebody will ring, or tried to. nothing: that there is something to see behind the link.
    booking: what is booked. name: that too, and their first name.
    """

    CALLS = "calls"
    NOTHING = "nothing"
    BOOKING = "booking"
    NAME = "name"


@dataclass(frozen=True)
class Reached:
    """A number as far as what a text to it may say hangs on it. ``adults``: it is a responsible adult's."""

    confirmed_at: datetime | None
    who_sees: str | None
    shared: bool
    adults: bool


def texts_to(born: date, agreed: str | None, *, now: datetime) -> TextsTo:
    """Whose number the texts go to now: from the eighteenth birthday, London time, their own whatever was agreed.

    Before anybody has decided it with them, the child's number gets call notices.
    """
    if is_adult(born, now=now) or agreed is None:
        return TextsTo.CHILD
    return TextsTo(agreed)


def is_adult(born: date, *, now: datetime) -> bool:
    """Whether somebody is 18: from the start of that birthday in London."""
    return age_on(born, london_date(now)) >= ADULT


def says(number: Reached, born: date, agreed: str | None, *, now: datetime) -> Says:
    """How much a text to this number may say about somebody born then."""
    if not is_confirmed(number.confirmed_at, now=now) or not _agreed(number, born, agreed, now=now):
        return Says.CALLS
    if number.who_sees == WhoSees.SAY_NOTHING:
        return Says.NOTHING
    alone = number.who_sees != WhoSees.OTHERS_FINE and not number.shared and not number.adults
    return Says.NAME if alone else Says.BOOKING


def is_confirmed(confirmed_at: datetime | None, *, now: datetime) -> bool:
    """Whether a voice, a reply or the officer has shown that the number is theirs, and not too long ago."""
    return confirmed_at is not None and now - confirmed_at < CONFIRMED_FOR


def _agreed(number: Reached, born: date, agreed: str | None, *, now: datetime) -> bool:
    """Whether this number is the one that more than call notices go to."""
    if is_adult(born, now=now):
        return not number.adults
    return agreed == (TextsTo.ADULT if number.adults else TextsTo.CHILD)
