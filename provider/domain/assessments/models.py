"""The telephone assessment: health data, which no force ever reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to


class Assessment(Base):
    """One per case. ``answers`` holds the coded answers by section; scores are null where nothing was invented."""

    __tablename__ = "assessments"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), unique=True)
    appointment_id: Mapped[int | None] = belongs_to("appointments", nullable=True)
    by_id: Mapped[int] = belongs_to("accounts")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    limits_explained: Mapped[bool] = mapped_column(default=False)
    answers: Mapped[dict[str, Any]]
    audit_c: Mapped[int | None]
    audit_full: Mapped[int | None]
    advice_version: Mapped[str | None] = mapped_column(sa.String(40))
    recommended_pathway: Mapped[str | None] = mapped_column(sa.String(30))
    recommended_because: Mapped[str | None] = mapped_column(sa.String(500))
    pathway: Mapped[str | None] = mapped_column(sa.String(30))
    pathway_because: Mapped[str | None] = mapped_column(sa.String(500))


class AssessedSubstance(Base):
    """One substance somebody said they use, with route and frequency; severity is SDS 0–15 or null."""

    __tablename__ = "assessed_substances"

    id: Mapped[Id]
    assessment_id: Mapped[int] = belongs_to("assessments")
    position: Mapped[int]
    substance: Mapped[str] = mapped_column(sa.String(40))
    route: Mapped[str | None] = mapped_column(sa.String(20))
    frequency: Mapped[str | None] = mapped_column(sa.String(30))
    amount: Mapped[str | None] = mapped_column(sa.String(200))
    severity: Mapped[int | None]


class AdviceGiven(Base):
    """Harm-reduction advice as the worker gave it; ``rule`` is the rule that suggested it, if one did."""

    __tablename__ = "advice_given"

    id: Mapped[Id]
    assessment_id: Mapped[int] = belongs_to("assessments")
    position: Mapped[int]
    rule: Mapped[str | None] = mapped_column(sa.String(60))
    text: Mapped[str] = mapped_column(sa.Text)
