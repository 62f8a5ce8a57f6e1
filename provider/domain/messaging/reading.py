"""Replies are read: by whoever answers them, rings, or says that there was nothing to answer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.messaging.models import Reply
from provider.kernel.actors import Actor
from provider.kernel.database import db


def read_replies(
    case_id: int, *, by: Actor, now: datetime, until: int | None = None, received_by: datetime | None = None
) -> bool:
    """Mark the case's replies as read, up to the id ``until`` or those received by a moment; whether none is left.

    Needs a transaction.
    """
    unread = [Reply.case_id == case_id, Reply.read_at.is_(None)]
    which = unread if until is None else [*unread, Reply.id <= until]
    if received_by is not None:
        which = [*which, Reply.received_at <= received_by]
    db.session.execute(sa.update(Reply).where(*which).values(read_at=now, read_by=str(by)))
    return db.session.execute(sa.select(Reply.id).where(*unread).limit(1)).first() is None
