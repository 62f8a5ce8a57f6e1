"""What an officer has typed and not sent: kept for a day, sealed by the door, spent by sending.

The token is where a draft is found, and what makes sending happen once. It is of no use to anybody but its officer.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.referrals.models import Referral, ReferralDraft
from provider.kernel.database import db

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Kept:
    """A draft as it was last kept: ``sealed`` until it is sent, then ``sent_as``, the reference it became."""

    token: str
    sealed: str | None
    sent_as: str | None
    updated_at: datetime


def begin_draft(account_id: int, *, sealed: str, now: datetime) -> str:
    """Keep a new draft and answer its token; drafts that are over are removed on the way. Needs a transaction."""
    forget_drafts(now=now)
    draft = ReferralDraft(
        token=secrets.token_urlsafe(18), account_id=account_id, sealed=sealed, updated_at=now
    )
    db.session.add(draft)
    db.session.flush()
    return draft.token


def find_draft(token: str, *, account_id: int, now: datetime) -> Kept | None:
    """The officer's draft of this token, sent or not, while it is kept."""
    row = db.session.execute(_kept(account_id, now).where(ReferralDraft.token == token)).one_or_none()
    return None if row is None else _as_kept(row)


def unsent_drafts(account_id: int, *, now: datetime) -> Sequence[Kept]:
    """The officer's drafts that wait to be sent, the latest first."""
    waiting = _kept(account_id, now).where(ReferralDraft.sealed.is_not(None))
    latest_first = waiting.order_by(ReferralDraft.updated_at.desc(), ReferralDraft.id.desc())
    return [_as_kept(row) for row in db.session.execute(latest_first)]


def lock_draft(token: str, *, account_id: int, now: datetime) -> ReferralDraft | None:
    """The unsent draft, locked until the transaction ends: of two who send it at once the second finds none."""
    return db.session.scalars(
        sa.select(ReferralDraft)
        .where(
            ReferralDraft.token == token,
            ReferralDraft.account_id == account_id,
            ReferralDraft.sealed.is_not(None),
            ReferralDraft.updated_at > now - KEPT,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def keep_draft(draft: ReferralDraft, *, sealed: str, now: datetime) -> None:
    draft.sealed, draft.updated_at = sealed, now


def spend_draft(draft: ReferralDraft, *, referral_id: int, now: datetime) -> None:
    """What was typed goes; which referral it became stays as long as a draft would have."""
    draft.sealed, draft.referral_id, draft.updated_at = None, referral_id, now


def discard_draft(token: str, *, account_id: int) -> None:
    db.session.execute(
        sa.delete(ReferralDraft).where(ReferralDraft.token == token, ReferralDraft.account_id == account_id)
    )


def discard_drafts_of(account_id: int) -> None:
    """Everything an officer typed and did not send goes when they sign out. Needs a transaction."""
    db.session.execute(
        sa.delete(ReferralDraft).where(
            ReferralDraft.account_id == account_id, ReferralDraft.sealed.is_not(None)
        )
    )


def forget_drafts(*, now: datetime) -> None:
    """Remove what has been kept for its day. Needs a transaction."""
    db.session.execute(sa.delete(ReferralDraft).where(ReferralDraft.updated_at <= now - KEPT))


def _kept(account_id: int, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(ReferralDraft.token, ReferralDraft.sealed, Referral.reference, ReferralDraft.updated_at)
        .outerjoin(Referral, Referral.id == ReferralDraft.referral_id)
        .where(ReferralDraft.account_id == account_id, ReferralDraft.updated_at > now - KEPT)
    )


def _as_kept(row: Any) -> Kept:
    return Kept(token=row.token, sealed=row.sealed, sent_as=row.reference, updated_at=row.updated_at)
