"""Seals the trail: entries that are committed are chained, each once, in the order in which they were found.

An entry is written in the transaction of what it is about, and those do not end in the order of their ids: one that
commits late is sealed later. Only one sealer works at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.chain import GENESIS, SealedEntry, seal
from provider.domain.audit.models import AuditEntry, AuditSeal
from provider.kernel.database import db, take_turns

BEHIND = 10_000
"""How far behind the newest sealed entry a late one is looked for; ``everything`` looks through all of them."""


def seal_trail(*, limit: int, everything: bool = False, now: datetime) -> int:
    """Seal up to ``limit`` entries that have no seal yet; answers how many. Needs a transaction."""
    take_turns("audit:seal")
    last = db.session.execute(
        sa.select(AuditSeal.sequence, AuditSeal.hash).order_by(AuditSeal.sequence.desc()).limit(1)
    ).one_or_none()
    sequence, previous = (last.sequence, last.hash) if last is not None else (0, GENESIS)
    entries = _unsealed(limit, everything=everything)
    for entry in entries:
        sequence += 1
        previous = seal(previous, as_sealed(entry))
        db.session.add(AuditSeal(sequence=sequence, entry_id=entry.id, hash=previous, sealed_at=now))
    db.session.flush()
    return len(entries)


def _unsealed(limit: int, *, everything: bool) -> list[AuditEntry]:
    waiting = (
        sa.select(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.sequence.is_(None))
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    if not everything:
        newest = sa.select(sa.func.coalesce(sa.func.max(AuditSeal.entry_id), 0)).scalar_subquery()
        waiting = waiting.where(AuditEntry.id > newest - BEHIND)
    return list(db.session.scalars(waiting))


def as_sealed(entry: AuditEntry) -> dict[str, object]:
    """What a seal stands for: every column of the entry."""
    return {column.key: getattr(entry, column.key) for column in sa.inspect(AuditEntry).column_attrs}


def sealed_trail(*, batch: int = 1_000) -> Iterator[SealedEntry]:
    """The whole trail as it is stored now, in the order of its seals: what ``chain.verify`` reads."""
    after = 0
    while True:
        rows = db.session.execute(
            sa.select(AuditSeal, AuditEntry)
            .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
            .where(AuditSeal.sequence > after)
            .order_by(AuditSeal.sequence)
            .limit(batch)
            .execution_options(populate_existing=True)
        ).all()
        for stamp, entry in rows:
            yield SealedEntry(stamp.sequence, as_sealed(entry), stamp.hash)
            after = stamp.sequence
        if len(rows) < batch:
            return
