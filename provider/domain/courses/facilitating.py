"""Who runs a session, and as what. Their time is taken by ``pathway/facilitating.py``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class NotFacilitating(Refusal):
    code = "not_facilitating"
    sentence = "They do not run that session any more."


class FacilitatingAlready(Refusal):
    code = "facilitating_already"
    sentence = "They run that session already. Choose somebody else."


class FacilitatorRole(StrEnum):
    LEAD = "lead"
    SECOND = "second"
    COVER = "cover"


def facilitate(
    session: CourseSession,
    account_id: int,
    role: FacilitatorRole,
    *,
    by: Actor,
    now: datetime,
    covers: SessionFacilitator | None = None,
) -> SessionFacilitator:
    """Let somebody run a session. Raises FacilitatingAlready where they do."""
    if standing(session.id, account_id) is not None:
        raise FacilitatingAlready
    facilitator = SessionFacilitator(
        session_id=session.id,
        account_id=account_id,
        role=role.value,
        covers_id=covers.id if covers is not None else None,
        since=now,
        by=str(by),
    )
    db.session.add(facilitator)
    db.session.flush()
    return facilitator


def stand_down(session_id: int, account_id: int, *, because: str, now: datetime) -> SessionFacilitator:
    """Let somebody run a session no more. Raises NotFacilitating."""
    facilitator = standing(session_id, account_id)
    if facilitator is None:
        raise NotFacilitating
    facilitator.ended_at, facilitator.ended_because = now, because
    db.session.flush()
    return facilitator


def facilitators(session_id: int) -> Sequence[SessionFacilitator]:
    """Who runs a session now, in the order they came to it."""
    return db.session.scalars(
        sa.select(SessionFacilitator)
        .where(SessionFacilitator.session_id == session_id, SessionFacilitator.ended_at.is_(None))
        .order_by(SessionFacilitator.id)
    ).all()


def running_of(account_id: int, *, now: datetime) -> Sequence[int]:
    """Ids of the sessions to come that somebody runs, soonest first."""
    return db.session.scalars(
        sa.select(CourseSession.id)
        .join(SessionFacilitator, SessionFacilitator.session_id == CourseSession.id)
        .where(SessionFacilitator.account_id == account_id, SessionFacilitator.ended_at.is_(None))
        .where(CourseSession.state == "open", CourseSession.starts_at > now)
        .order_by(CourseSession.starts_at, CourseSession.id)
    ).all()


def nobody_runs() -> sa.ColumnElement[bool]:
    """Of a ``CourseSession`` in a query: it is to be held, and nobody runs it."""
    running = sa.select(SessionFacilitator.session_id).where(
        SessionFacilitator.session_id == CourseSession.id, SessionFacilitator.ended_at.is_(None)
    )
    return sa.and_(CourseSession.state == "open", ~running.exists())


def standing(session_id: int, account_id: int) -> SessionFacilitator | None:
    return db.session.scalars(
        sa.select(SessionFacilitator).where(
            SessionFacilitator.session_id == session_id,
            SessionFacilitator.account_id == account_id,
            SessionFacilitator.ended_at.is_(None),
        )
    ).one_or_none()
