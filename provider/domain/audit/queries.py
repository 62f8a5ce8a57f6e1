"""Asked of the trail."""

from __future__ import annotations

import sqlalchemy as sa

from provider.domain.audit.models import AuditEntry, AuditSeal
from provider.kernel.database import db


def entries_waiting() -> int:
    """How many entries have no seal yet."""
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0
    seals = db.session.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) or 0
    return entries - seals
