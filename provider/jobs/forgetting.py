"""What is over is forgotten; and an entry of the trail that was committed very late is looked for everywhere."""

from __future__ import annotations

from provider.jobs.sealing import seal_in_batches
from provider.jobs.shift import Shift
from provider.kernel.database import transaction
from provider.pathway.forgetting import forget_what_is_over


def forget(shift: Shift) -> None:
    """Tidy up, once an hour."""
    with transaction():
        forget_what_is_over(now=shift.now())
    seal_in_batches(shift, everything=True)
