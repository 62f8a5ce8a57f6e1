"""What an officer has typed and not sent: kept for a day, sealed by the door, spent by sending.

The token is where a draft is found, and what makes sending happen once. It is of no use to anybody but its officer.
A draft begins blank, with the first screen that is opened: from then on the phone may keep what is typed under its
key. Sending, throwing away, signing out and the end of the day destroy that key with what was typed.
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
    """A draft as it was last kept: ``sealed`` from the first screen until it is sent, then ``sent_as``, the reference
    it became. ``phone_key`` is sealed too."""

    token: str
    sealed: str | None
    phone_key: str | None
    sent_as: str | None
    updated_at: datetime


def blank_draft(account_id: int, *, phone_key: str, now: datetime) -> Kept:
    """The officer's draft that nothing has been sent for yet, kept for another day; a new one with this key, where
    there is none. Drafts that are over are removed on the way. Needs a transaction."""
    forget_drafts(now=now)
    draft = db.session.scalars(
        _unsent(account_id, now)
        .where(ReferralDraft.sealed.is_(None))
        .order_by(ReferralDraft.id.desc())
        .limit(1)
    ).one_or_none()
    if draft is None:
        draft = _begin(account_id, phone_key=phone_key, now=now)
    draft.updated_at = now
    return Kept(draft.token, None, draft.phone_key, None, now)


def open_draft(token: str | None, *, account_id: int, phone_key: str, now: datetime) -> ReferralDraft:
    """The officer's unsent draft of this token, locked; another, with this key, where that one is no more."""
    found = lock_draft(token, account_id=account_id, now=now) if token else None
    return found or _begin(account_id, phone_key=phone_key, now=now)


def _begin(account_id: int, *, phone_key: str, now: datetime) -> ReferralDraft:
    token = secrets.token_urlsafe(18)
    draft = ReferralDraft(token=token, account_id=account_id, phone_key=phone_key, updated_at=now)
    db.session.add(draft)
    db.session.flush()
    return draft


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
        _unsent(account_id, now)
        .where(ReferralDraft.token == token)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def keep_draft(draft: ReferralDraft, *, sealed: str, now: datetime) -> None:
    draft.sealed, draft.updated_at = sealed, now


def spend_draft(draft: ReferralDraft, *, referral_id: int, now: datetime) -> None:
    """What was typed goes, and the key; which referral it became stays as long as a draft would have."""
    draft.sealed, draft.phone_key = None, None
    draft.referral_id, draft.updated_at = referral_id, now


def discard_draft(token: str, *, account_id: int) -> None:
    db.session.execute(
        sa.delete(ReferralDraft).where(ReferralDraft.token == token, ReferralDraft.account_id == account_id)
    )


def discard_drafts_of(account_id: int) -> None:
    """Everything an officer typed and did not send goes when they sign out, and its keys. Needs a transaction."""
    db.session.execute(
        sa.delete(ReferralDraft).where(
            ReferralDraft.account_id == account_id, ReferralDraft.referral_id.is_(None)
        )
    )


def forget_drafts(*, now: datetime) -> None:
    """Remove what has been kept for its day. Needs a transaction."""
    db.session.execute(sa.delete(ReferralDraft).where(ReferralDraft.updated_at <= now - KEPT))


def _unsent(account_id: int, now: datetime) -> sa.Select[ReferralDraft]:
    return sa.select(ReferralDraft).where(
        ReferralDraft.account_id == account_id,
        ReferralDraft.referral_id.is_(None),
        ReferralDraft.updated_at > now - KEPT,
    )


def _kept(account_id: int, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            ReferralDraft.token,
            ReferralDraft.sealed,
            ReferralDraft.phone_key,
            Referral.reference,
            ReferralDraft.updated_at,
        )
        .outerjoin(Referral, Referral.id == ReferralDraft.referral_id)
        .where(ReferralDraft.account_id == account_id, ReferralDraft.updated_at > now - KEPT)
    )


def _as_kept(row: Any) -> Kept:
    return Kept(
        token=row.token,
        sealed=row.sealed,
        phone_key=row.phone_key,
        sent_as=row.reference,
        updated_at=row.updated_at,
    )
