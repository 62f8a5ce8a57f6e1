"""Nobody gets two texts at once: one that can wait stays apart from every other to the same person.

What was planned keeps apart by itself; this looks again at the moment of sending, when a booking, an offer or an answer
may have come between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.messaging.models import Text
from provider.domain.messaging.timing import APART, can_wait
from provider.kernel.calendar import next_polite
from provider.kernel.database import db
from provider.kernel.rows import among

MAY_HAVE_GONE = ("claimed", "sent", "delivered", "unknown")


@dataclass(frozen=True)
class Near:
    """Another text of the case: it went out at ``at``, or goes out then."""

    text_id: int
    at: datetime
    planned: bool
    waits: bool
    turn: tuple[datetime, int]


Others = Mapping[int, Sequence[Near]]
"""By case."""


def texts_near(texts: Sequence[Text], *, now: datetime) -> Others:
    """What went out to the same people of late, and what is about to. One query, or none where nothing can wait."""
    case_ids = {text.case_id for text in texts if can_wait(text.kind)}
    if not case_ids:
        return {}
    gone = sa.and_(Text.state.in_(MAY_HAVE_GONE), Text.claimed_at > now - APART)
    coming = sa.and_(Text.state == "planned", Text.due_at < now + APART, Text.expires_at > now)
    rows = db.session.execute(
        sa.select(Text.case_id, Text.id, Text.kind, Text.state, Text.due_at, Text.claimed_at, Text.expires_at)
        .where(among(Text.case_id, case_ids), sa.or_(gone, coming))
        .order_by(Text.id)
    )
    found: dict[int, list[Near]] = {}
    for row in rows:
        planned = row.state == "planned"
        at = max(row.due_at, now) if planned else row.claimed_at
        near = Near(row.id, at, planned, can_wait(row.kind), (row.expires_at, row.id))
        found.setdefault(row.case_id, []).append(near)
    return found


def wait_until(text: Text, others: Others, *, now: datetime) -> datetime | None:
    """When a text is sent that is due now, because of another; None where it need not wait.

    Of two that can wait, the one that is no use sooner goes first.
    """
    if not can_wait(text.kind):
        return None
    mine = (text.expires_at, text.id)
    first = [
        near.at
        for near in others.get(text.case_id, ())
        if near.text_id != text.id
        and (not (near.planned and near.waits) or (near.at <= now and near.turn < mine))
    ]
    return next_polite(max(first) + APART) if first else None
