"""Counts so small that they may say who somebody is are not shown to those who do not know them anyway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

FEWEST = 5
SAID_INSTEAD = f"Fewer than {FEWEST}"
HIDDEN = "Not shown"
Key = TypeVar("Key")


def is_small(count: int) -> bool:
    """One to four; that there was nobody at all says nothing of anybody."""
    return 0 < count < FEWEST


def hidden_in(parts: Mapping[Key, int]) -> frozenset[Key]:
    """Which parts of a known whole are hidden: the small ones, and one more where a single one could be worked out."""
    small = {key for key, count in parts.items() if is_small(count)}
    if len(small) == 1:
        others = {key: count for key, count in parts.items() if key not in small and count}
        small |= {min(others, key=lambda key: others[key])} if others else set()
    return frozenset(small)
