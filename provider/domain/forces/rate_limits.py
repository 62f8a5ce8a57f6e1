"""How often something was done in the current window, counted in the database: across every process and host."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.forces.models import RateWindow
from provider.kernel.database import db, insert_or

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Counted:
    """``count`` is how often it was done in the window that ends at ``expires_at``, this time included."""

    count: int
    expires_at: datetime

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds until the window ends, at least one: what Retry-After says."""
        return max(1, math.ceil((self.expires_at - now).total_seconds()))


def count_use(key: str, *, now: datetime) -> Counted:
    """Count one use of ``key`` in one statement. Needs a transaction of its own: a *no* later does not uncount it."""
    fresh = RateWindow.expires_at <= now
    statement = insert_or(RateWindow).values(key=key, count=1, expires_at=now + WINDOW)
    count, expires_at = db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": sa.case((fresh, 1), else_=RateWindow.count + 1),
                "expires_at": sa.case((fresh, now + WINDOW), else_=RateWindow.expires_at),
            },
        ).returning(RateWindow.count, RateWindow.expires_at)
    ).one()
    return Counted(count, expires_at)


def forget_windows(*, now: datetime) -> None:
    """Remove the windows that are over. Needs a transaction."""
    db.session.execute(sa.delete(RateWindow).where(RateWindow.expires_at <= now))
