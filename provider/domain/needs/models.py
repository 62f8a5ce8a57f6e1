"""A need somebody has, and how it is met."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

STANDS = sa.text("ended_at IS NULL")


class Need(Base):
    """Something that keeps a person from what is usual. ``kind`` and ``way`` as in ``rules``; without a ``way`` nobody
    has arranged anything. The database allows a person one of a kind at a time."""

    __tablename__ = "needs"
    __table_args__ = (
        sa.Index(
            "uq_needs_standing",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = belongs_to("people")
    kind: Mapped[str] = mapped_column(sa.String(20))
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(sa.String(60))
    way: Mapped[str | None] = mapped_column(sa.String(20))
    met_at: Mapped[datetime | None]
    met_by: Mapped[str | None] = mapped_column(sa.String(60))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(60))
