"""What a force administrator sees of their own force: its keys, its officers. No secret is among it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Role
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


@dataclass(frozen=True)
class Officer:
    """Somebody of the force who signs in. ``administrator`` accounts are the provider's to open and close."""

    id: int
    name: str
    email: str
    collar_number: str | None
    active: bool
    administrator: bool


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


def officers(force_id: int) -> tuple[Officer, ...]:
    """The force's people, those who may sign in first, by name."""
    rows = db.session.scalars(
        sa.select(Account)
        .where(Account.force_id == force_id)
        .order_by(Account.active.desc(), Account.name, Account.id)
    )
    return tuple(_officer(row) for row in rows)


def officer(account_id: int, *, force_id: int) -> Officer | None:
    """One of the force's officers; its administrators are not among them."""
    row = db.session.scalars(
        sa.select(Account).where(
            Account.id == account_id, Account.force_id == force_id, Account.role == Role.OFFICER
        )
    ).one_or_none()
    return None if row is None else _officer(row)


def _officer(row: Account) -> Officer:
    return Officer(
        id=row.id,
        name=row.name,
        email=row.email,
        collar_number=row.collar_number,
        active=row.active,
        administrator=row.role != Role.OFFICER,
    )
