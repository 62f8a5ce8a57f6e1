"""What one wording says otherwise than another, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Piece:
    """A stretch of words: the same in both, only in the one before, or only in the one after."""

    words: str
    stands: Literal["both", "before", "after"]


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """``before`` and ``after`` in one, in the order in which they are read."""
    return tuple(_pieces(_WORDS.findall(before), _WORDS.findall(after)))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    for what, begins, ends, begins_after, ends_after in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        gone, come = "".join(before[begins:ends]), "".join(after[begins_after:ends_after])
        if what == "equal":
            yield Piece(gone, "both")
            continue
        if gone:
            yield Piece(gone, "before")
        if come:
            yield Piece(come, "after")
