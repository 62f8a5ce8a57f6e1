"""Whom to ring, for a drug worker: each list in the order in which it should be worked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from provider.caseload.cases import (
    ALL,
    MOST,
    Who,
    Worklist,
    known_by,
    listed,
    on_the_day_of,
    who,
    who_columns,
)
from provider.caseload.deadlines import Due, unmet_dues
from provider.domain.accounts.models import Account
from provider.domain.contact.models import ContactAttempt, Task
from provider.domain.contact.tasks import KINDS
from provider.domain.diary.models import Appointment
from provider.domain.forces.models import Force
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.referrals.models import Case, Referral
from provider.domain.schemes.models import Scheme
from provider.kernel.calendar import at_london, london_date
from provider.kernel.database import db

AN_HOUR = timedelta(hours=1)
ASKED = KINDS["call_me"]


@dataclass(frozen=True)
class NewReferral:
    """One that nobody has taken; ``due`` is when first contact is promised by."""

    who: Who
    scheme: str
    force: str
    received_at: datetime
    due: datetime
    late: bool


@dataclass(frozen=True)
class ToRing:
    """Somebody to ring by the end of the day; ``due`` says that the time has come."""

    who: Who
    at: datetime
    why: str | None
    attempts: int
    best_times: str | None
    number_bad: bool
    due: bool


@dataclass(frozen=True)
class TodaysCall:
    """An appointment whose outcome nobody has recorded yet. ``over``: its end is past. ``ended``: the referral is."""

    who: Who
    appointment_id: int
    kind: str
    starts_at: datetime
    minutes: int
    started: bool
    over: bool
    ended: bool


@dataclass(frozen=True)
class UnsettledCall:
    """An appointment that is over, and how it went is still to be said."""

    who: Who
    appointment_id: int
    kind: str
    starts_at: datetime
    worker: str


def new_referrals(*, reader_id: int, now: datetime) -> Worklist[NewReferral]:
    """Cases that nobody has taken, the one due first at the top."""
    rows = db.session.execute(
        sa.select(
            Case.id.label("case_id"),
            Case.first_contact_due,
            Referral.received_at,
            Scheme.name,
            Force.name.label("force"),
            ALL,
        )
        .add_columns(*who_columns(reader_id))
        .select_from(Case)
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .join(Force, Force.id == Referral.force_id)
        .where(Case.assigned_to_id.is_(None), Case.closed_at.is_(None))
        .order_by(Case.first_contact_due, Case.id)
        .limit(MOST)
    ).all()
    dues = unmet_dues([row.case_id for row in rows], now=now)
    return listed(rows, [_new(row, dues.get(row.case_id, ()), now=now) for row in rows])


def _new(row: Any, dues: Sequence[Due], *, now: datetime) -> NewReferral:
    due = next((due.at for due in dues if due.stage == "first_contact"), row.first_contact_due)
    return NewReferral(
        who=who(row, today=london_date(now)),
        scheme=row.name,
        force=row.force,
        received_at=row.received_at,
        due=due,
        late=due < now,
    )


def to_ring(worker_id: int, *, reader_id: int, now: datetime) -> Worklist[ToRing]:
    """Whom the worker has to ring by the end of today, the longest waiting at the top: by the ladder, or because they
    asked for it. Those of whoever they stand in for are among them.
    """
    asked = sa.and_(Task.case_id == Case.id, Task.kind == "call_me", Task.done_at.is_(None))
    sooner = sa.or_(Case.next_call_at.is_(None), Task.due_at < Case.next_call_at)
    at = sa.case((sa.and_(Task.id.is_not(None), sooner), Task.due_at), else_=Case.next_call_at)
    made = (
        sa.select(sa.func.count())
        .where(ContactAttempt.case_id == Case.id)
        .correlate(Case)
        .scalar_subquery()
        .label("attempts")
    )
    rows = db.session.execute(
        sa.select(at.label("at"), Task.id.label("asked"), Case.next_call_why, Case.best_times)
        .add_columns(PhoneNumber.state, made, ALL)
        .add_columns(*who_columns(reader_id))
        .select_from(Case)
        .join(Referral, known_by())
        .join(Person, Person.id == Case.person_id)
        .outerjoin(PhoneNumber, rung_on())
        .outerjoin(Task, asked)
        .where(on_the_day_of(worker_id, now=now), Case.closed_at.is_(None), at < end_of_day(now))
        .order_by(at, Case.id)
        .limit(MOST)
    ).all()
    return listed(rows, [_to_ring(row, now=now) for row in rows])


def _to_ring(row: Any, *, now: datetime) -> ToRing:
    return ToRing(
        who=who(row, today=london_date(now)),
        at=row.at,
        why=ASKED if row.asked is not None else row.next_call_why,
        attempts=row.attempts,
        best_times=row.best_times,
        number_bad=row.state in (None, "bad", "suspect"),
        due=row.at <= now,
    )


def todays_calls(worker_id: int, *, reader_id: int, now: datetime) -> Worklist[TodaysCall]:
    """The worker's appointments until the end of today; one of an earlier day stays until somebody settles it."""
    rows = db.session.execute(
        sa.select(Appointment.id, Appointment.kind, Appointment.starts_at, Appointment.minutes, ALL)
        .add_columns(Case.closed_at, *who_columns(reader_id))
        .select_from(Appointment)
        .join(Case, Case.id == Appointment.case_id)
        .join(Referral, known_by(ended_too=True))
        .join(Person, Person.id == Case.person_id)
        .where(
            Appointment.worker_id == worker_id,
            Appointment.state == sa.literal_column("'booked'"),
            Appointment.starts_at < end_of_day(now),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(MOST)
    ).all()
    return listed(rows, [_todays_call(row, now=now) for row in rows])


def unsettled_calls(*, reader_id: int, now: datetime) -> Worklist[UnsettledCall]:
    """Everybody's appointments that have begun and that nobody has said of how they went, the longest ago first."""
    rows = db.session.execute(
        sa.select(Appointment.id, Appointment.kind, Appointment.starts_at, Account.name.label("worker"), ALL)
        .add_columns(*who_columns(reader_id))
        .select_from(Appointment)
        .join(Account, Account.id == Appointment.worker_id)
        .join(Case, Case.id == Appointment.case_id)
        .join(Referral, known_by(ended_too=True))
        .join(Person, Person.id == Case.person_id)
        .where(Appointment.state == sa.literal_column("'booked'"), Appointment.starts_at < now - AN_HOUR)
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(MOST)
    ).all()
    lines = [
        UnsettledCall(who(row, today=london_date(now)), row.id, row.kind, row.starts_at, row.worker)
        for row in rows
    ]
    return listed(rows, lines)


def _todays_call(row: Any, *, now: datetime) -> TodaysCall:
    return TodaysCall(
        who=who(row, today=london_date(now)),
        appointment_id=row.id,
        kind=row.kind,
        starts_at=row.starts_at,
        minutes=row.minutes,
        started=row.starts_at <= now,
        over=row.starts_at + timedelta(minutes=row.minutes) <= now,
        ended=row.closed_at is not None,
    )


def end_of_day(now: datetime) -> datetime:
    """Midnight in London after ``now``."""
    return at_london(london_date(now) + timedelta(days=1), time(0))
