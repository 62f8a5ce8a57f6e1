"""What is left when somebody is not there: calls booked with them for that time, and sessions that nobody runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.session_lines import SessionLine, session_lines
from provider.domain.accounts.models import Account
from provider.domain.courses.facilitating import nobody_runs, running_of
from provider.domain.courses.models import CourseSession
from provider.domain.diary.closures import closed_days
from provider.domain.diary.models import Absence, Appointment, DiaryCell
from provider.kernel.calendar import london_date, quarter_hours
from provider.kernel.database import db

AHEAD = timedelta(days=28)


@dataclass(frozen=True)
class CallsToSpread:
    """So many calls are booked with somebody who is not there by then; ``left``: their account is closed."""

    worker_id: int
    name: str
    left: bool
    calls: int


@dataclass(frozen=True)
class ToCome:
    """What somebody would leave behind: calls booked with them, and sessions that they run."""

    calls: int
    sessions: int


def calls_to_spread(*, now: datetime) -> tuple[CallsToSpread, ...]:
    """Who has calls to come while they are away, in a session, or have left, or we are closed. Four queries.

    Calls outside of hours that were changed stand on the page of those hours.
    """
    away, sessions, closed = _away(now), _in_sessions(now), closed_days(since=london_date(now))
    rows = db.session.execute(
        sa.select(Account.id, Account.name, Account.active, Appointment.starts_at, Appointment.minutes)
        .join(Appointment, Appointment.worker_id == Account.id)
        .where(Appointment.state == "booked", Appointment.starts_at > now)
        .order_by(Account.name, Account.id)
    ).all()
    found: Counter[tuple[int, str, bool]] = Counter()
    for row in rows:
        ends_at = row.starts_at + timedelta(minutes=row.minutes)
        meets = any(begins < ends_at and ends > row.starts_at for begins, ends in away[row.id])
        elsewhere = sessions[row.id].intersection(quarter_hours(row.starts_at, row.minutes))
        if meets or elsewhere or not row.active or london_date(row.starts_at) in closed:
            found[row.id, row.name, not row.active] += 1
    return tuple(CallsToSpread(*who, calls=calls) for who, calls in found.items())


def _away(now: datetime) -> dict[int, list[tuple[datetime, datetime]]]:
    rows = db.session.execute(
        sa.select(Absence.worker_id, Absence.starts_at, Absence.ends_at).where(
            Absence.ends_at > now, Absence.ends_at > Absence.starts_at
        )
    )
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for worker_id, begins, ends in rows:
        found[worker_id].append((begins, ends))
    return found


def _in_sessions(now: datetime) -> dict[int, set[int]]:
    rings = sa.select(Appointment.worker_id).where(Appointment.state == "booked", Appointment.starts_at > now)
    rows = db.session.execute(
        sa.select(DiaryCell.worker_id, DiaryCell.cell).where(
            DiaryCell.session_id.is_not(None),
            DiaryCell.worker_id.in_(rings),
            DiaryCell.cell >= quarter_hours(now, 1).start,
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for worker_id, cell in rows:
        found[worker_id].add(cell)
    return found


def sessions_nobody_runs(*, reader_id: int, now: datetime) -> tuple[SessionLine, ...]:
    """Sessions of the next four weeks without anybody to run them. Two queries."""
    which = sa.and_(nobody_runs(), CourseSession.starts_at.between(now, now + AHEAD))
    return tuple(session_lines(which, reader_id=reader_id, now=now))


def to_come(account_id: int, *, now: datetime) -> ToCome:
    """Two queries."""
    calls = sa.select(sa.func.count()).where(
        Appointment.worker_id == account_id, Appointment.state == "booked", Appointment.starts_at > now
    )
    return ToCome(db.session.scalar(calls) or 0, len(running_of(account_id, now=now)))
