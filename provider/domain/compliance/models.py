"""What each force has been told, in the order it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to

UNNUMBERED = sa.text("sequence IS NULL")
A_TEST = sa.text("event_id IS NULL")
CORRECTING = ("outcome.corrected", "referral.reopened")
IS_CORRECTING = sa.text("type IN ('outcome.corrected', 'referral.reopened')")
STANDING = sa.text("undone_at IS NULL")


class ComplianceEvent(Base):
    """One thing a force is told. Written unnumbered; whoever reads next numbers what is committed; never rewritten.

    Triggers see to it: an event is inserted without a number, is given one, and is neither changed nor removed.
    """

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
        sa.Index(
            "ix_compliance_events_correcting",
            "force_id",
            "id",
            sqlite_where=IS_CORRECTING,
            postgresql_where=IS_CORRECTING,
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


class CorrectionDone(Base):
    """A force's administrator says that a correction was carried out in the force's own records, or takes it back."""

    __tablename__ = "corrections_done"
    __table_args__ = (
        sa.Index(
            "uq_corrections_done_standing",
            "event_id",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    id: Mapped[Id]
    force_id: Mapped[int] = belongs_to("forces")
    event_id: Mapped[int] = belongs_to("compliance_events")
    done_at: Mapped[datetime]
    done_by_id: Mapped[int] = belongs_to("accounts", index=False)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = belongs_to("accounts", nullable=True, index=False)


class NoticeAttempt(Base):
    """One delivery of an event, or of a test where there is none, to an endpoint, as it went. Kept for 90 days.

    ``tries`` says which try it was, from 1. Nothing of the answer's body is kept.
    """

    __tablename__ = "notice_attempts"
    __table_args__ = (
        sa.Index("ix_notice_attempts_endpoint_id_id", "endpoint_id", "id"),
        sa.Index(
            "ix_notice_attempts_tests", "endpoint_id", "id", sqlite_where=A_TEST, postgresql_where=A_TEST
        ),
        sa.Index("ix_notice_attempts_at", "at"),
    )

    id: Mapped[Id]
    endpoint_id: Mapped[int] = belongs_to("webhook_endpoints", index=False)
    event_id: Mapped[int | None] = belongs_to("compliance_events", nullable=True)
    at: Mapped[datetime]
    status: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(sa.String(60))
    milliseconds: Mapped[int]
    tries: Mapped[int | None]


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
