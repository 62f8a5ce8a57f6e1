"""How many places a session sells, and which numbers are free: decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession


def places_sold() -> sa.ColumnElement[int]:
    """How many numbers a ``CourseSession`` sells, in a query of it: its seats, and what it is overbooked by."""
    return CourseSession.capacity + CourseSession.extra_places


def free_numbers(taken: Collection[int], *, sold: int) -> list[int]:
    """The numbers that may be taken of a session that sells ``sold``, the lowest first.

    Where fewer are sold than before, a higher number that is held stays held, and a lower one is kept from sale for it.
    A number that is on sale is then never one too many, whoever else takes one at the same moment: counting what is
    free would let two take the last.
    """
    last = sold
    while last and last + sum(number > last for number in taken) > sold:
        last -= 1
    return [number for number in range(1, last + 1) if number not in taken]
