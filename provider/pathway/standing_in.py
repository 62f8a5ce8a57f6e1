"""Somebody is away at short notice: each of their calls is made by somebody else, given another time, or called off.

None of it is the person's doing: it uses no move and no chance of theirs. Who gets another time hears of it by text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.diary import absences
from provider.domain.diary.moves import WORKER_AWAY
from provider.kernel.actors import Actor
from provider.pathway import booking


@dataclass(frozen=True)
class Instead:
    """What is to become of a call: made by ``worker_id`` at ``starts_at``; with neither, called off and rung about."""

    appointment_id: int
    starts_at: datetime | None = None
    worker_id: int | None = None


def spread_call(instead: Instead, *, by: Actor, now: datetime) -> None:
    """Raises NothingBooked where the call was settled meanwhile, SlotTaken where that time is gone: then it stands."""
    if instead.starts_at is None or instead.worker_id is None:
        booking.call_off(instead.appointment_id, ours=True, by=by, now=now)
    elif booking.starts_at_of(instead.appointment_id) == instead.starts_at:
        booking.hand_over(instead.appointment_id, worker_id=instead.worker_id, by=by, now=now)
    else:
        booking.give_another(
            instead.appointment_id,
            starts_at=instead.starts_at,
            worker_id=instead.worker_id,
            why=WORKER_AWAY,
            by=by,
            now=now,
        )


def rings_instead(worker_id: int, stand_in_id: int | None, *, by: Actor, now: datetime) -> None:
    """While the worker is away, whom they would have to ring is on the day of ``stand_in_id``; None is nobody's.

    Raises NotAway, OwnStandIn.
    """
    changed = absences.stand_in(worker_id, stand_in_id, now=now)
    for absence_id in changed:
        record("absence.stand_in", "absence", absence_id, by=by, now=now, worker=stand_in_id)
