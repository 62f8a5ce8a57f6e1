"""When drug workers work, and whom they ring when."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, BigId, Id, belongs_to

BOOKED = sa.text("state = 'booked'")


class WorkingPattern(Base):
    """Hours of one weekday (Monday 0), as minutes after midnight in London, while the pattern is valid.

    A change ends what stood the day before and adds what comes: what was worked by once can always be read. One that
    ends before it begins was replaced before its day came.
    """

    __tablename__ = "working_patterns"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440", name="minutes"
        ),
    )

    id: Mapped[Id]
    worker_id: Mapped[int] = belongs_to("accounts")
    weekday: Mapped[int]
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    entered_by: Mapped[str | None] = mapped_column(sa.String(60))


class CallLayout(Base):
    """How a worker's calls are laid out in their hours while it is valid: see ``hours.Layout``.

    A worker has one that is valid until further notice, at most.
    """

    __tablename__ = "call_layouts"
    __table_args__ = (
        sa.Index(
            "uq_call_layouts_open",
            "worker_id",
            unique=True,
            sqlite_where=sa.text("valid_until IS NULL"),
            postgresql_where=sa.text("valid_until IS NULL"),
        ),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name="buffer_minutes"),
        sa.CheckConstraint("most_calls > 0", name="most_calls"),
    )

    id: Mapped[Id]
    worker_id: Mapped[int] = belongs_to("accounts")
    buffer_minutes: Mapped[int]
    most_calls: Mapped[int | None]
    lunch_minutes: Mapped[int | None]
    lunch_from_minute: Mapped[int | None]
    lunch_until_minute: Mapped[int | None]
    bank_holidays: Mapped[bool]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    entered_by: Mapped[str] = mapped_column(sa.String(60))
    entered_at: Mapped[datetime]


class WorkerLanguage(Base):
    """A language besides English that a worker makes calls in."""

    __tablename__ = "worker_languages"

    worker_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("accounts.id"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(10), primary_key=True)


class Absence(Base):
    """When a worker rings nobody. ``reason``: leave, training, other_work or short_notice; never anything about health.

    One that is ended early (``ended_at``: when that was said) has its end moved forward, to its beginning where it had
    not begun: then it takes no time at all. ``stand_in_id``: who rings in their place meanwhile.
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
    stand_in_id: Mapped[int | None] = belongs_to("accounts", nullable=True)


class Closure(Base):
    """London days on which the whole service is closed, both included. ``name`` is for us: *Christmas*, say.

    One that is ended early (``ended_at``: when that was said) has its last day moved forward, before its first where it
    had not begun: then it has no day at all.
    """

    __tablename__ = "closures"

    id: Mapped[Id]
    first_day: Mapped[date]
    last_day: Mapped[date] = mapped_column(index=True)
    name: Mapped[str | None] = mapped_column(sa.String(60))
    entered_by: Mapped[str] = mapped_column(sa.String(60))
    entered_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(sa.String(60))
    ended_at: Mapped[datetime | None]


class Appointment(Base):
    """A call in the diary. ``kind``: assessment, one_to_one or treatment. ``state``: booked, took_place,
    did_not_answer, moved, cancelled or ours_to_blame. A moved one names the one that replaces it, where there was one,
    and why: see ``moves.Why``. No two are replaced by the same one, so that moves are a chain.
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
        sa.Index("uq_appointments_replaced_by", "replaced_by_id", unique=True),
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
    moved_asked_by: Mapped[str | None] = mapped_column(sa.String(20))
    moved_because: Mapped[str | None] = mapped_column(sa.String(20))
    moved_words: Mapped[str | None] = mapped_column(sa.String(200))


class AppointmentOutcome(Base):
    """How an appointment went, as it was said, by whom and when; corrections are further rows with a reason.

    ``outcome``: took_place, did_not_answer, ours_to_blame or moved. ``used_chance``: one of the scheme's chances went
    with it.
    """

    __tablename__ = "appointment_outcomes"

    id: Mapped[Id]
    appointment_id: Mapped[int] = belongs_to("appointments")
    outcome: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime]
    by_id: Mapped[int] = belongs_to("accounts")
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    used_chance: Mapped[bool] = mapped_column(default=False)


class DiaryCell(Base):
    """A quarter of an hour (counted from 1970 in UTC) of one member of staff: taken by one call, by one session that
    they run, or free.

    A call takes what it lasts and the time that is kept free after it.
    """

    __tablename__ = "diary_cells"
    __table_args__ = (
        sa.CheckConstraint(
            "(appointment_id IS NULL) <> (session_id IS NULL)", name="of_a_call_or_of_a_session"
        ),
    )

    worker_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("accounts.id"), primary_key=True)
    cell: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    appointment_id: Mapped[int | None] = belongs_to("appointments", nullable=True)
    session_id: Mapped[int | None] = belongs_to("sessions", nullable=True)


class CallOfDay(Base):
    """The first, second, third … call that a worker has on a London day. Two who book at once cannot have the same
    number, and none is given beyond the most that the worker takes.
    """

    __tablename__ = "calls_of_day"

    worker_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("accounts.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    appointment_id: Mapped[int] = belongs_to("appointments")
