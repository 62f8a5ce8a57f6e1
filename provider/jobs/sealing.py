"""The trail is sealed into its chain."""

from __future__ import annotations

from provider.domain.audit.sealing import seal_trail
from provider.jobs.shift import Shift
from provider.kernel.database import transaction

BATCH = 500


def seal(shift: Shift) -> None:
    """Seal every entry that is committed."""
    seal_in_batches(shift, everything=False)


def seal_in_batches(shift: Shift, *, everything: bool) -> None:
    """A batch a transaction, until there is nothing left."""
    while not shift.over:
        with transaction():
            sealed = seal_trail(limit=BATCH, everything=everything, now=shift.now())
        if sealed < BATCH:
            return
