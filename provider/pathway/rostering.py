"""When those who ring are there: their weeks and their absences, each with who entered it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from provider.domain.audit.trail import record
from provider.domain.diary import absences, languages, weeks
from provider.domain.diary.absences import AbsenceReason
from provider.domain.diary.models import Absence
from provider.domain.diary.weeks import Week
from provider.kernel.actors import Actor


def set_week(
    worker_id: int, week: Week, *, valid_from: date, valid_until: date | None, by: Actor, now: datetime
) -> None:
    """The worker's hours from a day on. Calls that are booked stand until somebody moves them.

    Raises FromThePast, NoDaysLeft or HoursOverlap.
    """
    weeks.set_week(worker_id, week, valid_from=valid_from, valid_until=valid_until, by=by, now=now)
    until = valid_until.isoformat() if valid_until else None
    record("hours.set", "account", worker_id, by=by, now=now, first=valid_from.isoformat(), last=until)


def set_languages(worker_id: int, spoken: Collection[str], *, by: Actor, now: datetime) -> None:
    """The languages besides English that the worker makes calls in, from now on."""
    languages.set_languages(worker_id, spoken)
    record("languages.set", "account", worker_id, by=by, now=now, languages=" ".join(sorted(spoken)))


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
