"""An upload, and its rows: what each said is sealed until it is sent, what came of it stays without a name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to


class Mode(StrEnum):
    """What whoever pressed the button chose."""

    ALL = "all"
    GOOD = "good"


class UploadState(StrEnum):
    """Read and shown; being looked at row by row, or sent; sent; nothing sent; run out of its time."""

    READ = "read"
    CHECKING = "checking"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"


UNDER_WAY = (UploadState.CHECKING, UploadState.SENDING)


class RowState(StrEnum):
    """READY waits, CHECKED waits for the others; FAULTY, and SENT_BEFORE (the same row, or the same person with the
    same reference), are known when the file is read or when it is sent; SENT, REFUSED and NOT_SENT are how it ended.
    """

    READY = "ready"
    CHECKED = "checked"
    FAULTY = "faulty"
    SENT_BEFORE = "sent_before"
    SENT = "sent"
    REFUSED = "refused"
    NOT_SENT = "not_sent"


TO_DO = (RowState.READY, RowState.CHECKED)
ROW_WAS_SENT = sa.text("state = 'sent'")


class Upload(Base):
    """One file of one force. Its name is not kept: people call files after people."""

    __tablename__ = "uploads"
    __table_args__ = (
        sa.Index("ix_uploads_force", "force_id", "id"),
        sa.Index("ix_uploads_state", "state", "id"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    force_id: Mapped[int] = belongs_to("forces", index=False)
    account_id: Mapped[int] = belongs_to("accounts", index=False)
    state: Mapped[str] = mapped_column(sa.String(20))
    mode: Mapped[str | None] = mapped_column(sa.String(10))
    rows: Mapped[int]
    read_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    started_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)
    ended_at: Mapped[datetime | None]


class UploadRow(Base):
    """A row by its number in the sheet; ``faults`` and ``doubts`` are None where there are none.

    ``content_hash`` stands for what it says: no two rows of a force that say the same are sent. ``referral_id`` is
    what it became, or what it had become before.
    """

    __tablename__ = "upload_rows"
    __table_args__ = (
        sa.UniqueConstraint("upload_id", "number"),
        sa.Index(
            "uq_upload_rows_sent",
            "force_id",
            "content_hash",
            unique=True,
            sqlite_where=ROW_WAS_SENT,
            postgresql_where=ROW_WAS_SENT,
        ),
    )

    id: Mapped[Id]
    upload_id: Mapped[int] = belongs_to("uploads", index=False)
    force_id: Mapped[int] = belongs_to("forces", index=False)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(20))
    sealed: Mapped[str | None] = mapped_column(sa.Text)
    content_hash: Mapped[str | None] = mapped_column(sa.String(64))
    referral_id: Mapped[int | None] = belongs_to("referrals", nullable=True)
    faults: Mapped[list[dict[str, Any]] | None]
    doubts: Mapped[list[dict[str, Any]] | None]
