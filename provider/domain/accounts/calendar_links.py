"""Links by which somebody's own calendar reads their diary. The token is shown once; here is its hash."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.models import Account, CalendarLink
from provider.kernel.database import db
from provider.kernel.tokens import new_token, token_hash


def add_link(account_id: int, *, now: datetime) -> str:
    """A link of an account that has none; answers its token. The database refuses a second one."""
    token = new_token()
    db.session.add(CalendarLink(account_id=account_id, token_hash=token_hash(token), made_at=now))
    db.session.flush()
    return token


def end_link(account_id: int, *, now: datetime) -> bool:
    """Let the account's link lead nowhere from now on; answers whether it had one."""
    ended = db.session.execute(
        sa.update(CalendarLink)
        .where(CalendarLink.account_id == account_id, CalendarLink.ended_at.is_(None))
        .values(ended_at=now)
        .returning(CalendarLink.id)
    )
    return ended.first() is not None


def link_made_at(account_id: int) -> datetime | None:
    """When the account's link that works was made; None where it has none."""
    return db.session.scalar(
        sa.select(CalendarLink.made_at).where(
            CalendarLink.account_id == account_id, CalendarLink.ended_at.is_(None)
        )
    )


def whose_link(token: str) -> int | None:
    """The account whose link it is; None for one that is unknown, ended or of a closed account: nobody learns which."""
    return db.session.scalar(
        sa.select(Account.id)
        .join(CalendarLink, CalendarLink.account_id == Account.id)
        .where(
            CalendarLink.token_hash == token_hash(token),
            CalendarLink.ended_at.is_(None),
            Account.active.is_(True),
        )
    )
