"""Offers of a place that are over, and courses that somebody waits for: what a job looks for. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.models import Waiting
from provider.kernel.database import db


def passed_offers(*, now: datetime) -> Sequence[int]:
    """Ids on the waiting list of whose offer the time has passed, the longest ago first."""
    return db.session.scalars(
        sa.select(Waiting.id)
        .where(Waiting.left_at.is_(None), Waiting.offered_place_id.is_not(None), Waiting.offer_ends_at <= now)
        .order_by(Waiting.offer_ends_at, Waiting.id)
    ).all()


def courses_waited_for() -> Sequence[int]:
    """Ids of the courses that somebody waits for without an offer."""
    return db.session.scalars(
        sa.select(Waiting.course_id)
        .where(Waiting.left_at.is_(None), Waiting.offered_place_id.is_(None))
        .distinct()
        .order_by(Waiting.course_id)
    ).all()
