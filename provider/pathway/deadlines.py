"""What is due on a case, and by when, as if the clock never stopped: the earliest that its referrals promise.

Days on which we are closed are counted here too: a closure may be taken back, and what may be late is looked at more
closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provider.domain.referrals.models import Case
from provider.domain.schemes.deadlines import due_at
from provider.domain.schemes.terms import Terms


def begin_calling(case: Case, terms: Sequence[Terms], *, now: datetime) -> None:
    """They said yes, or came back: first contact and the assessment are due, counted from now."""
    case.first_contact_due = min(due_at("first_contact", each, since=now, now=now) for each in terms)
    case.assessment_due = min(due_at("assessment", each, since=now, now=now) for each in terms)


def begin_course(case: Case, terms: Sequence[Terms], *, now: datetime) -> None:
    """The assessment is done, or what followed it is to be done anew: it is due, counted from now."""
    case.course_due = min((due_at("course", each, since=now, now=now) for each in terms), default=None)


def joined(case: Case, terms: Terms, *, received_at: datetime, now: datetime) -> None:
    """Another referral is served by the case as well: what it promises holds where that is earlier."""
    assessment = due_at("assessment", terms, since=received_at, now=now)
    case.assessment_due = min(case.assessment_due or assessment, assessment)
    if case.course_due is not None:
        case.course_due = min(case.course_due, due_at("course", terms, since=now, now=now))
