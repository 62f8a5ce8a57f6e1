"""Who runs a session. The database allows each of a facilitator's quarter hours to one session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.courses.models import CourseSession, FacilitatorCell, SessionFacilitator
from provider.kernel.actors import Actor
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class FacilitatorBusy(Refusal):
    """``account_id`` is whoever would have to be in two sessions at once."""

    code = "facilitator_busy"
    sentence = "That facilitator runs another session at that time. Choose another facilitator or time."

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        super().__init__()


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
    """Put somebody to a session. Raises FacilitatorBusy, or FacilitatingAlready where they run this very one."""
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
    _take_time(session, account_id)
    return facilitator


def stand_down(session_id: int, account_id: int, *, because: str, now: datetime) -> SessionFacilitator:
    """Let somebody run a session no more: their time is free. Raises NotFacilitating."""
    facilitator = standing(session_id, account_id)
    if facilitator is None:
        raise NotFacilitating
    facilitator.ended_at, facilitator.ended_because = now, because
    _free_time(session_id, account_id)
    return facilitator


def keep_time(session: CourseSession) -> None:
    """Take everybody's time anew, after the session has another one. Raises FacilitatorBusy."""
    free_time(session.id)
    for facilitator in facilitators(session.id):
        _take_time(session, facilitator.account_id)


def free_time(session_id: int) -> None:
    """Give back everybody's time: the session is not held."""
    db.session.execute(sa.delete(FacilitatorCell).where(FacilitatorCell.session_id == session_id))


def facilitators(session_id: int) -> Sequence[SessionFacilitator]:
    """Who runs a session now, in the order they came to it."""
    return db.session.scalars(
        sa.select(SessionFacilitator)
        .where(SessionFacilitator.session_id == session_id, SessionFacilitator.ended_at.is_(None))
        .order_by(SessionFacilitator.id)
    ).all()


def standing(session_id: int, account_id: int) -> SessionFacilitator | None:
    return db.session.scalars(
        sa.select(SessionFacilitator).where(
            SessionFacilitator.session_id == session_id,
            SessionFacilitator.account_id == account_id,
            SessionFacilitator.ended_at.is_(None),
        )
    ).one_or_none()


def _take_time(session: CourseSession, account_id: int) -> None:
    cells = quarter_hours(session.starts_at, session.minutes)
    try:
        with db.session.begin_nested():
            db.session.add_all(
                FacilitatorCell(account_id=account_id, cell=cell, session_id=session.id) for cell in cells
            )
            db.session.flush()
    except IntegrityError:
        raise FacilitatorBusy(account_id) from None


def _free_time(session_id: int, account_id: int) -> None:
    db.session.execute(
        sa.delete(FacilitatorCell).where(
            FacilitatorCell.session_id == session_id, FacilitatorCell.account_id == account_id
        )
    )
