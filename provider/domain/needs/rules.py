"""Which needs there are, by which ways each can be met, and what an absence is where one was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class NeedKind(StrEnum):
    NO_MOBILE = "no_mobile"
    NO_DATA = "no_data"
    READING = "reading"
    NO_PRIVATE_PLACE = "no_private_place"
    INTERPRETER = "interpreter"
    HEARING = "hearing"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _LABELS[self]


class Way(StrEnum):
    LETTER = "letter"
    CALL = "call"
    DIAL_IN = "dial_in"
    ONE_TO_ONE = "one_to_one"
    ROOM = "room"
    INTERPRETER = "interpreter"

    @property
    def label(self) -> str:
        return _WAY_LABELS[self]


_LABELS = {
    NeedKind.NO_MOBILE: "No mobile phone",
    NeedKind.NO_DATA: "No data or internet",
    NeedKind.READING: "Reading is difficult",
    NeedKind.NO_PRIVATE_PLACE: "No private place",
    NeedKind.INTERPRETER: "An interpreter",
    NeedKind.HEARING: "Hearing",
    NeedKind.OTHER: "Something else",
}
_WAY_LABELS = {
    Way.LETTER: "By letter",
    Way.CALL: "By telephone call",
    Way.DIAL_IN: "Joins the session by telephone",
    Way.ONE_TO_ONE: "A one-to-one instead",
    Way.ROOM: "A place in a room",
    Way.INTERPRETER: "An interpreter is booked",
}

_W = Way
WAYS: Mapping[NeedKind, tuple[Way, ...]] = {
    NeedKind.NO_MOBILE: (_W.LETTER, _W.CALL, _W.DIAL_IN, _W.ONE_TO_ONE, _W.ROOM),
    NeedKind.NO_DATA: (_W.DIAL_IN, _W.CALL, _W.ONE_TO_ONE, _W.ROOM),
    NeedKind.READING: (_W.CALL, _W.ONE_TO_ONE, _W.ROOM),
    NeedKind.NO_PRIVATE_PLACE: (_W.ROOM, _W.ONE_TO_ONE, _W.CALL),
    NeedKind.INTERPRETER: (_W.INTERPRETER, _W.ONE_TO_ONE),
    NeedKind.HEARING: (_W.LETTER, _W.ROOM, _W.ONE_TO_ONE, _W.INTERPRETER),
    NeedKind.OTHER: tuple(Way),
}
"""By which ways each can be met."""


@dataclass(frozen=True)
class Standing:
    """A need as it stood at some moment; ``way`` is None where nothing was arranged by then."""

    kind: NeedKind
    way: Way | None


@dataclass(frozen=True)
class Setting:
    """A session as far as needs go: in a room, and joined by telephone too where there is a number for it."""

    in_a_room: bool
    by_telephone: bool


def met_in(need: Standing, setting: Setting) -> bool:
    """Whether somebody with this need could take part in a session like this.

    Reading keeps nobody from a session, which is spoken. A room needs neither mobile nor data nor a place of one's own;
    what is met by a letter, a call or a one-to-one is not met by any session.
    """
    if need.kind is NeedKind.READING:
        return True
    if setting.in_a_room and need.kind in {
        NeedKind.NO_MOBILE,
        NeedKind.NO_DATA,
        NeedKind.NO_PRIVATE_PLACE,
    }:
        return True
    if need.way is Way.DIAL_IN:
        return setting.by_telephone
    if need.way is Way.ROOM:
        return setting.in_a_room
    return need.way is Way.INTERPRETER


def met_on_the_phone(need: Standing) -> bool:
    """Whether somebody with this need could be spoken to at the time agreed."""
    if need.kind in {NeedKind.NO_DATA, NeedKind.READING}:
        return True
    return need.way in {Way.CALL, Way.ONE_TO_ONE, Way.INTERPRETER, Way.ROOM}
