"""What else somebody has in their diary while a session is held: said before they are put to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.diary.models import Absence, Appointment
from provider.kernel.database import db

LONGEST_CALL = timedelta(hours=4)


@dataclass(frozen=True)
class Clash:
    """``call_at`` is when they ring somebody; None where they are away."""

    name: str
    call_at: datetime | None


@dataclass(frozen=True)
class _Taken:
    clash: Clash
    starts_at: datetime
    ends_at: datetime


def clashes(account_ids: Collection[int], *, starts_at: datetime, minutes: int) -> tuple[Clash, ...]:
    """Absences and booked calls of these people that overlap a session, by name. Two queries."""
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
        tuple(dict.fromkeys(one.clash for one in taken if one.starts_at < ends and one.ends_at > starts))
        for starts, ends in spans
    ]


def _away(account_ids: Collection[int], first: datetime, last: datetime) -> list[_Taken]:
    rows = db.session.execute(
        sa.select(Account.name, Absence.starts_at, Absence.ends_at)
        .join(Absence, Absence.worker_id == Account.id)
        .where(Account.id.in_(account_ids), Absence.starts_at < last, Absence.ends_at > first)
        .order_by(Account.name, Absence.starts_at)
    )
    return [_Taken(Clash(row[0], None), row[1], row[2]) for row in rows]


def _calls(account_ids: Collection[int], first: datetime, last: datetime) -> list[_Taken]:
    rows = db.session.execute(
        sa.select(Account.name, Appointment.starts_at, Appointment.minutes)
        .join(Appointment, Appointment.worker_id == Account.id)
        .where(
            Account.id.in_(account_ids),
            Appointment.state == "booked",
            Appointment.starts_at < last,
            Appointment.starts_at > first - LONGEST_CALL,
        )
        .order_by(Account.name, Appointment.starts_at)
    )
    return [_Taken(Clash(row[0], row[1]), row[1], row[1] + timedelta(minutes=row[2])) for row in rows]
