"""A bar is looked at again: asked for by the person or their force, and decided by a named person."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.reviews import ended_by
from provider.domain.audit.trail import record
from provider.domain.contact.tasks import raise_task
from provider.domain.referrals.models import BarReview, Referral
from provider.domain.referrals.reviews import (
    OVERTAKEN,
    Decision,
    is_barred,
    may_be_asked_from,
    overtake_review,
)
from provider.domain.referrals.rules import DeclineReason
from provider.domain.referrals.status import Status
from provider.domain.schemes.queries import scheme_under
from provider.kernel.actors import Actor
from provider.kernel.calendar import london, london_date
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway.closing import hold_still, last_event
from provider.pathway.shutting import end_of_day_in
from provider.pathway.steps import tell


class NoBar(Refusal):
    code = "no_bar"
    sentence = "There is no bar to review: the scheme may be offered again."


class NotReviewed(Refusal):
    code = "not_reviewed"
    sentence = "The scheme’s terms know no review of a bar."


class ReviewOpen(Refusal):
    code = "review_open"
    sentence = "A review has been asked for already. It is being decided."


class TooSoonToReview(Refusal):
    code = "too_soon_to_review"


class AlreadyDecided(Refusal):
    code = "already_decided"
    sentence = "This review has been decided already, or is no longer needed."


class EndedByYou(Refusal):
    code = "ended_by_you"
    sentence = "You ended this referral yourself, so somebody else has to decide the review."


def ask(referral: Referral, *, words: str, through: str, by: Actor, now: datetime) -> None:
    """Ask that the bar be looked at again. ``through``: desk, where the words are the person's own, or force.

    Raises NotReviewed, NoBar, ReviewOpen, or TooSoonToReview where the scheme's days since the last look have not
    passed.
    """
    hold_still(referral)
    terms = scheme_under(referral.terms_id).terms
    if not terms.bar_review:
        raise NotReviewed
    if not is_barred(
        status=referral.status,
        may_reoffer=referral.may_reoffer,
        bar_until=referral.bar_until,
        on=london_date(now),
    ):
        raise NoBar
    _not_again_so_soon(referral, now=now)
    db.session.add(
        BarReview(
            referral_id=referral.id,
            asked_at=now,
            asked_by=str(by),
            asked_through=through,
            words=words,
            due_at=end_of_day_in(terms.bar_review_working_days, now=now),
        )
    )
    record(
        "review.asked", "referral", referral.id, by=by, now=now, person_id=referral.person_id, through=through
    )


def _not_again_so_soon(referral: Referral, *, now: datetime) -> None:
    last = db.session.scalars(
        sa.select(BarReview)
        .where(BarReview.referral_id == referral.id)
        .order_by(BarReview.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if last is not None and last.decided_at is None:
        raise ReviewOpen
    decided_at = last.decided_at if last is not None and last.decision != OVERTAKEN else None
    after = scheme_under(referral.terms_id).terms.bar_review_after_days
    first = may_be_asked_from(decided_at, after_days=after)
    if first is not None and now < first:
        day = london(first)
        raise TooSoonToReview(f"A review can be asked for from {day.day} {day:%B %Y}.")


def decide(review_id: int, *, decision: Decision, reason: str, by: Actor, now: datetime) -> None:
    """Keep the bar or lift it, with a reason of record. What changes is told to whoever was told of the bar.

    Raises AlreadyDecided, or EndedByYou: whoever ended the referral does not decide.
    """
    review = db.session.get_one(BarReview, review_id)
    referral = db.session.get_one(Referral, review.referral_id)
    hold_still(referral)
    db.session.refresh(review, with_for_update=True)
    if review.decided_at is not None:
        raise AlreadyDecided
    if ended_by(referral.id) == str(by):
        raise EndedByYou
    review.decided_at, review.decided_by_id = now, by.account_id
    review.decision, review.reason = decision, reason
    if decision != Decision.KEEP:
        _lift(referral, by=by, now=now)
    if decision != Decision.KEEP or review.asked_through == "desk":
        _ring_them(referral, now=now)
    record(
        "review.decided",
        "referral",
        referral.id,
        by=by,
        now=now,
        person_id=referral.person_id,
        decision=str(decision),
    )


def _lift(referral: Referral, *, by: Actor, now: datetime) -> None:
    """The bar, and what was declined on it meanwhile; a force that referred twice and read two endings reads two."""
    barred_until = referral.bar_until
    for barred in _ended_with(referral):
        _may_again(barred, corrects=last_event(barred.id, "referral.not_engaged"), now=now)
        if barred.id != referral.id:
            overtake_review(barred.id, now=now)
    for declined in _declined_on(referral, barred_until):
        first = last_event(declined.id, "referral.declined")
        _may_again(declined, corrects=first, now=now)
        record("bar.lifted", "referral", declined.id, by=by, now=now, person_id=declined.person_id)


def _may_again(referral: Referral, *, corrects: str | None, now: datetime) -> None:
    """A correction carries no log, and so takes back the one that was told with the bar."""
    referral.may_reoffer, referral.bar_until = True, None
    tell(referral, "outcome.corrected", now=now, corrects=corrects)


def _ended_with(referral: Referral) -> list[Referral]:
    """The referral, and others of its force that the same case served and that ended with the same bar."""
    return list(
        db.session.scalars(
            sa.select(Referral)
            .where(
                Referral.case_id == referral.case_id,
                Referral.force_id == referral.force_id,
                Referral.status == Status.NOT_ENGAGED,
                Referral.bar_until == referral.bar_until,
            )
            .order_by(Referral.id)
        )
    )


def _declined_on(referral: Referral, barred_until: date | None) -> list[Referral]:
    """Referrals of the person that were declined on this bar, and say until when it stands; none while another does."""
    other = aliased(Referral)
    still = sa.exists().where(
        other.person_id == referral.person_id,
        other.status == Status.NOT_ENGAGED,
        other.bar_until == barred_until,
    )
    return list(
        db.session.scalars(
            sa.select(Referral)
            .where(
                Referral.person_id == referral.person_id,
                Referral.status == Status.DECLINED,
                Referral.decline_reason == DeclineReason.DID_NOT_ENGAGE,
                Referral.bar_until == barred_until,
                ~still,
            )
            .order_by(Referral.id)
        )
    )


def _ring_them(referral: Referral, *, now: datetime) -> None:
    """They hear of it from a voice, never by a text: whoever reads that must not learn that there was a bar."""
    raise_task("review_decided", case_id=referral.case_id, due_at=end_of_day_in(1, now=now), now=now)
