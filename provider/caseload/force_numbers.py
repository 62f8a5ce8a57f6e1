"""For which of a force's referrals another number is needed: the reference, and nothing about why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.contact.models import Task
from provider.domain.contact.tasks import NUMBER_TASKS
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import OPEN
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db

MOST = 100


@dataclass(frozen=True)
class NumberNeeded:
    """One referral for which another number is asked for, and since when."""

    reference: str
    force_reference: str | None
    scheme: str
    asked_at: datetime


def numbers_needed(force_id: int) -> tuple[NumberNeeded, ...]:
    """The one asked for first at the top. One query."""
    rows = db.session.execute(
        sa.select(Referral.reference, Referral.force_reference, Scheme.name)
        .add_columns(sa.func.min(Task.created_at).label("asked_at"))
        .join(Task, Task.case_id == Referral.case_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .where(Referral.force_id == force_id, *_waits())
        .group_by(Referral.id, Referral.reference, Referral.force_reference, Scheme.name)
        .order_by(sa.func.min(Task.created_at), Referral.id)
        .limit(MOST)
    )
    return tuple(NumberNeeded(row.reference, row.force_reference, row.name, row.asked_at) for row in rows)


def needed_since(force_id: int) -> tuple[int, datetime | None]:
    """For how many referrals, and since when the first. One query."""
    row = db.session.execute(
        sa.select(sa.func.count(sa.distinct(Referral.id)), sa.func.min(Task.created_at))
        .join(Task, Task.case_id == Referral.case_id)
        .where(Referral.force_id == force_id, *_waits())
    ).one()
    return row[0], row[1]


def is_needed(referral_id: int) -> bool:
    """Whether another number is asked for, for this referral."""
    found = (
        sa.select(Task.id)
        .join(Referral, Task.case_id == Referral.case_id)
        .where(Referral.id == referral_id, *_waits())
    )
    return db.session.execute(found.limit(1)).first() is not None


def _waits() -> tuple[sa.ColumnElement[bool], ...]:
    return (Referral.status.in_(OPEN), Task.kind.in_(NUMBER_TASKS), Task.done_at.is_(None))
