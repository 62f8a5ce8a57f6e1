"""A worker is away for a while, or is back sooner. Why is a code that says nothing about health."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from provider.domain.diary.models import Absence
from provider.domain.diary.turns import hold_diary
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal


class AbsenceReason(StrEnum):
    LEAVE = "leave"
    TRAINING = "training"
    OTHER_WORK = "other_work"
    SHORT_NOTICE = "short_notice"


class NoTimeAway(Refusal):
    code = "no_time_away"
    sentence = "An absence ends after it begins."


class NotAway(Refusal):
    code = "not_away"
    sentence = "Enter the absence first: then somebody can ring in their place."


class OwnStandIn(Refusal):
    code = "own_stand_in"
    sentence = "Nobody stands in for themselves. Choose somebody else."


class AbsenceOver(Refusal):
    code = "absence_over"
    sentence = "That absence is over already."


def add_absence(
    worker_id: int,
    *,
    reason: AbsenceReason,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    now: datetime,
) -> Absence:
    """From now on nobody is booked with the worker for that time; calls booked before stand until they are moved.

    Raises NoTimeAway where it would end before it begins.
    """
    if ends_at <= starts_at:
        raise NoTimeAway
    hold_diary(worker_id)
    absence = Absence(
        worker_id=worker_id,
        reason=str(reason),
        starts_at=starts_at,
        ends_at=ends_at,
        entered_by=str(by),
        entered_at=now,
    )
    db.session.add(absence)
    db.session.flush()
    return absence


def end_absence(absence_id: int, *, by: Actor, now: datetime) -> Absence:
    """The worker is back now; one that has not begun never does. Raises NotFound, AbsenceOver."""
    absence = db.session.get(Absence, absence_id)
    if absence is None:
        raise NotFound
    hold_diary(absence.worker_id)
    db.session.refresh(absence)
    if absence.ended_at is not None or absence.ends_at <= now:
        raise AbsenceOver
    absence.ends_at = max(absence.starts_at, now)
    absence.ended_by, absence.ended_at = str(by), now
    db.session.flush()
    return absence


def stand_in(worker_id: int, stand_in_id: int | None, *, now: datetime) -> Sequence[int]:
    """Say who rings in the worker's place in every absence that is not over; answers the ids of those that changed.

    Raises NotAway where there is none, OwnStandIn.
    """
    if stand_in_id == worker_id:
        raise OwnStandIn
    hold_diary(worker_id)
    found = db.session.scalars(
        sa.select(Absence)
        .where(Absence.worker_id == worker_id, Absence.ends_at > now, Absence.ends_at > Absence.starts_at)
        .order_by(Absence.id)
        .execution_options(populate_existing=True)
    ).all()
    if not found:
        raise NotAway
    changed = [absence for absence in found if absence.stand_in_id != stand_in_id]
    for absence in changed:
        absence.stand_in_id = stand_in_id
    db.session.flush()
    return [absence.id for absence in changed]


def rung_for(worker_id: int, *, now: datetime) -> sa.Select[int]:
    """Those in whose place somebody rings at the moment, as a subquery."""
    return sa.select(Absence.worker_id).where(
        Absence.stand_in_id == worker_id, Absence.starts_at <= now, Absence.ends_at > now
    )
