"""Calls made, notes written, and work that waits for somebody."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

WAITING = sa.text("done_at IS NULL")


class ContactAttempt(Base):
    """One call, as it went."""

    __tablename__ = "contact_attempts"
    __table_args__ = (sa.Index("ix_contact_attempts_case", "case_id", "at"),)

    id: Mapped[Id]
    case_id: Mapped[int] = belongs_to("cases", index=False)
    at: Mapped[datetime]
    by_id: Mapped[int] = belongs_to("accounts")
    outcome: Mapped[str] = mapped_column(sa.String(40))
    number_id: Mapped[int | None] = belongs_to("phone_numbers", nullable=True, index=False)
    call_back_at: Mapped[datetime | None]


class Note(Base):
    """Words about a case, added to and never rewritten. ``kind``: ordinary, sensitive or safeguarding."""

    __tablename__ = "notes"
    __table_args__ = (sa.Index("ix_notes_case", "case_id", "at"),)

    id: Mapped[Id]
    case_id: Mapped[int] = belongs_to("cases", index=False)
    at: Mapped[datetime]
    by_id: Mapped[int] = belongs_to("accounts")
    kind: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.Text)


class Task(Base):
    """Work that waits for a person: what, for which case or referral, and by when."""

    __tablename__ = "tasks"
    __table_args__ = (
        sa.Index("ix_tasks_waiting", "done_at", "due_at"),
        sa.Index(
            "uq_tasks_waiting_once",
            "case_id",
            "kind",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(sa.String(40))
    case_id: Mapped[int | None] = belongs_to("cases", nullable=True, index=False)
    referral_id: Mapped[int | None] = belongs_to("referrals", nullable=True)
    text_id: Mapped[int | None] = belongs_to("texts", nullable=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(sa.String(60))
