"""Reviews of a bar as a force reads them: that there is one, and what came of it. Never what the person said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.reviews import Review, again_from, reviews_of
from provider.domain.compliance.outcomes import status_for_force
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.reviews import OVERTAKEN, SAID, Decision, is_barred
from provider.domain.schemes.models import Scheme
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import london_date
from provider.kernel.database import db

MOST = 100
ASKED_BY_FORCE = "force"


@dataclass(frozen=True)
class ReviewOfBar:
    """One review. ``words`` are the force's own; None where the person asked."""

    asked_at: datetime
    words: str | None
    due_at: datetime
    decided_at: datetime | None
    decision: str | None

    @property
    def said(self) -> str:
        """What was decided, in words. Not of one that is open."""
        return SAID[self.decision or ""]

    @property
    def kept(self) -> bool:
        return self.decision == Decision.KEEP


@dataclass(frozen=True)
class ReviewsOfBar:
    """``again_from`` is when the next may be asked for, where that is to come."""

    lines: tuple[ReviewOfBar, ...]
    barred: bool
    may_ask: bool
    again_from: datetime | None


@dataclass(frozen=True)
class ReviewLine:
    """One review in the list of all of the force's."""

    reference: str
    force_reference: str | None
    scheme: str
    status: str
    bar_until: date | None
    review: ReviewOfBar


@dataclass(frozen=True)
class AllReviews:
    open: tuple[ReviewLine, ...]
    decided: tuple[ReviewLine, ...]


def reviews_for_force(referral: Referral, terms: Terms, *, now: datetime) -> ReviewsOfBar:
    """What a force reads of the reviews of one referral, the newest first, and whether it may ask for one."""
    reviews = reviews_of(referral.id, now=now)
    barred = is_barred(
        status=referral.status,
        may_reoffer=referral.may_reoffer,
        bar_until=referral.bar_until,
        on=london_date(now),
    )
    again = again_from(reviews, after_days=terms.bar_review_after_days)
    waits = again is not None and now < again
    undecided = any(review.decision is None for review in reviews)
    return ReviewsOfBar(
        lines=tuple(_of(review) for review in reviews),
        barred=barred,
        may_ask=barred and terms.bar_review and not undecided and not waits,
        again_from=again if barred and waits else None,
    )


def _of(review: Review) -> ReviewOfBar:
    return ReviewOfBar(
        asked_at=review.asked_at,
        words=review.words if review.through_force else None,
        due_at=review.due_at,
        decided_at=review.decided_at,
        decision=review.decision,
    )


def all_reviews(force_id: int) -> AllReviews:
    """The open ones, the first due at the top, and the latest decided. Two queries."""
    return AllReviews(
        open=_lines(force_id, BarReview.decided_at.is_(None), BarReview.due_at, BarReview.id),
        decided=_lines(
            force_id,
            sa.and_(BarReview.decided_at.is_not(None), BarReview.decision != OVERTAKEN),
            BarReview.decided_at.desc(),
            BarReview.id.desc(),
        ),
    )


def _lines(force_id: int, which: sa.ColumnElement[bool], *order: Any) -> tuple[ReviewLine, ...]:
    rows = db.session.execute(
        sa.select(BarReview, Scheme.name, Referral.reference, Referral.force_reference)
        .add_columns(Referral.status, Referral.bar_until)
        .join(Referral, Referral.id == BarReview.referral_id)
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .where(Referral.force_id == force_id, which)
        .order_by(*order)
        .limit(MOST)
    )
    return tuple(
        ReviewLine(
            reference=row.reference,
            force_reference=row.force_reference,
            scheme=row.name,
            status=status_for_force(row.status),
            bar_until=row.bar_until,
            review=_row(row.BarReview),
        )
        for row in rows
    )


def _row(row: BarReview) -> ReviewOfBar:
    return ReviewOfBar(
        asked_at=row.asked_at,
        words=row.words if row.asked_through == ASKED_BY_FORCE else None,
        due_at=row.due_at,
        decided_at=row.decided_at,
        decision=row.decision,
    )
