"""Whose turn it is: an endpoint with something to send is leased to one worker, and nobody else sends there meanwhile.

What an endpoint has taken moves only by the worker that holds the lease, and only from the event before: whoever
changes it meanwhile – a replay, a removal – ends the turn, and nothing is lost or overtaken. A worker that dies leaves
a lease that lapses.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.kernel.database import Base, db

LEASE = timedelta(minutes=1)
"""Longer than one notice can take; every notice that is noted begins it anew."""


@dataclass(frozen=True)
class Turn:
    """An endpoint in the hands of one worker, as it stands. ``sealed_secrets`` are still encrypted, newest first.

    ``tries`` is how often its oldest undelivered event failed; ``takes_events`` is off where only a test may go.
    """

    endpoint_id: int
    force_id: int
    url: str
    sealed_secrets: tuple[str, ...]
    delivered_through: int
    tries: int
    test_asked_at: datetime | None
    takes_events: bool
    lease: str
    leased_until: datetime


def anything_due(*, not_of: Collection[int] = (), now: datetime) -> bool:
    """Whether ``claim`` would find something: a read, so that a quiet moment costs no lock."""
    return db.session.execute(_due(not_of, now).limit(1)).first() is not None


def claim(*, not_of: Collection[int] = (), now: datetime) -> Turn | None:
    """The endpoint whose turn it is, leased to whoever asks; None where nothing is due. Needs a transaction.

    ``not_of`` are forces that have their share. Who failed comes after who did not, so that those that hang keep
    nobody waiting.
    """
    endpoints = endpoint_table()
    in_turn = (
        endpoints.c.tries > 0,
        endpoints.c.test_asked_at.is_(None),
        endpoints.c.next_try_at.is_not(None),
        endpoints.c.next_try_at,
        endpoints.c.id,
    )
    due = _due(not_of, now).order_by(*in_turn).limit(1)
    found = db.session.execute(due.with_for_update(of=endpoints, skip_locked=True)).scalar_one_or_none()
    if found is None:
        return None
    lease = {"lease": secrets.token_hex(16), "leased_until": now + LEASE}
    return _set(endpoints.c.id == found, now=now, **lease)


def _due(not_of: Collection[int], now: datetime) -> sa.Select[tuple[int]]:
    endpoints, forces = endpoint_table(), Base.metadata.tables["forces"]
    event_waits = sa.and_(
        endpoints.c.state == "active",
        sa.or_(endpoints.c.next_try_at.is_(None), endpoints.c.next_try_at <= now),
        forces.c.next_sequence > endpoints.c.delivered_through + 1,
    )
    return (
        sa.select(endpoints.c.id)
        .join(forces, forces.c.id == endpoints.c.force_id)
        .where(
            endpoints.c.removed_at.is_(None),
            endpoints.c.force_id.not_in(not_of),
            sa.or_(endpoints.c.leased_until.is_(None), endpoints.c.leased_until <= now),
            sa.or_(endpoints.c.test_asked_at <= now, event_waits),
        )
    )


def release(turn: Turn) -> None:
    """Let others have the endpoint. Needs a transaction; changes nothing where the lease is another's by now."""
    endpoints = endpoint_table()
    mine = sa.update(endpoints).where(endpoints.c.id == turn.endpoint_id, endpoints.c.lease == turn.lease)
    db.session.execute(mine.values(lease=None, leased_until=None))


def move_on(turn: Turn, *where: sa.ColumnElement[bool], now: datetime, **values: Any) -> Turn | None:
    """Change the endpoint where the turn still holds it and all that is so; how it stands then, or None."""
    endpoints = endpoint_table()
    held = (
        endpoints.c.id == turn.endpoint_id,
        endpoints.c.lease == turn.lease,
        endpoints.c.removed_at.is_(None),
    )
    return _set(*held, *where, now=now, **values)


def endpoint_table() -> sa.Table:
    return Base.metadata.tables["webhook_endpoints"]


def _set(*where: sa.ColumnElement[bool], now: datetime, **values: Any) -> Turn | None:
    endpoints = endpoint_table()
    changed = db.session.execute(
        sa.update(endpoints).where(*where).values(**values).returning(*endpoints.c)
    ).one_or_none()
    return None if changed is None else _turn(changed, now)


def _turn(row: sa.Row[Any], now: datetime) -> Turn:
    both = row.previous_secret is not None and row.previous_secret_until > now
    return Turn(
        endpoint_id=row.id,
        force_id=row.force_id,
        url=row.url,
        sealed_secrets=(row.secret, row.previous_secret) if both else (row.secret,),
        delivered_through=row.delivered_through,
        tries=row.tries,
        test_asked_at=row.test_asked_at,
        takes_events=row.state == "active" and (row.next_try_at is None or row.next_try_at <= now),
        lease=row.lease,
        leased_until=row.leased_until,
    )
