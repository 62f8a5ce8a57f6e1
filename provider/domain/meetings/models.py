"""Meetings and who may join them, as Zoom has them; and who was there, as it was told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, BigId, Id, belongs_to

TO_READ = sa.text("done_at IS NULL")


class Errand:
    """What Zoom is to be asked for this row. It is done while the row says otherwise than what is true (``inviting``).

    ``claim`` names whose it is at the moment, until ``lease_until``; ``retry_at``: not before. ``asked_at`` is set from
    before something new is asked for until what came of it is known. ``trouble`` says why it is not done yet.
    """

    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(sa.String(32))
    lease_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(sa.String(20))


class Meeting(Errand, Base):
    """The meeting of a session at Zoom; ``number`` and what it was told are None while it has none.

    ``key`` is our name for it there, ``host`` the user there who holds it; ``hosts``, parted by ``;``, may start it
    too, as of ``told_runners``, which counts how often somebody came to run the session or stood down. ``dial_in`` is
    what Zoom gave for joining by telephone.
    """

    __tablename__ = "meetings"
    __table_args__ = (sa.Index("ix_meetings_number", "number"),)

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("sessions.id"), unique=True)
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    host: Mapped[str] = mapped_column(sa.String(254))
    number: Mapped[str | None] = mapped_column(sa.String(20))
    told_starts_at: Mapped[datetime | None]
    told_minutes: Mapped[int | None]
    told_runners: Mapped[int | None]
    hosts: Mapped[str | None] = mapped_column(sa.Text)
    dial_in: Mapped[str | None] = mapped_column(sa.String(100))


class Registrant(Errand, Base):
    """The holder of a place, as Zoom knows them: in which meeting, by which of its ids, and their own link, sealed."""

    __tablename__ = "registrants"
    __table_args__ = (sa.Index("ix_registrants_registrant", "registrant"),)

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("places.id"), unique=True)
    meeting_number: Mapped[str | None] = mapped_column(sa.String(20))
    registrant: Mapped[str | None] = mapped_column(sa.String(64))
    sealed_link: Mapped[str | None] = mapped_column(sa.Text)
    cancelled_at: Mapped[datetime | None]


class MeetingJoin(Base):
    """What somebody told us of a stay in the meeting, kept as it was told: ``source`` is webhook, report or file.

    The same stay is told more than once; what it comes to is worked out (``stays``), and so is what is suggested. A row
    counts for a place only where it came by that place's own link, or once a named person confirmed it. Confirmed
    without a place, it was nobody's on the register.

    ``run`` is one start of the meeting (Zoom's instance), ``connection`` one device while it is in. Zoom's messages
    tell only that somebody joined, or only that they left: then the other moment is None. A report of totals has
    neither.
    """

    __tablename__ = "meeting_joins"

    id: Mapped[Id]
    session_id: Mapped[int] = belongs_to("sessions")
    digest: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[str] = mapped_column(sa.String(10), default="file")
    shown_name: Mapped[str] = mapped_column(sa.String(200))
    original_name: Mapped[str | None] = mapped_column(sa.String(200))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    registrant: Mapped[str | None] = mapped_column(sa.String(64))
    run: Mapped[str | None] = mapped_column(sa.String(64))
    connection: Mapped[str | None] = mapped_column(sa.String(64))
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    minutes: Mapped[int]
    waiting_room: Mapped[bool] = mapped_column(default=False)
    place_id: Mapped[int | None] = belongs_to("places", nullable=True)
    confirmed_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)
    imported_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("session_id", "digest"),)


class MeetingReport(Base):
    """Zoom's report of a session's meeting, asked for when it is over until it was read whole.

    ``read_at``: Zoom has told something. ``done_at``: it is not asked for any more.
    """

    __tablename__ = "meeting_reports"
    __table_args__ = (
        sa.Index("ix_meeting_reports_due", "due_at", sqlite_where=TO_READ, postgresql_where=TO_READ),
    )

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("sessions.id"), unique=True)
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(sa.String(20))


class MeetingRun(Base):
    """One start of a session's meeting. Whoever runs it may end it and start it again: that is another."""

    __tablename__ = "meeting_runs"

    id: Mapped[Id]
    session_id: Mapped[int] = belongs_to("sessions", index=False)
    run: Mapped[str] = mapped_column(sa.String(64))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (sa.UniqueConstraint("session_id", "run"),)


class JoinPress(Base):
    """Somebody pressed Join on their page. ``came_to``: in, early, no_link or over."""

    __tablename__ = "join_presses"

    id: Mapped[Id]
    place_id: Mapped[int] = belongs_to("places")
    at: Mapped[datetime]
    came_to: Mapped[str] = mapped_column(sa.String(10))
