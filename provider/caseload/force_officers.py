"""The people of a force who sign in: found, and when each last did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.paged import Paged
from provider.domain.accounts.models import Account, SignInSession
from provider.domain.accounts.roles import Role
from provider.kernel.database import db

PAGE = 50
LAST_PAGE = 200


@dataclass(frozen=True)
class Officer:
    """Somebody whose account the force's administrator sees to."""

    id: int
    name: str


@dataclass(frozen=True)
class OfficerLine:
    """Somebody of the force. ``administrator`` accounts are the provider's to open and close.

    ``signed_in_at`` is when they last did, as far as sessions are kept; ``here`` that they could go on without.
    """

    id: int
    name: str
    email: str
    collar_number: str | None
    active: bool
    administrator: bool
    signed_in_at: datetime | None
    here: bool


class Officers(Paged[OfficerLine]):
    SIZE = PAGE


def officers(force_id: int, *, words: str | None, page: int, now: datetime) -> Officers:
    """A page of the force's people, those who may sign in first, by name. Two queries.

    ``words`` is part of a name or an e-mail address, or a collar number.
    """
    sessions = (
        sa.select(
            SignInSession.account_id,
            sa.func.max(SignInSession.created_at).label("signed_in_at"),
            sa.func.max(sa.case((_alive(now), 1), else_=0)).label("here"),
        )
        .join(Account, Account.id == SignInSession.account_id)
        .where(Account.force_id == force_id)
        .group_by(SignInSession.account_id)
        .subquery()
    )
    wanted = [Account.force_id == force_id, *([_named(words)] if words else [])]
    rows = db.session.execute(
        sa.select(Account, sessions.c.signed_in_at, sessions.c.here)
        .outerjoin(sessions, sessions.c.account_id == Account.id)
        .where(*wanted)
        .order_by(Account.active.desc(), Account.name, Account.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    total = db.session.scalar(sa.select(sa.func.count(Account.id)).where(*wanted)) or 0
    return Officers(tuple(_line(row) for row in rows), total, page)


def officer(account_id: int, *, force_id: int) -> Officer | None:
    """One of the force's officers; its administrators are not among them."""
    row = db.session.execute(
        sa.select(Account.id, Account.name).where(
            Account.id == account_id, Account.force_id == force_id, Account.role == Role.OFFICER
        )
    ).one_or_none()
    return None if row is None else Officer(row.id, row.name)


def _alive(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(SignInSession.ended_at.is_(None), SignInSession.expires_at > now)


def _named(words: str) -> sa.ColumnElement[bool]:
    part = words.lower()
    return sa.or_(
        sa.func.lower(Account.name).contains(part, autoescape=True),
        sa.func.lower(Account.email).contains(part, autoescape=True),
        sa.func.lower(Account.collar_number) == part,
    )


def _line(row: Any) -> OfficerLine:
    account = row.Account
    return OfficerLine(
        id=account.id,
        name=account.name,
        email=account.email,
        collar_number=account.collar_number,
        active=account.active,
        administrator=account.role != Role.OFFICER,
        signed_in_at=row.signed_in_at,
        here=bool(row.here),
    )
