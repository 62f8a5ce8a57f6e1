"""What else somebody has in their diary while a session is held: said before they are put to it."""

from __future__ import annotations

from collections.abc import Collection
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


def clashes(account_ids: Collection[int], *, starts_at: datetime, minutes: int) -> tuple[Clash, ...]:
    """Absences and booked calls of these people that overlap a session, by name. Two queries."""
    ends_at = starts_at + timedelta(minutes=minutes)
    away = db.session.scalars(
        sa.select(Account.name)
        .join(Absence, Absence.worker_id == Account.id)
        .where(Account.id.in_(account_ids), Absence.starts_at < ends_at, Absence.ends_at > starts_at)
        .distinct()
        .order_by(Account.name)
    )
    calls = db.session.execute(
        sa.select(Account.name, Appointment.starts_at, Appointment.minutes)
        .join(Appointment, Appointment.worker_id == Account.id)
        .where(
            Account.id.in_(account_ids),
            Appointment.state == "booked",
            Appointment.starts_at < ends_at,
            Appointment.starts_at > starts_at - LONGEST_CALL,
        )
        .order_by(Account.name, Appointment.starts_at)
    )
    return (
        *(Clash(name, None) for name in away),
        *(Clash(row[0], row[1]) for row in calls if row[1] + timedelta(minutes=row[2]) > starts_at),
    )
