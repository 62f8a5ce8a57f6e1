"""What is of no use any more is removed: first answers, what machines told us, counted uses, old drafts, sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.accounts.models import SignInSession
from provider.domain.compliance.delivery import forget_attempts
from provider.domain.forces.idempotency import forget_answers
from provider.domain.forces.rate_limits import forget_windows
from provider.domain.messaging.inbox import forget_old
from provider.domain.messaging.models import ParticipantSession
from provider.domain.messaging.redactions import forget_redactions
from provider.domain.referrals.drafts import forget_drafts
from provider.kernel.database import db
from provider.pathway.uploading import forget_uploads

SESSIONS_KEPT = timedelta(days=30)


def forget_what_is_over(*, now: datetime) -> None:
    """Remove first answers and what machines told us after 30 days, windows of the rate limit when they end, drafts
    after a day, sessions 30 days after they did."""
    forget_answers(now=now)
    forget_attempts(now=now)
    forget_old(now=now)
    forget_redactions(now=now)
    forget_windows(now=now)
    forget_drafts(now=now)
    forget_uploads(now=now)
    for kind in (SignInSession, ParticipantSession):
        db.session.execute(sa.delete(kind).where(kind.expires_at < now - SESSIONS_KEPT))
