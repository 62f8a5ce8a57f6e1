"""What an ending means: for next time, and in the one sentence that the force may log."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.compliance import outcomes
from provider.domain.contact.ladder import counted, log_dates
from provider.domain.contact.queries import attempts_of
from provider.domain.referrals.models import Referral
from provider.domain.referrals.rules import Decline, DeclineReason
from provider.domain.referrals.status import Status
from provider.domain.schemes.queries import scheme_under
from provider.kernel.calendar import london_date
from provider.kernel.database import db


def decline(referral: Referral, decision: Decline) -> None:
    """Say why a referral is not taken, and from when on the person might be: an area alone says nothing of them."""
    referral.decline_reason = decision.reason
    referral.may_reoffer = decision.reason == DeclineReason.OUT_OF_AREA
    referral.bar_until = decision.bar_until


def weigh(referral: Referral, status: Status, *, now: datetime) -> None:
    """What the ending means for next time, by the scheme's own terms."""
    terms = scheme_under(referral.terms_id).terms
    bar_ends = add_months(london_date(now), terms.bar_months) if terms.bar_months is not None else None
    decided = outcomes.reoffer(
        status,
        repeat_rule=terms.repeat_rule,
        times=_times(referral),
        limit=terms.repeat_limit,
        bar_ends=bar_ends,
    )
    referral.may_reoffer, referral.bar_until = decided.may_reoffer, decided.bar_until


def _times(referral: Referral) -> int:
    """How often the scheme was used by the person, this time included. One still open beside it is not used yet."""
    before = sa.select(sa.func.count()).where(
        Referral.person_id == referral.person_id,
        Referral.scheme_id == referral.scheme_id,
        Referral.status.in_({Status.COMPLETED, Status.NOT_ENGAGED}),
        Referral.id != referral.id,
    )
    return (db.session.scalar(before) or 0) + 1


def intelligence_log(referral: Referral, *, reason: str) -> dict[str, Any] | None:
    """The one sentence that a force may log, with the calls made since it referred: earlier ones are not its own.

    None where the scheme has nothing logged.
    """
    scheme = scheme_under(referral.terms_id)
    if not scheme.terms.intelligence_log:
        return None
    made = attempts_of(referral.case_id, since=referral.received_at)
    text = outcomes.intelligence_log_text(
        scheme.terms.intelligence_sentence,
        reference=referral.reference,
        attempts=len(counted(made)),
        days=log_dates(made),
    )
    return {"text": text, "reason": reason}


def add_months(day: date, months: int) -> date:
    """The same day some months later, or that month's last day where it has no such day."""
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def level_that_counts(referral: Referral) -> str:
    """The level at which the referral's scheme counts somebody as having done what was asked."""
    return scheme_under(referral.terms_id).terms.level_that_counts
