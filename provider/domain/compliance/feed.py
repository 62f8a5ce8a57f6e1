"""The feed of one force: gap-free, in one order, never rewritten.

An event is written unnumbered in the transaction that causes it. Whoever reads next numbers what is committed by
then, under the force's row lock; an unnumbered event is invisible. So an event that commits later gets a later
number, none can appear behind a cursor that was handed out, and writers never wait for each other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.compliance.models import ComplianceEvent
from provider.kernel.database import Base, db


@dataclass(frozen=True)
class Told:
    """What one event says, beside where it belongs."""

    type: str
    reference: str
    force_reference: str | None
    scheme: str
    compliance: dict[str, Any]
    intelligence_log: dict[str, Any] | None = None
    corrects: str | None = None


@dataclass(frozen=True)
class FeedPage:
    events: tuple[ComplianceEvent, ...]
    next: str
    has_more: bool


def publish(told: Told, *, force_id: int, referral_id: int, occurred_at: datetime, now: datetime) -> str:
    """Write an event, unnumbered, and return its public id."""
    event = ComplianceEvent(
        public_id="evt_" + secrets.token_hex(12),
        force_id=force_id,
        referral_id=referral_id,
        occurred_at=occurred_at,
        recorded_at=now,
        **vars(told),
    )
    db.session.add(event)
    return event.public_id


def has_unnumbered(force_id: int) -> bool:
    """Whether ``number`` would find something to do: a read, so that a quiet feed costs no lock."""
    waiting = sa.select(ComplianceEvent.id).where(
        ComplianceEvent.force_id == force_id, ComplianceEvent.sequence.is_(None)
    )
    return db.session.execute(waiting.limit(1)).first() is not None


def number(force_id: int) -> int:
    """Give what is committed and unnumbered the next sequences, oldest first; answers how many. Needs a transaction.

    The lock is FOR NO KEY UPDATE, so that inserts pointing at the force do not wait for it.
    """
    forces = Base.metadata.tables["forces"]
    first = db.session.execute(
        sa.select(forces.c.next_sequence).where(forces.c.id == force_id).with_for_update(key_share=True)
    ).scalar_one()
    ids = db.session.scalars(
        sa.select(ComplianceEvent.id)
        .where(ComplianceEvent.force_id == force_id, ComplianceEvent.sequence.is_(None))
        .order_by(ComplianceEvent.id)
    ).all()
    if ids:
        _write_sequences(ids, first)
        db.session.execute(
            sa.update(forces).where(forces.c.id == force_id).values(next_sequence=first + len(ids))
        )
    return len(ids)


def _write_sequences(ids: Sequence[int], first: int) -> None:
    table = Base.metadata.tables["compliance_events"]
    statement = (
        sa.update(table).where(table.c.id == sa.bindparam("event")).values(sequence=sa.bindparam("given"))
    )
    db.session.connection().execute(
        statement, [{"event": event, "given": first + place} for place, event in enumerate(ids)]
    )


def page(force_id: int, *, after: str | None, limit: int) -> FeedPage:
    """Numbered events behind the cursor, oldest first.

    Raises ValueError for a cursor that is malformed, another force's, or ahead of the feed: somebody who read on from
    there, after a copy of the database was put back, say, would miss what comes meanwhile.
    """
    sequence = 0 if after is None else read_cursor(after, force_id=force_id)
    events = db.session.scalars(
        sa.select(ComplianceEvent)
        .where(ComplianceEvent.force_id == force_id, ComplianceEvent.sequence > sequence)
        .order_by(ComplianceEvent.sequence)
        .limit(limit + 1)
    ).all()
    shown = tuple(events[:limit])
    if not shown and sequence > 0 and sequence >= _next_sequence(force_id):
        raise ValueError("a cursor ahead of the feed")
    last = shown[-1].sequence if shown else sequence
    return FeedPage(shown, cursor(last or 0, force_id=force_id), len(events) > limit)


def _next_sequence(force_id: int) -> int:
    forces = Base.metadata.tables["forces"]
    return int(
        db.session.execute(sa.select(forces.c.next_sequence).where(forces.c.id == force_id)).scalar_one()
    )


def event(public_id: str, *, force_id: int) -> ComplianceEvent | None:
    """One numbered event of this force."""
    return db.session.scalars(
        sa.select(ComplianceEvent).where(
            ComplianceEvent.public_id == public_id,
            ComplianceEvent.force_id == force_id,
            ComplianceEvent.sequence.is_not(None),
        )
    ).one_or_none()


def cursor(sequence: int, *, force_id: int) -> str:
    """A cursor behind ``sequence`` in the feed of one force: opaque, safe in a URL.

    It carries a checksum: one that was cut or grew a letter on its way would else stand somewhere further on, and
    its reader would miss what lies between.
    """
    place = f"{force_id}:{sequence}"
    check = hashlib.blake2s(place.encode(), digest_size=4).hexdigest()
    return base64.urlsafe_b64encode(f"{place}:{check}".encode()).decode().rstrip("=")


def read_cursor(text: str, *, force_id: int) -> int:
    """The sequence a cursor stands behind. Raises ValueError for one that is malformed or another force's."""
    try:
        owner, sequence, _ = (
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(":")
        )
        position = int(sequence)
    except (ValueError, binascii.Error) as error:
        raise ValueError("not a cursor") from error
    if owner != str(force_id) or text != cursor(position, force_id=force_id) or not 0 <= position < 2**63:
        raise ValueError("not a cursor of this force")
    return position
