"""A force's schemes, and the versions of their terms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from provider.kernel.database import Base, Id, belongs_to


class Scheme(Base):
    """``text_sender`` is what its texts go out by, where that is another than the settings name."""

    __tablename__ = "schemes"
    __table_args__ = (sa.UniqueConstraint("force_id", "code"),)

    id: Mapped[Id]
    force_id: Mapped[int] = belongs_to("forces", index=False)
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(100))
    text_sender: Mapped[str | None] = mapped_column(sa.String(40))


class SchemeTerms(Base):
    """One version of a scheme's terms; never changed once written. A referral keeps the version it came under.

    One that was withdrawn before its day never came into force. ``set_by`` is None where nobody wrote down who it was.
    """

    __tablename__ = "scheme_terms"
    __table_args__ = (sa.UniqueConstraint("scheme_id", "version"),)

    id: Mapped[Id]
    scheme_id: Mapped[int] = belongs_to("schemes", index=False)
    version: Mapped[int]
    in_force_from: Mapped[datetime]
    terms: Mapped[dict[str, Any]]
    set_at: Mapped[datetime | None]
    set_by: Mapped[str | None] = mapped_column(sa.String(60))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(60))
