"""What texts go out by: a scheme's own sender, or the one that the settings name; and which of them rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.messaging.models import Text, TextSender
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import OPEN
from provider.domain.schemes.models import Scheme
from provider.kernel.database import db


@dataclass(frozen=True)
class Sender:
    """``only`` picks the texts that go by it; None where there is no other and all do."""

    address: str
    only: sa.ColumnElement[bool] | None = None


@dataclass(frozen=True)
class SenderNow:
    """A sender as the desk shows it. While ``rests_since`` is set nothing goes out by it but a text now and then."""

    address: str
    schemes: tuple[str, ...]
    rests_since: datetime | None
    rests_because: str | None
    rests_until: datetime | None


def senders_in_use(usual: str) -> tuple[Sender, ...]:
    """The usual sender, and those that schemes have of their own."""
    own = sorted(set(_own_senders().values()) - {usual})
    if not own:
        return (Sender(usual),)
    return tuple(Sender(address, _goes_by(usual) == address) for address in (usual, *own))


def _own_senders() -> dict[str, str]:
    """By the code of the scheme."""
    found = sa.select(Scheme.code, Scheme.text_sender).where(Scheme.text_sender.is_not(None))
    return {code: sender for code, sender in db.session.execute(found.order_by(Scheme.code)) if sender}


def _goes_by(usual: str) -> sa.ColumnElement[str]:
    """The sender of the scheme that speaks: that of the case's oldest open referral."""
    speaks = (
        sa.select(sa.func.coalesce(Scheme.text_sender, usual))
        .join(Referral, Referral.scheme_id == Scheme.id)
        .where(Referral.case_id == Text.case_id, Referral.status.in_(OPEN))
        .order_by(Referral.id)
        .limit(1)
        .correlate(Text)
        .scalar_subquery()
    )
    return sa.func.coalesce(speaks, usual)


def senders_now() -> tuple[SenderNow, ...]:
    """Every sender that texts have gone out by, or that a scheme has."""
    rows = {row.address: row for row in db.session.scalars(sa.select(TextSender))}
    own = _own_senders()
    return tuple(
        SenderNow(
            address=address,
            schemes=tuple(code for code, sender in own.items() if sender == address),
            rests_since=rows[address].rests_since if address in rows else None,
            rests_because=rows[address].rests_because if address in rows else None,
            rests_until=rows[address].rests_until if address in rows else None,
        )
        for address in sorted({*rows, *own.values()})
    )
