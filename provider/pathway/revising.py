"""An ending rested on what had been recorded wrongly: it is completed after all, or open again, and each force that was
told hears so.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.models import Place
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import closing
from provider.pathway.counting import came_back_at, completing, pathway_of_place
from provider.pathway.steps import move, terms_of_each
from provider.pathway.weighing import level_that_counts

MISSED = frozenset({"missed_assessment", "missed_intervention"})
"""Why somebody was not engaged who had no chance left."""


def referrals_of(case: Case, statuses: Collection[Status] = frozenset(Status)) -> list[Referral]:
    """Those that a case serves, or served, oldest first."""
    found = sa.select(Referral).where(Referral.case_id == case.id, Referral.status.in_(statuses))
    return list(db.session.scalars(found.order_by(Referral.id)))


def complete(case: Case, done: Collection[Referral], *, reason: str, by: Actor, now: datetime) -> None:
    """What was asked of these was done; also of those that had ended for want of it. Withdrawn is withdrawn."""
    if case.closed_at is None:
        closing.complete_where(case, lambda referral: referral in done, by=by, now=now)
        return
    for referral in done:
        if referral.status in {Status.NOT_ENGAGED, Status.NOT_REACHED}:
            told = ending_told(referral)
            closing.complete_after_all(referral, reason=reason, corrects=told, by=by, now=now)


def rested_on_it(undone: Collection[Referral], *, but: Place | None = None) -> list[Referral]:
    """Those of ``undone`` that have completed, and would not have: by no other session than ``but`` either.

    Who completed by the assessment alone has done so all the same.
    """
    return [
        referral
        for referral in undone
        if referral.status == Status.COMPLETED
        and level_that_counts(referral) == "intervention"
        and not _came_to_a_session(referral, but=but)
    ]


def chance_left(case: Case) -> list[Referral]:
    """Those that ended because a chance was missed, where by now there is one left; none while the case is open, and
    none that had ended before they last came back.
    """
    since = came_back_at(case.id)
    ended = [
        one
        for one in referrals_of(case, {Status.NOT_ENGAGED})
        if one.ended_reason in MISSED and one.closed_at is not None and one.closed_at > since
    ]
    if case.closed_at is None or not ended:
        return []
    return ended if case.misses <= max(terms.misses_allowed for terms in terms_of_each(ended)) else []


def open_again(case: Case, referrals: Collection[Referral], *, reason: str, by: Actor, now: datetime) -> None:
    """They go on from where they were before what ended them. The person is locked. Raises HasAnotherCase."""
    closing.open_again(case, now=now)
    for referral in referrals:
        corrects = ending_told(referral)
        closing.clear_ending(referral, now=now)
        if referral.level != "none":
            referral.level = "assessment"
        to = Status.ACCEPTED if referral.level == "none" else Status.ASSESSED
        move(referral, to, by=by, now=now, reason=reason, corrects=corrects)
    closing.begin_again(case, list(referrals), now=now)


def ending_told(referral: Referral) -> str | None:
    """The event by which the force was told how it ended; a correction that said so where it was the last to."""
    return closing.last_event(referral.id, f"referral.{referral.status}", "outcome.corrected")


def _came_to_a_session(referral: Referral, *, but: Place | None) -> bool:
    places = sa.select(Place).where(Place.case_id == referral.case_id, Place.attendance.is_not(None))
    if but is not None:
        places = places.where(Place.id != but.id)
    came = (
        place.attendance in completing(referral, pathway_of_place(place))
        for place in db.session.scalars(places.order_by(Place.id))
    )
    return any(came)
