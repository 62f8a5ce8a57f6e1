"""Somebody gives up the place that is to come, or the offer of one, which they may not have any more."""

from __future__ import annotations

from datetime import datetime

from provider.domain.contact.tasks import raise_task
from provider.domain.courses.models import CourseSession
from provider.domain.courses.places import coming_place
from provider.domain.courses.waiting import leave_waiting_list, waiting_of
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.pathway.allocating import give_back_place
from provider.pathway.offering import let_offer_go, offer_free_places
from provider.pathway.placing import is_for, may_sit
from provider.pathway.steps import move_case


def unseat(case_id: int, *, by: Actor, now: datetime) -> None:
    """Take back the place a case has coming, which then is a task for its worker; or its offer: the turn stays.

    The case is locked. Raises what give_back_place raises.
    """
    waiting = waiting_of(case_id)
    if waiting is None or waiting.offered_place_id is None:
        give_back_place(case_id, because="rearranged", by=by, now=now)
    elif (session_id := let_offer_go(case_id, now=now)) is not None:
        offer_free_places(session_id, by=by, now=now)


def unseat_where_wrong(case: Case, *, by: Actor, now: datetime) -> None:
    """The same where they turned out to be of another age than the course, or kept apart from somebody in the session.

    Who waits for a course of another age waits no longer, and needs one of theirs: a task says so. The case is locked.
    """
    place = coming_place(case.id)
    session = db.session.get_one(CourseSession, place.session_id) if place is not None else None
    if session is not None and session.starts_at > now and not may_sit(case, session):
        unseat(case.id, by=by, now=now)
    waiting = waiting_of(case.id)
    if waiting is None or waiting.offered_place_id is not None:
        return
    if not is_for(case, waiting.course_id, now=now):
        leave_waiting_list(waiting, because="another_age", now=now)
        move_case(case, Status.ASSESSED, by=by, now=now)
        raise_task("place", case_id=case.id, due_at=now, now=now)
