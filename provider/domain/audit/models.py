"""The trail of who saw and did what: rows that are only ever added, and the seals that chain them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, BigId, Id, belongs_to


class AuditEntry(Base):
    """One view, change or disclosure. ``detail`` holds codes and ids, never words about a person."""

    __tablename__ = "audit_entries"
    __table_args__ = (sa.Index("ix_audit_entries_subject", "subject", "subject_id", "id"),)

    id: Mapped[Id]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(30))
    subject_id: Mapped[int | None]
    person_id: Mapped[int | None] = mapped_column(BigId, index=True)
    detail: Mapped[dict[str, Any]]


class AuditSeal(Base):
    """A link of the hash chain over the entries, in the order they were sealed in."""

    __tablename__ = "audit_seals"

    sequence: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = belongs_to("audit_entries", index=False)
    hash: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("entry_id"),)
