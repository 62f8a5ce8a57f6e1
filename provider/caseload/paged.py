"""A list that is read in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

Line = TypeVar("Line")


@dataclass(frozen=True)
class Paged(Generic[Line]):
    """One page of a list: its lines, how many there are on all pages, and which page it is, from 1."""

    SIZE: ClassVar[int]

    lines: tuple[Line, ...]
    total: int
    page: int

    @property
    def first(self) -> int:
        """The place of its first line among all."""
        return (self.page - 1) * self.SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1
