"""Staff and officers, the sessions they are signed in by, and the links their calendars read by."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

LIVE = sa.text("ended_at IS NULL")


class Account(Base):
    """Somebody who signs in with a password: staff of the provider, or of one force where ``force_id`` is set."""

    __tablename__ = "accounts"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    role: Mapped[str] = mapped_column(sa.String(30))
    force_id: Mapped[int | None] = belongs_to("forces", nullable=True)
    collar_number: Mapped[str | None] = mapped_column(sa.String(30))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    totp_secret: Mapped[str | None] = mapped_column(sa.String(300))
    totp_step: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SignInSession(Base):
    """A session kept here so that it can be ended here; the browser holds a random token, we hold its hash."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account_id: Mapped[int] = belongs_to("accounts")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CalendarLink(Base):
    """By its token a calendar reads the diary of the account's holder; of an account one works, at most."""

    __tablename__ = "calendar_links"
    __table_args__ = (
        sa.Index(
            "uq_calendar_links_live", "account_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = belongs_to("accounts", index=False)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
