"""Asked of contact."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.contact.ladder import AttemptFact
from provider.domain.contact.models import ContactAttempt
from provider.domain.contact.outcomes import AttemptOutcome
from provider.kernel.database import db


def attempts_of(case_id: int | None, *, since: datetime | None = None) -> list[AttemptFact]:
    """The calls made for a case, from ``since`` on where it is given, as the ladder reads them; in order."""
    rows = sa.select(ContactAttempt).where(ContactAttempt.case_id == case_id)
    if since is not None:
        rows = rows.where(ContactAttempt.at >= since)
    return [
        AttemptFact(row.at, AttemptOutcome[row.outcome.upper()], row.call_back_at)
        for row in db.session.scalars(rows.order_by(ContactAttempt.at, ContactAttempt.id))
    ]
