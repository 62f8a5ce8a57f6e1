"""Which sessions are looked at: those of a course, of a facilitator, in a state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.domain.courses.sessions import still_open

STATES = {
    "bookable": "Open to book",
    "to_come": "Still to come",
    "to_confirm": "Register to confirm",
    "confirmed": "Register confirmed",
    "cancelled": "Cancelled",
}


@dataclass(frozen=True)
class SessionFilter:
    """``state`` is a key of ``STATES``; what is None is not asked for."""

    course_id: int | None = None
    facilitator_id: int | None = None
    state: str | None = None


NO_FILTER = SessionFilter()


def chosen(only: SessionFilter, *, now: datetime) -> list[sa.ColumnElement[bool]]:
    """What holds of every ``CourseSession`` that is looked at."""
    asked: list[sa.ColumnElement[bool]] = []
    if only.course_id is not None:
        asked.append(CourseSession.course_id == only.course_id)
    if only.facilitator_id is not None:
        asked.append(_run_by(only.facilitator_id))
    if only.state is not None:
        asked.append(_in_state(only.state, now=now))
    return asked


def _run_by(account_id: int) -> sa.ColumnElement[bool]:
    theirs = sa.select(SessionFacilitator.session_id).where(
        SessionFacilitator.account_id == account_id, SessionFacilitator.ended_at.is_(None)
    )
    return CourseSession.id.in_(theirs)


def _in_state(state: str, *, now: datetime) -> sa.ColumnElement[bool]:
    held = CourseSession.state != "cancelled"
    return {
        "bookable": sa.and_(*still_open(now)),
        "to_come": sa.and_(held, CourseSession.starts_at > now),
        "to_confirm": sa.and_(held, CourseSession.confirmed_at.is_(None), CourseSession.starts_at <= now),
        "confirmed": CourseSession.confirmed_at.is_not(None),
        "cancelled": CourseSession.state == "cancelled",
    }[state]
