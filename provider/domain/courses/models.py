"""Courses, their sessions, the places in them, the waiting list and the register."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from provider.domain.courses.comings import Stay
from provider.kernel.database import Base, Id, belongs_to

HELD = sa.text("released_at IS NULL")
COMING = sa.text("released_at IS NULL AND attendance IS NULL")
WAITING = sa.text("left_at IS NULL")
STANDING = sa.text("ended_at IS NULL")
ADULT = 18
OPEN_SESSION = sa.text("state = 'open'")


class Course(Base):
    """A kind of course. Its ages lie on one side of 18: young people and adults never meet in one.

    ``most_extra`` is how many places beyond its seats a session may give, by the course's own show rate; 0 is none.
    ``name`` is said to people, ``neutral_name`` stands on the screen of whoever joins: both are worded for anybody's
    eyes. ``topics`` are codes of ``topics.Topic``. ``age_to`` is the last year of age that may come; None is any.
    """

    __tablename__ = "courses"
    __table_args__ = (
        sa.CheckConstraint("age_from >= 18 OR (age_to IS NOT NULL AND age_to < 18)", name="one_side_of_18"),
        sa.CheckConstraint("age_from >= 0 AND (age_to IS NULL OR age_from <= age_to)", name="ages_in_order"),
        sa.CheckConstraint("most_extra >= 0", name="extra_places_are_more"),
        sa.CheckConstraint(
            "minimum_minutes > 0 AND minimum_minutes <= minutes", name="minimum_within_minutes"
        ),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    neutral_name: Mapped[str] = mapped_column(sa.String(100))
    minutes: Mapped[int]
    minimum_minutes: Mapped[int]
    age_from: Mapped[int] = mapped_column(server_default=sa.text("18"))
    age_to: Mapped[int | None]
    language: Mapped[str] = mapped_column(sa.String(20), default="en")
    topics: Mapped[list[str]]
    most_extra: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    active: Mapped[bool] = mapped_column(default=True)

    @hybrid_property
    def young_people(self) -> bool:
        """Whether it is for young people: then no adult comes."""
        return self.age_from < ADULT


class CourseSession(Base):
    """A dated run of a course. ``state``: open, cancelled or closed (its register is confirmed).

    ``held_at``: the address of the room it is in, None online, where ``join_url`` and ``dial_in`` (what to ring to be
    there by telephone) lead.
    Until ``closes_at`` places are given in it; None is until it begins. ``capacity`` is how many seats it has,
    ``extra_places`` how many places more are given, because not everybody comes. ``moved_at`` is when it was last given
    another time.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        sa.Index("ix_sessions_starts", "starts_at"),
        sa.Index(
            "ix_sessions_to_confirm",
            "starts_at",
            sqlite_where=OPEN_SESSION,
            postgresql_where=OPEN_SESSION,
        ),
        sa.Index("ix_sessions_course", "course_id", "state", "starts_at"),
        sa.CheckConstraint("closes_at <= starts_at", name="closes_before_it_begins"),
        sa.CheckConstraint("extra_places >= 0", name="extra_places_are_more"),
    )

    id: Mapped[Id]
    course_id: Mapped[int] = belongs_to("courses", index=False)
    starts_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    minutes: Mapped[int]
    capacity: Mapped[int]
    extra_places: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    join_url: Mapped[str] = mapped_column(sa.String(500))
    meeting_number: Mapped[str | None] = mapped_column(sa.String(20))
    held_at: Mapped[str | None] = mapped_column(sa.String(40))
    dial_in: Mapped[str | None] = mapped_column(sa.String(100))
    state: Mapped[str] = mapped_column(sa.String(20), default="open")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)
    times_moved: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    moved_at: Mapped[datetime | None]


class SessionFacilitator(Base):
    """Who runs a session, and as what: ``lead``, ``second`` or ``cover`` (for the one that ``covers_id`` names).

    Whoever stands down stays in the table, with when and why.
    """

    __tablename__ = "session_facilitators"
    __table_args__ = (
        sa.Index(
            "uq_session_facilitators_standing",
            *("session_id", "account_id"),
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
        sa.Index("ix_session_facilitators_account", "account_id"),
    )

    id: Mapped[Id]
    session_id: Mapped[int] = belongs_to("sessions")
    account_id: Mapped[int] = belongs_to("accounts", index=False)
    role: Mapped[str] = mapped_column(sa.String(10))
    covers_id: Mapped[int | None] = belongs_to("session_facilitators", nullable=True, index=False)
    since: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(60))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(sa.String(200))


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
    """What was marked for a place, by whom and when; corrections are further rows with a reason.

    ``arrived_minute`` and ``left_minute`` count from the session's start, where somebody noted them. ``token`` is the
    tap's own, so that one that is sent again marks once; marks made ``together`` are taken back together. Only ever
    added: one that is taken back stands in ``MarkTakenBack``.
    """

    __tablename__ = "attendance_marks"
    __table_args__ = (sa.Index("uq_attendance_marks_token", "token", unique=True),)

    id: Mapped[Id]
    place_id: Mapped[int] = belongs_to("places")
    code: Mapped[str] = mapped_column(sa.String(4))
    minutes_present: Mapped[int | None]
    at: Mapped[datetime]
    by_id: Mapped[int] = belongs_to("accounts")
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    arrived_minute: Mapped[int | None]
    left_minute: Mapped[int | None]
    away_minutes: Mapped[int] = mapped_column(default=0)
    token: Mapped[str | None] = mapped_column(sa.String(36))
    together: Mapped[str | None] = mapped_column(sa.String(36))

    @property
    def stay(self) -> Stay:
        return Stay(self.arrived_minute, self.left_minute, self.away_minutes)


class MarkTakenBack(Base):
    """A mark that counts for nothing any more; the one before stands again. Only ever added."""

    __tablename__ = "marks_taken_back"
    __table_args__ = (sa.UniqueConstraint("mark_id"),)

    id: Mapped[Id]
    mark_id: Mapped[int] = belongs_to("attendance_marks", index=False)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(60))


class Waiting(Base):
    """Somebody waiting for a place on a course; an offered place is held for them until ``offer_ends_at``.

    ``after_place_id``: the place they had and did not keep, so that they are in line again. ``rank`` is 0 where they
    were put ahead, for the reason that is kept, and else 1. ``asked_session_id``: the session for which they were last
    asked whether they come at short notice, as they said until ``short_notice_until`` they could.
    """

    __tablename__ = "waiting_list"
    __table_args__ = (
        sa.Index(
            "uq_waiting_list_case", "case_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING
        ),
        sa.Index("ix_waiting_list_order", "course_id", "left_at", "rank", "joined_at", "id"),
        sa.CheckConstraint("(rank = 0) = (ahead_because IS NOT NULL)", name="ahead_for_a_reason"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = belongs_to("cases", index=False)
    course_id: Mapped[int] = belongs_to("courses", index=False)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_because: Mapped[str | None] = mapped_column(sa.String(30))
    offered_place_id: Mapped[int | None] = belongs_to("places", nullable=True)
    offer_ends_at: Mapped[datetime | None]
    after_place_id: Mapped[int | None] = belongs_to("places", nullable=True)
    rank: Mapped[int] = mapped_column(server_default=sa.text("1"), default=1)
    ahead_because: Mapped[str | None] = mapped_column(sa.String(30))
    ahead_by: Mapped[str | None] = mapped_column(sa.String(60))
    ahead_at: Mapped[datetime | None]
    short_notice_until: Mapped[datetime | None]
    asked_session_id: Mapped[int | None] = belongs_to("sessions", nullable=True)
