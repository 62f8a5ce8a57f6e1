"""An attendance was marked wrongly: what had followed from it is put right, and each force that was told hears so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import Place
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import booking, closing, deadlines, reoffering
from provider.pathway.counting import calls_done, completing, course_done, miss_uses_chance, pathway_of_place
from provider.pathway.steps import move, terms_of_each
from provider.pathway.weighing import level_that_counts

MISSED = "missed_intervention"


def put_right(
    case: Case, place: Place, before: Attendance, code: Attendance, *, by: Actor, now: datetime
) -> None:
    """Bring about what would have followed had the place been marked, from the first, ``code``.

    The person and the case are locked. Raises HasAnotherCase where the case would have to be opened again, and the
    person has another one by now.
    """
    pathway = pathway_of_place(place)
    served = _ended(case, set(Status))
    if before.missed and not code.missed and miss_uses_chance(terms_of_each(served), pathway):
        case.misses = max(case.misses - 1, 0)
    done = [referral for referral in served if course_done(referral, pathway, code)]
    undone = [one for one in served if one not in done and course_done(one, pathway, before)]
    if done:
        _completed(case, done, by=by, now=now)
    if undone:
        _not_completed(case, place, undone, missed=code.missed, by=by, now=now)
    elif not done and before.missed and not code.missed:
        _not_missed(case, place, by=by, now=now)
    elif not done and code.missed and not before.missed and case.closed_at is None:
        booking.count_miss(case, pathway, reason=MISSED, by=by, now=now)


def _completed(case: Case, done: Collection[Referral], *, by: Actor, now: datetime) -> None:
    if case.closed_at is None:
        closing.complete_where(case, lambda referral: referral in done, by=by, now=now)
        return
    for referral in done:
        if referral.status in {Status.NOT_ENGAGED, Status.NOT_REACHED}:
            closing.complete_after_all(referral, corrects=_ending_told(referral), by=by, now=now)


def _not_completed(
    case: Case, place: Place, undone: Collection[Referral], *, missed: bool, by: Actor, now: datetime
) -> None:
    """Back in line for a place. Who completed by the assessment alone has done so all the same."""
    completed = [
        referral
        for referral in undone
        if referral.status == Status.COMPLETED
        and level_that_counts(referral) == "intervention"
        and not _came_otherwise(referral, place)
    ]
    if not completed:
        return
    _open_again(case, completed, by=by, now=now)
    if missed:
        booking.count_miss(case, pathway_of_place(place), reason=MISSED, by=by, now=now)
    if case.closed_at is None:
        reoffering.in_line_again(case, place, missed=missed, by=by, now=now)


def _not_missed(case: Case, place: Place, *, by: Actor, now: datetime) -> None:
    """Whom the miss had ended has a chance again. Who ended otherwise since has ended."""
    ended = [referral for referral in _ended(case, {Status.NOT_ENGAGED}) if referral.ended_reason == MISSED]
    if case.closed_at is None or not ended:
        return
    if case.misses <= max(terms.misses_allowed for terms in terms_of_each(ended)):
        _open_again(case, ended, by=by, now=now)
        reoffering.in_line_again(case, place, missed=False, by=by, now=now)


def _open_again(case: Case, referrals: Collection[Referral], *, by: Actor, now: datetime) -> None:
    closing.open_again(case)
    deadlines.begin_course(case, terms_of_each(list(referrals)), now=now)
    for referral in referrals:
        corrects = _ending_told(referral)
        closing.clear_ending(referral, now=now)
        referral.level = "assessment"
        move(referral, Status.ASSESSED, by=by, now=now, reason="attendance_corrected", corrects=corrects)


def _ending_told(referral: Referral) -> str | None:
    """The event by which the force was told how it ended; a correction that said so where it was the last to."""
    return closing.last_event(referral.id, f"referral.{referral.status}", "outcome.corrected")


def _came_otherwise(referral: Referral, place: Place) -> bool:
    """Whether another session, or a one-to-one, completed it as well."""
    others = db.session.scalars(
        sa.select(Place)
        .where(Place.case_id == referral.case_id, Place.id != place.id, Place.attendance.is_not(None))
        .order_by(Place.id)
    )
    came = (other.attendance in completing(referral, pathway_of_place(other)) for other in others)
    return any(came) or calls_done(referral)


def _ended(case: Case, statuses: Collection[Status]) -> list[Referral]:
    return list(
        db.session.scalars(
            sa.select(Referral)
            .where(Referral.case_id == case.id, Referral.status.in_(statuses))
            .order_by(Referral.id)
        )
    )
