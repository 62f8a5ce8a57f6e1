"""Courses, their sessions, the places in them, the waiting list and the register."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

HELD = sa.text("released_at IS NULL")
COMING = sa.text("released_at IS NULL AND attendance IS NULL")
WAITING = sa.text("left_at IS NULL")


class Course(Base):
    """A kind of course. ``young_people`` courses never mix with adults."""

    __tablename__ = "courses"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    minutes: Mapped[int]
    minimum_minutes: Mapped[int]
    young_people: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(sa.String(20), default="en")
    active: Mapped[bool] = mapped_column(default=True)


class CourseSession(Base):
    """A dated run of a course. ``state``: open, cancelled or closed (its register is confirmed).

    ``held_at``: the address of the room it is in, None online, where ``join_url`` and ``dial_in`` (what to ring to be
    there by telephone) lead.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        sa.Index("ix_sessions_starts", "starts_at"),
        sa.Index("ix_sessions_course", "course_id", "state", "starts_at"),
    )

    id: Mapped[Id]
    course_id: Mapped[int] = belongs_to("courses", index=False)
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    capacity: Mapped[int]
    facilitator_id: Mapped[int | None] = belongs_to("accounts", nullable=True)
    join_url: Mapped[str] = mapped_column(sa.String(500))
    meeting_number: Mapped[str | None] = mapped_column(sa.String(20))
    held_at: Mapped[str | None] = mapped_column(sa.String(40))
    dial_in: Mapped[str | None] = mapped_column(sa.String(100))
    state: Mapped[str] = mapped_column(sa.String(20), default="open")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)


class Place(Base):
    """A numbered seat held by one case. The database allows one holder a number, and one coming place a case."""

    __tablename__ = "places"
    __table_args__ = (
        sa.Index(
            "uq_places_number", "session_id", "number", unique=True, sqlite_where=HELD, postgresql_where=HELD
        ),
        sa.Index("uq_places_coming", "case_id", unique=True, sqlite_where=COMING, postgresql_where=COMING),
        sa.Index("ix_places_case", "case_id"),
        sa.CheckConstraint("number > 0", name="number_counts_from_one"),
    )

    id: Mapped[Id]
    session_id: Mapped[int] = belongs_to("sessions")
    number: Mapped[int]
    case_id: Mapped[int] = belongs_to("cases", index=False)
    alias: Mapped[str] = mapped_column(sa.String(40), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(60))
    released_at: Mapped[datetime | None]
    released_because: Mapped[str | None] = mapped_column(sa.String(30))
    attendance: Mapped[str | None] = mapped_column(sa.String(4))
    minutes_present: Mapped[int | None]


class AttendanceMark(Base):
    """What was marked for a place, by whom and when; corrections are further rows with a reason."""

    __tablename__ = "attendance_marks"

    id: Mapped[Id]
    place_id: Mapped[int] = belongs_to("places")
    code: Mapped[str] = mapped_column(sa.String(4))
    minutes_present: Mapped[int | None]
    at: Mapped[datetime]
    by_id: Mapped[int] = belongs_to("accounts")
    reason: Mapped[str | None] = mapped_column(sa.String(200))


class Waiting(Base):
    """Somebody waiting for a place on a course; an offered place is held for them until ``offer_ends_at``."""

    __tablename__ = "waiting_list"
    __table_args__ = (
        sa.Index(
            "uq_waiting_list_case", "case_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING
        ),
        sa.Index("ix_waiting_list_order", "course_id", "left_at", "joined_at", "id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = belongs_to("cases", index=False)
    course_id: Mapped[int] = belongs_to("courses", index=False)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_because: Mapped[str | None] = mapped_column(sa.String(30))
    offered_place_id: Mapped[int | None] = belongs_to("places", nullable=True)
    offer_ends_at: Mapped[datetime | None]
