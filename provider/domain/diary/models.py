"""When drug workers work, and whom they ring when."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, BigId, Id, belongs_to

BOOKED = sa.text("state = 'booked'")


class WorkingPattern(Base):
    """Hours of one weekday (Monday 0), as minutes after midnight in London, while the pattern is valid."""

    __tablename__ = "working_patterns"

    id: Mapped[Id]
    worker_id: Mapped[int] = belongs_to("accounts")
    weekday: Mapped[int]
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class Absence(Base):
    """When a worker rings nobody. ``reason``: leave, training, other_work or short_notice; never anything about health.

    One that is ended early (``ended_at``: when that was said) has its end moved forward, to its beginning where it had
    not begun: then it takes no time at all.
    """

    __tablename__ = "absences"

    id: Mapped[Id]
    worker_id: Mapped[int] = belongs_to("accounts")
    reason: Mapped[str] = mapped_column(sa.String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(sa.String(60))
    entered_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(sa.String(60))
    ended_at: Mapped[datetime | None]


class Appointment(Base):
    """A call in the diary. ``kind``: assessment, one_to_one or treatment. ``state``: booked, took_place,
    did_not_answer, moved, cancelled or ours_to_blame. A moved one names the one that replaces it.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        sa.Index(
            "uq_appointments_booked_case",
            "case_id",
            unique=True,
            sqlite_where=BOOKED,
            postgresql_where=BOOKED,
        ),
        sa.Index("ix_appointments_worker", "worker_id", "starts_at"),
        sa.Index(
            "ix_appointments_to_come", "worker_id", "starts_at", sqlite_where=BOOKED, postgresql_where=BOOKED
        ),
        sa.Index("ix_appointments_case", "case_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = belongs_to("cases", index=False)
    worker_id: Mapped[int] = belongs_to("accounts", index=False)
    kind: Mapped[str] = mapped_column(sa.String(20))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(20), default="booked")
    state_at: Mapped[datetime]
    booked_by: Mapped[str] = mapped_column(sa.String(60))
    replaced_by_id: Mapped[int | None] = belongs_to("appointments", nullable=True, index=False)


class AppointmentCell(Base):
    """A quarter of an hour (counted from 1970 in UTC) of one worker: taken by one appointment or free."""

    __tablename__ = "appointment_cells"

    worker_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("accounts.id"), primary_key=True)
    cell: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    appointment_id: Mapped[int] = belongs_to("appointments")
