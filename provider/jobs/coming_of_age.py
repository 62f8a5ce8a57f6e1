"""Somebody turns 18: the number of the adult who got their texts ends."""

from __future__ import annotations

from provider.jobs.shift import Shift
from provider.kernel.database import transaction
from provider.pathway.reaching import come_of_age


def end_adults_numbers(shift: Shift) -> None:
    """Tidy up, once an hour: what a text may say and where it goes is decided when it is sent."""
    with transaction():
        come_of_age(now=shift.now())
