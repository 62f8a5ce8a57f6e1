"""An alarm, from when it was raised until what it is about was gone."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

_STANDING = sa.text("ended_at IS NULL")


class Alarm(Base):
    """``about`` is a code – of an error, job, wording or row –, never a person's name or number; ``times`` how much.

    ``stopped_at``: since when nothing goes out in the words it is about. ``ended_by`` is an actor: the system where
    what it is about was gone by itself. While it stands there is one of a kind and about: the database says so.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        sa.Index(
            "uq_alarms_standing",
            "kind",
            "about",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.Index("ix_alarms_kind_about", "kind", "about", "ended_at"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(sa.String(40))
    about: Mapped[str] = mapped_column(sa.String(80), default="")
    times: Mapped[int] = mapped_column(default=1)
    raised_at: Mapped[datetime]
    last_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(60))
