"""Lists of codes: what is stored and sent is the code, what people read is its label."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Coded(StrEnum):
    """A code with the words people read for it: ``CUSTODY = "custody", "Custody"``."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Every code with its label, in the order of the list: what a form offers."""
        return [(member.value, member.label) for member in cls]
