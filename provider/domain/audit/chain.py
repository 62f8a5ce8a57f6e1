"""The hash chain over the trail: whoever changes, removes, adds or moves an entry breaks every seal after it.

A seal is SHA-256 over the seal before it and the entry in one canonical form. It shows that something was changed,
not by whom; keep the last seal somewhere else to notice that the end was cut off.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

GENESIS = "0" * 64
"""What stands before the first seal."""


@dataclass(frozen=True)
class SealedEntry:
    """An entry as it is stored now, and the seal it was given. ``sequence`` counts from 1 without a gap."""

    sequence: int
    entry: Mapping[str, object]
    hash: str


@dataclass(frozen=True)
class Broken:
    """The first place where the chain does not hold; ``why`` is a sentence."""

    at: int
    why: str


def seal(previous_hash: str, entry: Mapping[str, object]) -> str:
    """The seal of ``entry``, 64 hex digits. TypeError for a value that has no canonical form, ValueError for a naive
    moment or a seal before it that is none."""
    if len(previous_hash) != 64 or not set(previous_hash) <= set("0123456789abcdef"):
        raise ValueError("the seal before is not 64 hex digits")
    return hashlib.sha256(f"{previous_hash}\n{canonical(entry)}".encode()).hexdigest()


def verify(
    entries: Iterable[SealedEntry], *, after: str = GENESIS, first: int = 1, last: str | None = None
) -> Broken | None:
    """The first break in a stretch of the chain, or None.

    ``after`` and ``first`` are the seal before the stretch and its first sequence; ``last`` the seal it must end
    with, where that is known from elsewhere. Reads ``entries`` once, one at a time.
    """
    expected, previous = first, after
    for sealed in entries:
        if sealed.sequence != expected:
            return Broken(expected, f"Entry {expected} is missing: {sealed.sequence} stands in its place.")
        if not _fits(sealed, previous):
            return Broken(expected, f"Entry {expected} is not as it was sealed, or one before it is gone.")
        expected, previous = expected + 1, sealed.hash
    if last is not None and previous != last:
        return Broken(
            expected, f"The trail ends before entry {expected}, short of the seal it should end with."
        )
    return None


def canonical(value: object) -> str:
    """One spelling for equal values: JSON with sorted keys and no spaces; moments in UTC to the microsecond.

    Fractions are refused: databases give them back spelled in other ways.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _fits(sealed: SealedEntry, previous: str) -> bool:
    try:
        return hmac.compare_digest(seal(previous, sealed.entry).encode(), sealed.hash.encode())
    except (TypeError, ValueError):
        # What was sealed had a canonical form: an entry without one was changed since.
        return False


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys are words")
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment without an offset cannot be sealed")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | bool | int):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")
