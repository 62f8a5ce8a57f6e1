"""When those who ring are there: their absences, each with who entered it."""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.diary import absences
from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.models import Absence
from provider.kernel.actors import Actor


def enter_absence(
    worker_id: int,
    *,
    reason: AbsenceReason,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    now: datetime,
) -> Absence:
    """The worker will be away. Calls booked for that time stand until somebody moves them. Raises NoTimeAway."""
    absence = absences.add_absence(
        worker_id, reason=reason, starts_at=starts_at, ends_at=ends_at, by=by, now=now
    )
    record("absence.entered", "absence", absence.id, by=by, now=now, worker=worker_id, reason=str(reason))
    return absence


def end_absence(absence_id: int, *, by: Actor, now: datetime) -> None:
    """The worker is back sooner, or does not go. Raises NotFound, AbsenceOver."""
    absence = absences.end_absence(absence_id, by=by, now=now)
    record("absence.ended", "absence", absence.id, by=by, now=now, worker=absence.worker_id)
