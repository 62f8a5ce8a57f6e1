"""Asked of the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.chain import GENESIS, SealedEntry
from provider.domain.audit.models import AuditEntry, AuditSeal
from provider.domain.audit.sealing import as_sealed
from provider.kernel.database import db


@dataclass(frozen=True)
class Stretch:
    """The end of the chain: ``after`` is the seal before it, ``first`` its first sequence."""

    entries: tuple[SealedEntry, ...]
    after: str
    first: int
    sealed_at: datetime | None


def entries_waiting() -> int:
    """How many entries have no seal yet."""
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0
    seals = db.session.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) or 0
    return entries - seals


def latest_stretch(length: int) -> Stretch:
    """The newest seals with their entries, at most ``length``. Two queries."""
    rows = db.session.execute(
        sa.select(AuditSeal, AuditEntry)
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.sequence.desc())
        .limit(length)
        .execution_options(populate_existing=True)
    ).all()
    entries = tuple(
        SealedEntry(stamp.sequence, as_sealed(entry), stamp.hash) for stamp, entry in reversed(rows)
    )
    first = entries[0].sequence if entries else 1
    before = db.session.scalar(sa.select(AuditSeal.hash).where(AuditSeal.sequence == first - 1))
    return Stretch(entries, before or GENESIS, first, rows[0].AuditSeal.sealed_at if rows else None)
