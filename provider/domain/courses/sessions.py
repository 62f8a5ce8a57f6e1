"""Sessions are put on; whether one can still be booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.courses.facilitating import FacilitatorRole
from provider.domain.courses.models import CourseSession
from provider.kernel.database import db

_OF_FACILITATORS = frozenset({"facilitator_id", "second_ids"})


@dataclass(frozen=True)
class PlannedSession:
    """A session as somebody wants it: ``starts_at`` aware, ``minutes`` its length, ``capacity`` its places.

    ``facilitator_id`` leads it, ``second_ids`` help; ``closes_at`` is when nobody can book it any more, None its start.
    ``held_at`` is the address of its room; one in a room needs no ``join_url``.
    """

    course_id: int
    starts_at: datetime
    minutes: int
    capacity: int
    facilitator_id: int | None
    join_url: str
    meeting_number: str | None = None
    held_at: str | None = None
    dial_in: str | None = None
    second_ids: tuple[int, ...] = ()
    closes_at: datetime | None = None

    @property
    def roles(self) -> dict[int, FacilitatorRole]:
        """Who runs it, by account, and as what."""
        roles = dict.fromkeys(self.second_ids, FacilitatorRole.SECOND)
        return roles if self.facilitator_id is None else {**roles, self.facilitator_id: FacilitatorRole.LEAD}


def put_on(planned: PlannedSession) -> CourseSession:
    """Add an open session. Nobody runs it yet."""
    own = {name: value for name, value in vars(planned).items() if name not in _OF_FACILITATORS}
    session = CourseSession(**own, state="open")
    db.session.add(session)
    db.session.flush()
    return session


def is_open(session: CourseSession, now: datetime) -> bool:
    """Whether places are given in a session: it is to be held, and its time to book is not over."""
    return session.state == "open" and (session.closes_at or session.starts_at) > now


def still_open(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """The same of a ``CourseSession`` in a query."""
    return (
        CourseSession.state == "open",
        CourseSession.starts_at > now,
        sa.or_(CourseSession.closes_at.is_(None), CourseSession.closes_at > now),
    )


def coming_sessions(course_id: int, *, now: datetime) -> tuple[int, ...]:
    """Ids of the sessions of a course in which places are given, soonest first."""
    found = sa.select(CourseSession.id).where(CourseSession.course_id == course_id, *still_open(now))
    return tuple(db.session.scalars(found.order_by(CourseSession.starts_at, CourseSession.id)))
