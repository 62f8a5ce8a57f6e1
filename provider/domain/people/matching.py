"""Is somebody sent to us somebody we know?

Care in both directions: two people taken for one puts one's record before the other's eyes, and one person taken
for two loses their history. So only a further identifier makes it certain, and what is merely like goes to a person.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from provider.domain.people.names import alike, joined

# Pseudo postcodes of the ONS: no fixed abode, not known, abroad. They are nobody's address.
_NO_PLACE = "ZZ99"


class Match(StrEnum):
    """How ``sent`` stands to somebody known."""

    EXACT = "exact"  # same name and date of birth, and postcode or mobile agrees
    EXACT_NAME_ONLY = "exact_name_only"  # same name and date of birth, and nothing further agrees
    NEAR = "near"  # a spelling, an order or a date that people get wrong: somebody has to look
    DIFFERENT = "different"


@dataclass(frozen=True)
class Identity:
    """What says who somebody is. ``mobile_e164`` is a good number's, never an invented one's."""

    given_name: str
    family_name: str
    date_of_birth: date
    postcode: str | None
    mobile_e164: str | None


@dataclass(frozen=True)
class SearchKeys:
    """Where to look by index: whoever ``compare`` finds not different has one of the keys or of the dates."""

    name_keys: tuple[str, ...]
    dates: tuple[date, ...]


def name_key(given_name: str, family_name: str) -> str:
    """The normal form of a whole name, at most 200 characters: the same for every way of writing the same name."""
    return f"{joined(given_name)} {joined(family_name)}"


def postcode_key(postcode: str | None) -> str | None:
    """A postcode in capitals without spaces; None for none, and for those that stand for no place."""
    letters = unicodedata.normalize("NFKC", postcode or "").upper()
    plain = "".join(letter for letter in letters if letter.isalnum())
    return None if not plain or plain.startswith(_NO_PLACE) else plain


def search_keys(identity: Identity) -> SearchKeys:
    """Keys for ``name_key IN (…) OR date_of_birth IN (…)``: names both ways round, day and month both ways round."""
    given_name, family_name = identity.given_name, identity.family_name
    keys = (name_key(given_name, family_name), name_key(family_name, given_name))
    dates = (identity.date_of_birth, _day_and_month_swapped(identity.date_of_birth))
    return SearchKeys(tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(day for day in dates if day)))


def compare(sent: Identity, known: Identity) -> Match:
    """How ``sent`` stands to ``known``; the same whichever way round they are."""
    if sent.date_of_birth != known.date_of_birth:
        return Match.NEAR if _same_name(sent, known) and _near_in_date(sent, known) else Match.DIFFERENT
    if _key(sent) == _key(known):
        return Match.EXACT if _agree_further(sent, known) else Match.EXACT_NAME_ONLY
    return Match.NEAR if _near_in_name(sent, known) else Match.DIFFERENT


def _key(identity: Identity) -> str:
    return name_key(identity.given_name, identity.family_name)


def _same_name(sent: Identity, known: Identity) -> bool:
    return _key(sent) == _key(known) or _key(sent) == name_key(known.family_name, known.given_name)


def _near_in_name(sent: Identity, known: Identity) -> bool:
    if _key(sent).replace(" ", "") == _key(known).replace(" ", "") or _same_name(sent, known):
        return True
    given_alike = alike(sent.given_name, known.given_name)
    if given_alike and alike(sent.family_name, known.family_name):
        return True
    if alike(sent.given_name, known.family_name) and alike(sent.family_name, known.given_name):
        return True
    # A family name changes on marriage; a twin has another given name.
    return joined(sent.given_name) == joined(known.given_name) and _agree_further(sent, known)


def _near_in_date(sent: Identity, known: Identity) -> bool:
    if _day_and_month_swapped(sent.date_of_birth) == known.date_of_birth:
        return True
    # Common names are born on neighbouring dates: not where both the postcode and the number say otherwise.
    digits = zip(sent.date_of_birth.isoformat(), known.date_of_birth.isoformat(), strict=True)
    return sum(one != other for one, other in digits) == 1 and not _differ_in_all_further(sent, known)


def _day_and_month_swapped(day: date) -> date | None:
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else None


def _further(sent: Identity, known: Identity) -> list[tuple[str | None, str | None]]:
    postcodes = (postcode_key(sent.postcode), postcode_key(known.postcode))
    return [postcodes, (sent.mobile_e164, known.mobile_e164)]


def _agree_further(sent: Identity, known: Identity) -> bool:
    return any(one is not None and one == other for one, other in _further(sent, known))


def _differ_in_all_further(sent: Identity, known: Identity) -> bool:
    return all(None not in (one, other) and one != other for one, other in _further(sent, known))
