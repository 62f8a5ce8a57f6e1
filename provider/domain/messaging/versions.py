"""Asked of the words that schemes have of their own."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from provider.domain.messaging.models import Wording
from provider.kernel.database import db

_LATER = Wording.__table__.alias("later")
IN_FORCE = ~sa.exists().where(
    *(_LATER.c[name] == getattr(Wording, name) for name in ("scheme_id", "kind", "language")),
    _LATER.c.version > Wording.version,
)
"""No version after it: it is the one that is used."""


def versions_of(scheme_id: int, kind: str, language: str) -> Sequence[Wording]:
    """Every version of the words of a kind in a language, the oldest first. What is shipped, number 0, is not here."""
    return db.session.scalars(
        sa.select(Wording)
        .where(Wording.scheme_id == scheme_id, Wording.kind == kind, Wording.language == language)
        .order_by(Wording.version)
        .execution_options(populate_existing=True)
    ).all()
