"""One thing asked of Zoom for one row: taken under a lease, asked with no transaction open, then recorded.

Zoom has no idempotency key, so what is new is noted before it is asked for. Where the call broke off, or its worker was
killed, it is looked for; only where it is not there, and could not be on its way any more, is it asked for again.
Whoever takes a row marks it with a name used once, so that a worker that was slow changes nothing any more.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from provider.domain.meetings.models import Errand, Meeting, Registrant
from provider.kernel.database import db

FIRST_WAIT = timedelta(seconds=20)
LONGEST_WAIT = timedelta(minutes=15)

Row = TypeVar("Row", Meeting, Registrant)


@dataclass(frozen=True)
class Taken:
    """``look`` for it first; ``may_ask``: where it is not there, ask for it. A worker held up beyond ``begin_by`` does
    not begin.
    """

    row_id: int
    claim: str
    look: bool
    may_ask: bool
    begin_by: datetime


def free(row: type[Errand], *, now: datetime) -> sa.ColumnElement[bool]:
    """Whether nobody has it in hand, and it may be tried now."""
    return sa.and_(
        sa.or_(row.retry_at.is_(None), row.retry_at <= now),
        sa.or_(row.lease_until.is_(None), row.lease_until <= now),
    )


def take(
    row: Meeting | Registrant, *, asks_for_new: bool, lease: timedelta, grace: timedelta, now: datetime
) -> Taken:
    """Have it in hand. Needs a transaction."""
    in_doubt = row.asked_at is not None
    may_ask = row.asked_at is None or row.asked_at <= now - grace
    if asks_for_new and may_ask:
        row.asked_at = now
    row.claim, row.lease_until = secrets.token_hex(16), now + lease
    row.tries += 1
    return Taken(row.id, row.claim, in_doubt, may_ask, now + lease / 2)


def held(kind: type[Row], taken: Taken) -> Row | None:
    """The row, locked, where it is still in this worker's hand. Needs a transaction."""
    return db.session.scalars(
        sa.select(kind)
        .where(kind.id == taken.row_id, kind.claim == taken.claim)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def settled(row: Meeting | Registrant) -> None:
    """Nothing is asked of Zoom any more."""
    row.tries, row.asked_at, row.trouble = 0, None, None
    row.claim = row.lease_until = row.retry_at = None


def put_off(
    row: Meeting | Registrant, *, because: str, wait_seconds: float | None = None, now: datetime
) -> None:
    """It is tried again later, ever later; no sooner than Zoom asked for."""
    wait = min(FIRST_WAIT * 2 ** min(row.tries - 1, 10), LONGEST_WAIT)
    row.retry_at = now + max(wait, timedelta(seconds=wait_seconds or 0))
    row.trouble = because
    row.claim = row.lease_until = None


def look_again(row: Meeting | Registrant, *, grace: timedelta, now: datetime) -> None:
    """It is not there, and may still be on its way."""
    row.retry_at = max(now, row.asked_at + grace) if row.asked_at is not None else now
    row.claim = row.lease_until = None


def rest(*, until: datetime) -> None:
    """Zoom asked for patience: nothing is tried before then. Needs a transaction."""
    for kind, missing in ((Meeting, Meeting.number.is_(None)), (Registrant, Registrant.registrant.is_(None))):
        sooner = sa.or_(kind.retry_at.is_(None), kind.retry_at < until)
        waits = (sooner, sa.or_(kind.tries > 0, missing))
        db.session.execute(
            sa.update(kind).where(*waits).values(retry_at=until).execution_options(synchronize_session=False)
        )
