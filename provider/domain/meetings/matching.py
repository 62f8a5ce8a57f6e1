"""Whose place a participant in the meeting may be: suggestions, which a named person confirms. Nothing is credited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from provider.domain.meetings.callers import is_caller
from provider.domain.meetings.presence import Presence

Certainty = Literal["certain", "possible", "unmatched"]
_TWO_PEOPLE = re.compile(r"&|\+|/|,|\band\b", re.IGNORECASE)


ALIASES_AT = "@example.com"
"""Where the addresses lie that Zoom is given: a name that is reserved, so that nothing ever arrives there."""


@dataclass(frozen=True)
class Expected:
    """A place in the session: its own link as Zoom names it, its alias, and the name Zoom was given ("Sam", "E")."""

    place_id: int
    alias: str
    first_name: str
    initial: str
    registrant: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """``place_id`` is set for certain (the link or the alias itself) and possible (one name, one place); else
    ``candidates`` only.

    ``own_link``: they came by the link that is this place's alone. ``because`` is a sentence for the register. Two
    people on one device are never split by guessing.
    """

    participant: Presence
    certainty: Certainty
    place_id: int | None
    candidates: tuple[int, ...]
    because: str
    own_link: bool = False


def suggest_matches(present: Sequence[Presence], *, expected: Sequence[Expected]) -> tuple[Suggestion, ...]:
    """One suggestion for each participant, in their order.

    A place's own link and the exact alias are certain. A name exactly as given, "Sam E", is possible where it is one
    participant's and one place's, and that place has no certain match. Everything else is unmatched, with the places it
    could be about.
    """
    certain = [_by_link(one, expected) or _by_alias(one, expected) for one in present]
    open_places = [place for place in expected if place not in certain]
    others = [one for one, place in zip(present, certain, strict=True) if place is None]
    return tuple(
        _sure(one, place) if place is not None else _by_name(one, others, open_places, expected)
        for one, place in zip(present, certain, strict=True)
    )


def _by_link(one: Presence, expected: Sequence[Expected]) -> Expected | None:
    return next((place for place in expected if one.registrant and place.registrant == one.registrant), None)


def _by_alias(one: Presence, expected: Sequence[Expected]) -> Expected | None:
    given = (one.email or "").casefold().removesuffix(ALIASES_AT)
    same = [place for place in expected if given and place.alias.casefold() == given]
    return same[0] if len(same) == 1 else None


def _sure(one: Presence, place: Expected) -> Suggestion:
    own_link = place.registrant is not None and place.registrant == one.registrant
    because = "Joined by this place's own link." if own_link else "Joined with this place's own address."
    return Suggestion(one, "certain", place.place_id, (place.place_id,), because, own_link)


def _by_name(
    one: Presence, others: Sequence[Presence], open_places: Sequence[Expected], expected: Sequence[Expected]
) -> Suggestion:
    if all(is_caller(name) for name in one.names):
        return Suggestion(one, "unmatched", None, (), "Joined by telephone: ask whose it is.")
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
