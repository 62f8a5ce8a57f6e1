"""An attendance was marked wrongly: what had followed from it is put right, and each force that was told hears so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place
from provider.domain.referrals.models import Case, Referral
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway import booking, reoffering, revising
from provider.pathway.counting import (
    calls_done,
    came_back_at,
    course_done,
    miss_uses_chance,
    pathway_of_place,
)
from provider.pathway.steps import terms_of_each

MISSED = "missed_intervention"
CORRECTED = "attendance_corrected"


def put_right(
    case: Case, place: Place, before: Attendance, code: Attendance, *, by: Actor, now: datetime
) -> None:
    """Bring about what would have followed had the place been marked, from the first, ``code``.

    The person and the case are locked. Raises HasAnotherCase where the case would have to be opened again, and the
    person has another one by now.
    """
    pathway = pathway_of_place(place)
    served = revising.referrals_of(case)
    used = before.missed and miss_uses_chance(terms_of_each(served), pathway)
    if used and not code.missed and _since_they_came_back(case, place):
        case.misses = max(case.misses - 1, 0)
    done = [referral for referral in served if course_done(referral, pathway, code)]
    undone = [one for one in served if one not in done and course_done(one, pathway, before)]
    excused = before.missed and not code.missed
    ended = [one for one in revising.chance_left(case) if one.ended_reason == MISSED] if excused else []
    if done:
        revising.complete(case, done, reason=CORRECTED, by=by, now=now)
    if undone:
        _not_completed(case, place, undone, missed=code.missed, by=by, now=now)
    elif excused:
        _not_missed(case, place, [one for one in ended if one not in done], by=by, now=now)
    elif not done and code.missed and not before.missed and case.closed_at is None:
        reoffering.put_in_turn(case, place, missed=True, now=now)
        if _since_they_came_back(case, place):
            booking.count_miss(case, pathway, reason=MISSED, by=by, now=now)


def _since_they_came_back(case: Case, place: Place) -> bool:
    """Whether what was missed used one of the chances that they have now: who came back had every one anew."""
    confirmed_at = db.session.get_one(CourseSession, place.session_id).confirmed_at
    return confirmed_at is not None and confirmed_at > came_back_at(case.id)


def _not_completed(
    case: Case, place: Place, undone: Collection[Referral], *, missed: bool, by: Actor, now: datetime
) -> None:
    """Back in line for a place. Who had enough one-to-ones as well has completed all the same."""
    completed = [one for one in revising.rested_on_it(undone, but=place) if not calls_done(one)]
    if not completed:
        return
    revising.open_again(case, completed, reason=CORRECTED, by=by, now=now)
    if missed and _since_they_came_back(case, place):
        booking.count_miss(case, pathway_of_place(place), reason=MISSED, by=by, now=now)
    if case.closed_at is None:
        reoffering.in_line_again(case, place, missed=missed, by=by, now=now)


def _not_missed(case: Case, place: Place, ended: Collection[Referral], *, by: Actor, now: datetime) -> None:
    """Whom the miss had ended has a chance again; who waits has the turn they had. Who ended otherwise has ended."""
    reoffering.put_in_turn(case, place, missed=False, now=now)
    if ended:
        revising.open_again(case, ended, reason=CORRECTED, by=by, now=now)
        reoffering.in_line_again(case, place, missed=False, by=by, now=now)
