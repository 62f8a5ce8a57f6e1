"""One call in the diary whose time has come, to be told how it went, and the times that could be given instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.domain.accounts.models import Account
from provider.domain.diary.models import Appointment
from provider.domain.diary.queries import slots_between
from provider.kernel.calendar import london_date
from provider.kernel.database import db

AHEAD = timedelta(days=8)
MOST_TIMES = 40


@dataclass(frozen=True)
class OutcomePage:
    """``times`` are open starts of the next days, soonest first."""

    facts: ReferralFacts
    appointment_id: int
    kind: str
    starts_at: datetime
    minutes: int
    worker: str
    booked: bool
    times: tuple[datetime, ...]


def outcome_page(referral_id: int, appointment_id: int, *, now: datetime) -> OutcomePage:
    """An appointment of the referral's case, in eight queries."""
    row = db.session.execute(
        sa.select(Appointment.kind, Appointment.starts_at, Appointment.minutes, Appointment.state)
        .add_columns(Account.name)
        .join(Account, Account.id == Appointment.worker_id)
        .where(Appointment.id == appointment_id)
    ).one()
    slots = slots_between(now, now + AHEAD, minutes=row.minutes, now=now)
    return OutcomePage(
        facts=referral_facts(referral_id, today=london_date(now)),
        appointment_id=appointment_id,
        kind=row.kind,
        starts_at=row.starts_at,
        minutes=row.minutes,
        worker=row.name,
        booked=row.state == "booked",
        times=tuple(slot.starts_at for slot in slots[:MOST_TIMES]),
    )
