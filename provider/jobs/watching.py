"""What is wrong is looked for, and said to who can put it right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from provider.domain.alarms.standing import standing
from provider.jobs.shift import Shift
from provider.kernel.database import transaction
from provider.pathway import alarming

LEAST_PATIENCE = timedelta(minutes=5)


def patience(every: Mapping[str, timedelta]) -> dict[str, timedelta]:
    """How long each job may go without having done its work: three of its turns, and five minutes at least."""
    return {job: max(3 * turn, LEAST_PATIENCE) for job, turn in every.items()}


def watch(shift: Shift) -> None:
    """Mostly a look: a transaction is opened only where there is something to say."""
    found = alarming.found_wrong(jobs=patience(shift.turns), now=shift.now())
    if alarming.news_in(found, standing()):
        with transaction():
            alarming.watch(found, now=shift.now())
