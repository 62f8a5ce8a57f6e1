"""Somebody is put ahead on a waiting list, for a reason that is kept, or back where they joined."""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.courses import waiting
from provider.domain.courses.models import Waiting
from provider.domain.courses.waiting import Ahead, waiting_of
from provider.kernel.actors import Actor
from provider.pathway.allocating import NotWaiting
from provider.pathway.steps import lock_case


def put_ahead(case_id: int, *, because: Ahead, by: Actor, now: datetime) -> None:
    """The next free place is theirs. Raises NotWaiting."""
    turn, person_id = _turn(case_id)
    waiting.put_ahead(turn, because=because, by=by, now=now)
    record("turn.put_ahead", "case", case_id, by=by, now=now, person_id=person_id, because=str(because))


def put_in_order(case_id: int, *, by: Actor, now: datetime) -> None:
    """Back to the turn they had by joining. Raises NotWaiting."""
    turn, person_id = _turn(case_id)
    waiting.put_in_order(turn)
    record("turn.put_in_order", "case", case_id, by=by, now=now, person_id=person_id)


def _turn(case_id: int) -> tuple[Waiting, int]:
    case = lock_case(case_id)
    turn = waiting_of(case_id)
    if turn is None:
        raise NotWaiting
    return turn, case.person_id
