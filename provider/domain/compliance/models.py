"""What each force has been told, in the order it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

UNNUMBERED = sa.text("sequence IS NULL")


class ComplianceEvent(Base):
    """One thing a force is told. Written unnumbered; whoever reads next numbers what is committed; never rewritten."""

    __tablename__ = "compliance_events"
    __table_args__ = (
        sa.UniqueConstraint("force_id", "sequence"),
        sa.Index(
            "ix_compliance_events_unnumbered",
            "force_id",
            "id",
            sqlite_where=UNNUMBERED,
            postgresql_where=UNNUMBERED,
        ),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    force_id: Mapped[int] = belongs_to("forces", index=False)
    referral_id: Mapped[int] = belongs_to("referrals")
    sequence: Mapped[int | None]
    type: Mapped[str] = mapped_column(sa.String(30))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reference: Mapped[str] = mapped_column(sa.String(9))
    force_reference: Mapped[str | None] = mapped_column(sa.String(50))
    scheme: Mapped[str] = mapped_column(sa.String(40))
    compliance: Mapped[dict[str, Any]]
    intelligence_log: Mapped[dict[str, Any] | None]
    corrects: Mapped[str | None] = mapped_column(sa.String(40))


class NoticeAttempt(Base):
    """One delivery of an event to an endpoint, as it went."""

    __tablename__ = "notice_attempts"

    id: Mapped[Id]
    endpoint_id: Mapped[int] = belongs_to("webhook_endpoints")
    event_id: Mapped[int | None] = belongs_to("compliance_events", nullable=True)
    at: Mapped[datetime]
    status: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    milliseconds: Mapped[int]


class EligibilityCheck(Base):
    """That a force asked about somebody, and what it was answered. Names are not kept."""

    __tablename__ = "eligibility_checks"

    id: Mapped[Id]
    force_id: Mapped[int] = belongs_to("forces")
    scheme_id: Mapped[int] = belongs_to("schemes", index=False)
    person_id: Mapped[int | None] = belongs_to("people", nullable=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(60))
    answer: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(30))
