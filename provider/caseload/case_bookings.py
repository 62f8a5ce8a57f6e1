"""What a case was given: times in the diary, and places in sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.diary.models import Appointment, AppointmentOutcome
from provider.kernel.database import db


@dataclass(frozen=True)
class AppointmentLine:
    id: int
    kind: str
    starts_at: datetime
    minutes: int
    state: str
    state_at: datetime
    booked_by: str
    moved_asked_by: str | None
    moved_because: str | None
    moved_words: str | None
    worker: str


@dataclass(frozen=True)
class SaidLine:
    """What was said of how a call went; ``last``: nothing was said of it since, so that this is what stands."""

    appointment_id: int
    kind: str
    starts_at: datetime
    outcome: str
    at: datetime
    by_id: int
    reason: str | None
    last: bool


@dataclass(frozen=True)
class PlaceLine:
    session_id: int
    course: str
    starts_at: datetime
    created_at: datetime
    created_by: str
    released_at: datetime | None
    released_because: str | None
    attendance: str | None


def appointments_of(case_id: int) -> tuple[AppointmentLine, ...]:
    """Every appointment a case ever had, oldest first."""
    rows = db.session.execute(
        sa.select(Appointment.id, Appointment.kind, Appointment.starts_at, Appointment.minutes)
        .add_columns(Appointment.state, Appointment.state_at, Appointment.booked_by)
        .add_columns(Appointment.moved_asked_by, Appointment.moved_because, Appointment.moved_words)
        .add_columns(Account.name)
        .join(Account, Account.id == Appointment.worker_id)
        .where(Appointment.case_id == case_id)
        .order_by(Appointment.id)
    )
    return tuple(AppointmentLine(*row) for row in rows)


def said_of_calls(case_id: int) -> tuple[SaidLine, ...]:
    """Everything that was ever said of how the calls of a case went, in the order in which it was said."""
    said = AppointmentOutcome
    latest = sa.func.max(said.id).over(partition_by=said.appointment_id)
    rows = db.session.execute(
        sa.select(Appointment.id, Appointment.kind, Appointment.starts_at, said.outcome, said.at)
        .add_columns(said.by_id, said.reason, (said.id == latest).label("last"))
        .join(said, said.appointment_id == Appointment.id)
        .where(Appointment.case_id == case_id)
        .order_by(said.id)
    )
    return tuple(SaidLine(*row) for row in rows)


def places_of(case_id: int) -> tuple[PlaceLine, ...]:
    """Every place a case ever held, oldest first."""
    rows = db.session.execute(
        sa.select(Place.session_id, Course.name, CourseSession.starts_at, Place.created_at, Place.created_by)
        .add_columns(Place.released_at, Place.released_because, Place.attendance)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .join(Course, Course.id == CourseSession.course_id)
        .where(Place.case_id == case_id)
        .order_by(Place.id)
    )
    return tuple(PlaceLine(*row) for row in rows)
