"""One call in the diary whose time has come: how it went, as it was said, and the times that could be given instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.domain.accounts.models import Account
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.domain.diary.outcomes import CallOutcome, given_up_before
from provider.domain.diary.queries import slots_between
from provider.kernel.calendar import london_date
from provider.kernel.database import db

AHEAD = timedelta(days=8)
MOST_TIMES = 40


@dataclass(frozen=True)
class Said:
    """What was said of it once. ``reason``: why it was corrected; None where it was said for the first time."""

    id: int
    outcome: CallOutcome
    at: datetime
    by: str
    reason: str | None
    used_chance: bool


@dataclass(frozen=True)
class OutcomePage:
    """``times`` are open starts of the next days, soonest first. ``ended``: nothing follows from it any more."""

    facts: ReferralFacts
    appointment_id: int
    kind: str
    starts_at: datetime
    minutes: int
    worker: str
    state: str
    given_up: bool
    ended: bool
    said: tuple[Said, ...]
    times: tuple[datetime, ...]

    @property
    def booked(self) -> bool:
        """Whether nobody has said yet how it went."""
        return self.state == "booked"

    @property
    def correctable(self) -> bool:
        """Whether there is something that can have been said wrongly: it was not given up before its time."""
        return not self.booked and (bool(self.said) or not self.given_up)

    @property
    def seen(self) -> int | None:
        """The last that was said, by id."""
        return self.said[-1].id if self.said else None


def outcome_page(referral_id: int, appointment_id: int, *, now: datetime) -> OutcomePage:
    """An appointment of the referral's case, in nine queries."""
    appointment, worker = db.session.execute(
        sa.select(Appointment, Account.name)
        .join(Account, Account.id == Appointment.worker_id)
        .where(Appointment.id == appointment_id)
        .execution_options(populate_existing=True)
    ).one()
    facts = referral_facts(referral_id, today=london_date(now))
    slots = slots_between(now, now + AHEAD, minutes=appointment.minutes, now=now)
    return OutcomePage(
        facts=facts,
        appointment_id=appointment_id,
        kind=appointment.kind,
        starts_at=appointment.starts_at,
        minutes=appointment.minutes,
        worker=worker,
        state=appointment.state,
        given_up=given_up_before(appointment),
        ended=facts.case is not None and facts.case.closed_at is not None,
        said=_said(appointment_id),
        times=tuple(slot.starts_at for slot in slots[:MOST_TIMES]),
    )


def _said(appointment_id: int) -> tuple[Said, ...]:
    said = AppointmentOutcome
    rows = db.session.execute(
        sa.select(said.id, said.outcome, said.at, Account.name, said.reason, said.used_chance)
        .join(Account, Account.id == said.by_id)
        .where(said.appointment_id == appointment_id)
        .order_by(said.id)
    )
    return tuple(
        Said(row.id, CallOutcome[row.outcome.upper()], row.at, row.name, row.reason, row.used_chance)
        for row in rows
    )
