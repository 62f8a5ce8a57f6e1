"""The review of a bar: what can be decided, from when it may be asked for, and that it is no longer needed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from provider.domain.referrals.models import BarReview
from provider.kernel.codes import Coded
from provider.kernel.database import db

OVERTAKEN = "overtaken"


class Decision(Coded):
    """What a named person decides."""

    KEEP = "keep", "Keep the bar"
    LIFT = "lift", "Lift the bar, and withdraw the intelligence log"


SAID = {
    Decision.KEEP: "The bar stays",
    Decision.LIFT: "The bar was lifted and the intelligence log withdrawn",
    OVERTAKEN: "No longer needed: the bar had gone",
}
"""What was decided, as it is read afterwards."""


def is_barred(*, status: str, may_reoffer: bool, bar_until: date | None, on: date) -> bool:
    """Whether not engaging bars somebody on that London day: the only thing of which a review can be asked."""
    return status == "not_engaged" and not may_reoffer and bar_until is not None and on < bar_until


def may_be_asked_from(last_decided_at: datetime | None, *, after_days: int) -> datetime | None:
    """From when a review may be asked for again; None where the bar was never looked at, and so at once."""
    return last_decided_at + timedelta(days=after_days) if last_decided_at is not None else None


def overtake_review(referral_id: int, *, now: datetime) -> None:
    """The bar is gone, because they came back or had done what was asked: nobody has to decide any more."""
    db.session.execute(
        sa.update(BarReview)
        .where(BarReview.referral_id == referral_id, BarReview.decided_at.is_(None))
        .values(decided_at=now, decision=OVERTAKEN)
    )
