"""What a force administrator sees of their own force: its name and its keys. No secret is among it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.forces.models import ApiKey, Force
from provider.kernel.database import db


@dataclass(frozen=True)
class Key:
    """An API key by its beginning; ``live`` while it works, ``ended_at`` also where that is still to come."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    made_at: datetime
    last_used_at: datetime | None
    ended_at: datetime | None
    live: bool


def force_name(force_id: int) -> str:
    return db.session.scalars(sa.select(Force.name).where(Force.id == force_id)).one()


def keys(force_id: int, *, now: datetime) -> tuple[Key, ...]:
    """The force's keys, the newest first."""
    rows = db.session.scalars(sa.select(ApiKey).where(ApiKey.force_id == force_id).order_by(ApiKey.id.desc()))
    return tuple(_key(row, now=now) for row in rows)


def key(key_id: int, *, force_id: int, now: datetime) -> Key | None:
    row = db.session.scalars(
        sa.select(ApiKey).where(ApiKey.id == key_id, ApiKey.force_id == force_id)
    ).one_or_none()
    return None if row is None else _key(row, now=now)


def _key(row: ApiKey, *, now: datetime) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        made_at=row.created_at,
        last_used_at=row.last_used_at,
        ended_at=row.ends_at,
        live=row.ends_at is None or row.ends_at > now,
    )
