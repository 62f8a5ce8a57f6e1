"""Which numbers of a session are on sale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.courses.numbering import free_numbers

NUMBERS = st.sets(st.integers(1, 12))


@pytest.mark.parametrize(
    ("taken", "sold", "free"),
    [
        (set(), 3, [1, 2, 3]),
        ({2}, 3, [1, 3]),
        ({1, 2, 3}, 3, []),
        (set(), 0, []),
        # Fewer than before: whoever holds a higher number keeps it, and a lower one stays empty for it.
        ({1, 2, 3, 4}, 2, []),
        ({3, 4}, 2, []),
        ({4}, 2, [1]),
        ({1, 4}, 2, []),
        ({1, 2, 9, 10}, 6, [3, 4]),
        # More than before.
        ({1, 2, 3}, 5, [4, 5]),
    ],
)
def test_a_held_number_above_what_is_sold_keeps_a_lower_one_from_sale(
    taken: set[int], sold: int, free: list[int]
) -> None:
    assert free_numbers(taken, sold=sold) == free


@given(taken=NUMBERS, sold=st.integers(0, 14))
def test_as_many_are_free_as_are_sold_and_not_held(taken: set[int], sold: int) -> None:
    assert len(free_numbers(taken, sold=sold)) == max(sold - len(taken), 0)


@given(taken=NUMBERS, sold=st.integers(0, 14), gone=NUMBERS)
def test_everybody_who_looked_at_some_moment_may_take_what_they_saw(
    taken: set[int], sold: int, gone: set[int]
) -> None:
    """Some look, some are given back, others look: all numbers that they saw are sold, and there are not too many."""
    before = free_numbers(taken, sold=sold)
    after = free_numbers(taken - gone, sold=sold)
    held = (taken - gone) | set(before) | set(after)
    assert len(held) <= max(sold, len(taken - gone))
