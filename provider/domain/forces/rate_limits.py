"""How often something was done in the current window, counted in the database: across every process and host."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa

from provider.domain.forces.models import RateWindow
from provider.kernel.database import UtcDateTime, db, dialect_name, insert_or

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
    """Count one use of ``key``, in one statement. Needs ``each_by_itself()``: a *no* later does not uncount it."""
    count, expires_at = db.session.execute(
        _count_one(dialect_name()), {"used": key, "now": now, "window_ends": now + WINDOW}
    ).one()
    return Counted(count, expires_at)


def count_up_to(most: int, key: str, *, now: datetime) -> Counted:
    """Count one use of ``key``, unless ``most`` are passed already: then that is read, and nothing is written."""
    window = db.session.execute(
        sa.select(RateWindow.count, RateWindow.expires_at).where(
            RateWindow.key == key, RateWindow.count > most, RateWindow.expires_at > now
        )
    ).one_or_none()
    return count_use(key, now=now) if window is None else Counted(*window)


@cache
def _count_one(dialect: str) -> sa.Executable:
    """Made once: this runs in every request."""
    now, ends = sa.bindparam("now", type_=UtcDateTime()), sa.bindparam("window_ends", type_=UtcDateTime())
    over = RateWindow.expires_at <= now
    statement = insert_or(RateWindow, dialect=dialect).values(
        key=sa.bindparam("used"), count=sa.literal(1), expires_at=ends
    )
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": sa.case((over, 1), else_=RateWindow.count + 1),
            "expires_at": sa.case((over, ends), else_=RateWindow.expires_at),
        },
    ).returning(RateWindow.count, RateWindow.expires_at)


def forget_windows(*, now: datetime) -> None:
    """Remove the windows that are over. Needs a transaction."""
    db.session.execute(sa.delete(RateWindow).where(RateWindow.expires_at <= now))
