"""Whose place a participant in the meeting may be: suggestions, which a named person confirms. Nothing is credited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from provider.domain.courses.presence import Presence

Certainty = Literal["certain", "possible", "unmatched"]
_TWO_PEOPLE = re.compile(r"&|\+|/|,|\band\b", re.IGNORECASE)


@dataclass(frozen=True)
class Expected:
    """A place in the session: the alias it was registered under, and the name as Zoom was given it ("Sam", "E")."""

    place_id: int
    alias: str
    first_name: str
    initial: str


@dataclass(frozen=True)
class Suggestion:
    """``place_id`` is set for certain (the alias itself) and possible (one name, one place); else ``candidates`` only.

    ``because`` is a sentence for the register. Two people on one device are never split by guessing.
    """

    participant: Presence
    certainty: Certainty
    place_id: int | None
    candidates: tuple[int, ...]
    because: str


def suggest_matches(present: Sequence[Presence], *, expected: Sequence[Expected]) -> tuple[Suggestion, ...]:
    """One suggestion for each participant, in their order.

    The exact alias is certain. A name exactly as given, "Sam E", is possible where it is one participant's and one
    place's, and that place has no certain match. Everything else is unmatched, with the places it could be about.
    """
    certain = {one.email: place for one in present if (place := _by_alias(one, expected)) is not None}
    open_places = [place for place in expected if place not in certain.values()]
    others = [one for one in present if one.email not in certain]
    return tuple(
        Suggestion(one, "certain", place.place_id, (place.place_id,), "Joined with this place's own address.")
        if (place := certain.get(one.email)) is not None
        else _by_name(one, others, open_places, expected)
        for one in present
    )


def _by_alias(one: Presence, expected: Sequence[Expected]) -> Expected | None:
    same = [place for place in expected if one.email and place.alias.casefold() == one.email.casefold()]
    return same[0] if len(same) == 1 else None


def _by_name(
    one: Presence, others: Sequence[Presence], open_places: Sequence[Expected], expected: Sequence[Expected]
) -> Suggestion:
    if any(_TWO_PEOPLE.search(name) for name in one.names):
        words = {word for name in one.names for word in _plain(name).split()}
        maybe = tuple(place.place_id for place in expected if _plain(place.first_name) in words)
        return Suggestion(one, "unmatched", None, maybe, "This may be two people on one device: ask them.")
    named = [place for place in expected if _is_named(one, place)]
    ids = tuple(place.place_id for place in named)
    if not named:
        return Suggestion(one, "unmatched", None, (), "No place has this address or this name.")
    if len(named) > 1 or sum(_is_named(other, named[0]) for other in others) > 1:
        return Suggestion(one, "unmatched", None, ids, "More than one person has this name.")
    if named[0] not in open_places:
        return Suggestion(
            one, "unmatched", None, ids, "Somebody else joined with the address of this name's place."
        )
    return Suggestion(one, "possible", ids[0], ids, "The name is the one given for this place.")


def _is_named(one: Presence, place: Expected) -> bool:
    given = _plain(f"{place.first_name} {place.initial}")
    return any(_plain(name) == given for name in one.names)


def _plain(name: str) -> str:
    """Case, dots and spaces do not matter; letters do."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace(".", " ").split())
