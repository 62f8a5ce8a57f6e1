"""Adds to the trail, in the transaction of what it is about."""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.models import AuditEntry
from provider.kernel.actors import Actor
from provider.kernel.database import db


def record(
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    by: Actor,
    now: datetime,
    person_id: int | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Add one entry. ``detail`` holds codes and ids only: nothing that says who somebody is or what they told us."""
    db.session.add(
        AuditEntry(
            at=now,
            actor=str(by),
            action=action,
            subject=subject,
            subject_id=subject_id,
            person_id=person_id,
            detail=detail,
        )
    )
