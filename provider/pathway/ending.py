"""A worker learns, beside the ladder of calls, that a referral has to end."""

from __future__ import annotations

from datetime import datetime

from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Case
from provider.kernel.actors import Actor
from provider.pathway import closing
from provider.pathway.steps import lock_case, open_referrals


def end_declined(case_id: int, *, by: Actor, now: datetime) -> None:
    """They said that they do not want to take part. Raises AlreadyEnded."""
    closing.end_not_engaged(_open(case_id), reason="declined", by=by, now=now)


def end_unreachable(case_id: int, *, reason: NotReached, by: Actor, now: datetime) -> None:
    """They cannot be reached, and it is nobody's fault: no log, no bar. Raises AlreadyEnded."""
    closing.end_not_reached(_open(case_id), reason=reason, by=by, now=now)


def _open(case_id: int) -> Case:
    case = lock_case(case_id)
    if not open_referrals(case_id):
        raise closing.AlreadyEnded
    return case
