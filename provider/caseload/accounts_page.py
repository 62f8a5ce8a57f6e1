"""Who has an account, and whether they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.models import Account, SignInSession
from provider.domain.forces.models import Force
from provider.kernel.database import db
from provider.kernel.errors import NotFound


@dataclass(frozen=True)
class AccountLine:
    """One account; ``last_seen_at`` is of the sessions that still live here."""

    id: int
    name: str
    email: str
    role: str
    force: str | None
    active: bool
    second_factor: bool
    locked: bool
    sessions: int
    last_seen_at: datetime | None


def accounts_page(*, now: datetime) -> tuple[AccountLine, ...]:
    """Everybody: those who may sign in first, by role and name. One query."""
    return _lines(sa.true(), now=now)


def account_line(account_id: int, *, now: datetime) -> AccountLine:
    """One account. Raises NotFound."""
    found = _lines(Account.id == account_id, now=now)
    if not found:
        raise NotFound
    return found[0]


def forces_by_id() -> Mapping[int, str]:
    """Forces that an officer may belong to, by name. One query."""
    rows = db.session.execute(sa.select(Force.id, Force.name).order_by(Force.name, Force.id))
    return {row.id: row.name for row in rows}


def _lines(which: sa.ColumnElement[bool], *, now: datetime) -> tuple[AccountLine, ...]:
    live = (
        sa.select(
            SignInSession.account_id,
            sa.func.count().label("sessions"),
            sa.func.max(SignInSession.last_seen_at).label("last_seen_at"),
        )
        .where(SignInSession.ended_at.is_(None), SignInSession.expires_at > now)
        .group_by(SignInSession.account_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Account, Force.name.label("force"), live.c.sessions, live.c.last_seen_at)
        .outerjoin(Force, Force.id == Account.force_id)
        .outerjoin(live, live.c.account_id == Account.id)
        .where(which)
        .order_by(Account.active.desc(), Account.role, Account.name, Account.id)
    )
    return tuple(
        AccountLine(
            id=row.Account.id,
            name=row.Account.name,
            email=row.Account.email,
            role=row.Account.role,
            force=row.force,
            active=row.Account.active,
            second_factor=row.Account.totp_secret is not None,
            locked=row.Account.locked_until is not None and row.Account.locked_until > now,
            sessions=row.sessions or 0,
            last_seen_at=row.last_seen_at,
        )
        for row in rows
    )
