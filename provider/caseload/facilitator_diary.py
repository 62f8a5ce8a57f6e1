"""What else somebody has in their diary while a session is held: a call stands in the way, an absence is only said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.diary.closures import closed_days
from provider.domain.diary.models import Absence, Appointment, DiaryCell
from provider.kernel.calendar import QUARTER_HOUR, london_date, quarter_hours
from provider.kernel.database import db


@dataclass(frozen=True)
class Clash:
    """``call_at`` is when they ring somebody; None where they are away. ``span`` is when the session is held."""

    account_id: int
    name: str
    call_at: datetime | None
    span: tuple[datetime, datetime]


@dataclass(frozen=True)
class _Taken:
    """``call_at`` as above: what stands there from ``starts_at`` on is a quarter hour of that call."""

    account_id: int
    name: str
    call_at: datetime | None
    starts_at: datetime
    ends_at: datetime


def clashes(account_ids: Collection[int], *, starts_at: datetime, minutes: int) -> tuple[Clash, ...]:
    """Absences and booked calls of these people that overlap a session, by name; what is kept free after a call is the
    call's. Two queries.
    """
    return clashes_of(account_ids, [(starts_at, minutes)])[0]


def clashes_of(
    account_ids: Collection[int], times: Sequence[tuple[datetime, int]]
) -> list[tuple[Clash, ...]]:
    """The same for sessions at several times, each with its minutes; in their order, and still two queries."""
    if not times or not account_ids:
        return [()] * len(times)
    spans = [(starts_at, starts_at + timedelta(minutes=minutes)) for starts_at, minutes in times]
    first, last = min(starts for starts, _ in spans), max(ends for _, ends in spans)
    taken = [*_away(account_ids, first, last), *_calls(account_ids, first, last)]
    return [
        tuple(
            dict.fromkeys(
                Clash(one.account_id, one.name, one.call_at, (starts, ends))
                for one in taken
                if one.starts_at < ends and one.ends_at > starts
            )
        )
        for starts, ends in spans
    ]


def closed_on(moment: datetime) -> bool:
    """Whether the whole service is closed on that day."""
    day = london_date(moment)
    return day in closed_days(since=day)


def _away(account_ids: Collection[int], first: datetime, last: datetime) -> list[_Taken]:
    rows = db.session.execute(
        sa.select(Account.id, Account.name, Absence.starts_at, Absence.ends_at)
        .join(Absence, Absence.worker_id == Account.id)
        .where(Account.id.in_(account_ids), Absence.starts_at < last, Absence.ends_at > first)
        .order_by(Account.name, Absence.starts_at)
    )
    return [_Taken(row.id, row.name, None, row.starts_at, row.ends_at) for row in rows]


def _calls(account_ids: Collection[int], first: datetime, last: datetime) -> list[_Taken]:
    cells = quarter_hours(first, int((last - first).total_seconds() // 60))
    rows = db.session.execute(
        sa.select(Account.id, Account.name, Appointment.starts_at, DiaryCell.cell)
        .join(DiaryCell, DiaryCell.worker_id == Account.id)
        .join(Appointment, Appointment.id == DiaryCell.appointment_id)
        .where(Account.id.in_(account_ids), DiaryCell.cell >= cells.start, DiaryCell.cell < cells.stop)
        .order_by(Account.name, DiaryCell.cell)
    )
    return [_Taken(row.id, row.name, row.starts_at, *_span_of(row.cell)) for row in rows]


def _span_of(cell: int) -> tuple[datetime, datetime]:
    begins = datetime.fromtimestamp(cell * QUARTER_HOUR, UTC)
    return begins, begins + timedelta(seconds=QUARTER_HOUR)
