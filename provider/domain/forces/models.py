"""Police forces, the keys their systems sign in by, and where notices are sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to


class Force(Base):
    """A police force. ``next_sequence`` numbers its feed, under this row's lock."""

    __tablename__ = "forces"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    next_sequence: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class ApiKey(Base):
    """A key of one force: shown once, kept as a hash, with what it may do.

    A key that works has one of its force's two ``place``s, so that no third can; it gives it up when it ends.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        sa.Index("ix_api_keys_force_id_place", "force_id", "place", unique=True),
        sa.CheckConstraint("place IN (1, 2)", name="place"),
    )

    id: Mapped[Id]
    force_id: Mapped[int] = belongs_to("forces")
    name: Mapped[str] = mapped_column(sa.String(100))
    prefix: Mapped[str] = mapped_column(sa.String(12))
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    place: Mapped[int | None]


class WebhookEndpoint(Base):
    """Where a force wants its events sent; ``delivered_through`` is the last sequence it has taken.

    ``state``: active, failing (every try was used up) or disabled (it answered that it is gone). ``lease`` names the
    turn of the worker that sends to it until ``leased_until``: nobody else does meanwhile. ``previous_secret`` signs
    beside the new one until its time is over.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    force_id: Mapped[int] = belongs_to("forces")
    url: Mapped[str] = mapped_column(sa.String(2000))
    secret: Mapped[str] = mapped_column(sa.String(400))
    previous_secret: Mapped[str | None] = mapped_column(sa.String(400))
    previous_secret_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(20), default="active")
    delivered_through: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    test_asked_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """The first answer to a request, kept in that request's transaction so that a twin waits for it."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        sa.UniqueConstraint("force_id", "key"),
        sa.Index("ix_idempotency_keys_created_at", "created_at"),
    )

    id: Mapped[Id]
    force_id: Mapped[int] = belongs_to("forces", index=False)
    key: Mapped[str] = mapped_column(sa.String(36))
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int | None]
    # Not JSONB, which would change the order of the fields: a replay is the first answer to the byte.
    answer: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    location: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime]


class RateWindow(Base):
    """How often something was done in the current window, counted across all processes."""

    __tablename__ = "rate_windows"

    key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime]
