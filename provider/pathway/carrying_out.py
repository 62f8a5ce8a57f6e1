"""A force carries a correction out in its own records too: an administrator says so, once, and can take it back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.compliance.models import ComplianceEvent, CorrectionDone
from provider.kernel.actors import Actor
from provider.kernel.database import db


def carry_out(correction: ComplianceEvent, *, by: Actor, now: datetime) -> bool:
    """The correction is in the force's records; answers False, changing nothing, where somebody had said so already."""
    if _standing(correction) is not None:
        return False
    done = {"event_id": correction.id, "force_id": correction.force_id}
    db.session.add(CorrectionDone(**done, done_at=now, done_by_id=by.account_id))
    record("correction.carried_out", "event", correction.id, by=by, now=now)
    return True


def take_back(correction: ComplianceEvent, *, by: Actor, now: datetime) -> bool:
    """It is not, after all: it is outstanding again. Answers False, changing nothing, where it was outstanding."""
    standing = _standing(correction)
    if standing is None:
        return False
    standing.undone_at, standing.undone_by_id = now, by.account_id
    record("correction.taken_back", "event", correction.id, by=by, now=now)
    return True


def _standing(correction: ComplianceEvent) -> CorrectionDone | None:
    """Who said that it was carried out, if that stands. Two who press at once take turns on the event."""
    event = sa.select(ComplianceEvent.id).where(ComplianceEvent.id == correction.id)
    db.session.execute(event.with_for_update(key_share=True))
    return db.session.scalars(
        sa.select(CorrectionDone)
        .where(CorrectionDone.event_id == correction.id, CorrectionDone.undone_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
