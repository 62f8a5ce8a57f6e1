"""What somebody answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to


class SurveyAnswer(Base):
    """One person's answers, given once for a case. Health data: never to a force. None is a question left open."""

    __tablename__ = "survey_answers"
    __table_args__ = (sa.UniqueConstraint("case_id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = belongs_to("cases", index=False)
    answered_at: Mapped[datetime]
    since_then: Mapped[str | None] = mapped_column(sa.String(20))
    feeling: Mapped[str | None] = mapped_column(sa.String(20))
    was_useful: Mapped[str | None] = mapped_column(sa.String(20))
    other_help: Mapped[str | None] = mapped_column(sa.String(20))
