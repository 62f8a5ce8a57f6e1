"""Sessions are put on and called off; who waits for a place hears of it at once."""

from __future__ import annotations

from datetime import datetime

from provider.domain.audit.trail import record
from provider.domain.courses.models import CourseSession
from provider.domain.courses.sessions import PlannedSession, coming_sessions, put_on
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway.allocating import cancel_session, offer_free_places


class SessionInThePast(Refusal):
    code = "session_in_the_past"
    sentence = "A session is put on before it begins. Choose a later time."


def put_session_on(planned: PlannedSession, *, by: Actor, now: datetime) -> CourseSession:
    """Add a session, and offer its places to those who wait, in their order.

    Raises SessionInThePast or FacilitatorBusy.
    """
    if planned.starts_at <= now:
        raise SessionInThePast
    session = put_on(planned)
    record(
        "session.added",
        "session",
        session.id,
        by=by,
        now=now,
        course=planned.course_id,
        places=planned.capacity,
    )
    offer_free_places(session.id, now=now, by=by)
    return session


def call_session_off(session_id: int, *, by: Actor, now: datetime) -> int:
    """Cancel a session: everyone is told and offered what is free in the other sessions; answers how many held a place.

    Raises SessionNotOpen where it is past, closed or cancelled already.
    """
    held = cancel_session(session_id, by=by, now=now)
    offer_course_places(db.session.get_one(CourseSession, session_id).course_id, by=by, now=now)
    return held


def offer_course_places(course_id: int, *, by: Actor, now: datetime) -> int:
    """Offer every free place of a course to those who wait, the soonest session first; answers how many."""
    return sum(
        offer_free_places(session_id, now=now, by=by) for session_id in coming_sessions(course_id, now=now)
    )
