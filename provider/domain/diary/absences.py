"""A worker is away for a while, or is back sooner. Why is a code that says nothing about health."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

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
