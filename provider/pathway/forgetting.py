"""What is of no use any more is removed: first answers, counted uses, old drafts, sessions that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.accounts.models import SignInSession
from provider.domain.forces.models import IdempotencyKey
from provider.domain.forces.rate_limits import forget_windows
from provider.domain.messaging.models import ParticipantSession
from provider.domain.referrals.drafts import forget_drafts
from provider.kernel.database import db

ANSWERS_KEPT = timedelta(days=30)
SESSIONS_KEPT = timedelta(days=30)


def forget_what_is_over(*, now: datetime) -> None:
    """Remove first answers after 30 days, windows of the rate limit when they end, drafts
    after a day, sessions 30 days after they did."""
    db.session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < now - ANSWERS_KEPT))
    forget_windows(now=now)
    forget_drafts(now=now)
    for kind in (SignInSession, ParticipantSession):
        db.session.execute(sa.delete(kind).where(kind.expires_at < now - SESSIONS_KEPT))
