"""Calls booked with somebody who is away, not at work by then, or wanted elsewhere; each with what it could become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.calls_outside import CallOutside, Span, calls_outside, calls_within
from provider.caseload.cases import Who
from provider.caseload.my_day import Worker, everyone_who_rings
from provider.domain.diary.models import Absence
from provider.domain.diary.queries import diaries_of
from provider.domain.diary.spreading import Choice, ToSpread, spread
from provider.domain.referrals.models import Case
from provider.kernel.calendar import london_date
from provider.kernel.database import db

DAYS = 10
"""So many days on are looked at for another time."""

MOST = 40


@dataclass(frozen=True)
class CallToSpread:
    """``choices`` with the name of who is free, the one that is proposed first."""

    appointment_id: int
    who: Who
    starts_at: datetime
    kind: str
    choices: tuple[tuple[Choice, str], ...]


@dataclass(frozen=True)
class SpreadPage:
    """``more`` calls are booked later than those shown. ``span``: only those of that time, for which the worker is
    wanted elsewhere. ``away_until`` is None where no absence is entered, or none matters;
    ``stand_in_id`` who rings meanwhile whom the worker would have to ring, of whom ``to_ring`` are due today.
    """

    worker: Worker
    span: Span | None
    calls: tuple[CallToSpread, ...]
    more: int
    away_until: datetime | None
    stand_in_id: int | None
    to_ring: int
    others: tuple[Worker, ...]


def spread_page(worker: Worker, *, span: Span | None = None, reader_id: int, now: datetime) -> SpreadPage:
    """In a fixed number of queries."""
    others = tuple(one for one in everyone_who_rings() if one.id != worker.id)
    if span is None:
        calls = calls_outside(worker.id, reader_id=reader_id, now=now)
    else:
        calls = calls_within(worker.id, span, reader_id=reader_id, now=now)
    absence = _absence(worker.id, now=now) if span is None and not worker.left else None
    return SpreadPage(
        worker=worker,
        span=span,
        calls=_with_choices(calls[:MOST], worker, others, span=span, now=now),
        more=max(len(calls) - MOST, 0),
        away_until=absence.ends_at if absence is not None else None,
        stand_in_id=absence.stand_in_id if absence is not None else None,
        to_ring=_to_ring(worker.id, now=now),
        others=others,
    )


def _with_choices(
    calls: Sequence[CallOutside],
    worker: Worker,
    others: Sequence[Worker],
    *,
    span: Span | None,
    now: datetime,
) -> tuple[CallToSpread, ...]:
    if not calls:
        return ()
    names = {one.id: one.name for one in (*others, worker)}
    first = london_date(calls[0].starts_at)
    last = london_date(calls[-1].starts_at) + timedelta(days=DAYS)
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    diaries = [
        replace(one, away=(*one.away, span)) if span is not None and one.worker_id == worker.id else one
        for one in diaries_of(days, worker_ids=list(names))
    ]
    wanted = [
        ToSpread(call.appointment_id, call.starts_at, call.minutes, call.assigned_to_id) for call in calls
    ]
    found = spread(wanted, diaries, days_on=DAYS, not_before=now)
    return tuple(
        CallToSpread(
            call.appointment_id,
            call.who,
            call.starts_at,
            call.kind,
            tuple((choice, names[choice.worker_id]) for choice in found[call.appointment_id]),
        )
        for call in calls
    )


def _absence(worker_id: int, *, now: datetime) -> Absence | None:
    """The absence that is on, or is the next to come."""
    found = sa.select(Absence).where(
        Absence.worker_id == worker_id, Absence.ends_at > now, Absence.ends_at > Absence.starts_at
    )
    return db.session.scalars(found.order_by(Absence.starts_at, Absence.id).limit(1)).first()


def _to_ring(worker_id: int, *, now: datetime) -> int:
    due = sa.select(sa.func.count()).where(
        Case.assigned_to_id == worker_id,
        Case.closed_at.is_(None),
        Case.next_call_at < now + timedelta(days=1),
    )
    return db.session.scalar(due) or 0
