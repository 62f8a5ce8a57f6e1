"""Asked of needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from provider.domain.needs.models import Need
from provider.domain.needs.rules import NeedKind, Standing, Way
from provider.kernel.database import db


def needs_of(person_id: int) -> list[Need]:
    """The needs that stand, in the order they were noted."""
    found = sa.select(Need).where(Need.person_id == person_id, Need.ended_at.is_(None))
    return list(db.session.scalars(found.order_by(Need.noted_at, Need.id)))


def needs_at(person_ids: Collection[int], *, moment: datetime) -> dict[int, tuple[Standing, ...]]:
    """By person the needs they had at a moment, whenever somebody noted them, and how each was met by then."""
    rows = db.session.scalars(
        sa.select(Need)
        .where(Need.person_id.in_(person_ids), sa.or_(Need.ended_at.is_(None), Need.ended_at > moment))
        .order_by(Need.noted_at, Need.id)
    )
    found: dict[int, tuple[Standing, ...]] = {}
    for need in rows:
        met = need.way is not None and need.met_at is not None and need.met_at <= moment
        standing = Standing(NeedKind(need.kind), Way(need.way) if need.way and met else None)
        found[need.person_id] = (*found.get(need.person_id, ()), standing)
    return found


def any_open(person_id: int) -> bool:
    """Whether something stands that nothing is arranged for."""
    found = sa.select(Need.id).where(Need.person_id == person_id, Need.ended_at.is_(None), Need.way.is_(None))
    return db.session.execute(found.limit(1)).first() is not None
