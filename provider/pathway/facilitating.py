"""Somebody runs a session: that time of theirs is taken in their diary, where nobody books a call with them.

Diaries are held last, after every case that the same transaction locks, as whoever books a call does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.accounts.models import Account
from provider.domain.courses import facilitating
from provider.domain.courses.facilitating import FacilitatorRole, facilitators, running_of
from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.domain.diary.cells import free_session, take_cells, taken_by
from provider.domain.diary.turns import hold_diaries, hold_diary
from provider.kernel.actors import Actor
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db
from provider.kernel.errors import Refusal


class FacilitatorBusy(Refusal):
    """``account_id`` is whoever would have to be in two places at once; ``said`` goes after their name."""

    code = "facilitator_busy"
    sentence = "That facilitator runs another session at that time. Choose another facilitator or time."
    said = "runs another session at that time"

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        super().__init__()


class FacilitatorRings(FacilitatorBusy):
    code = "facilitator_rings"
    sentence = (
        "That facilitator has a call booked at that time. Spread it, or choose another facilitator or time."
    )
    said = "has a call at that time"


class HasLeft(FacilitatorBusy):
    code = "has_left"
    sentence = "Their account is closed. Choose somebody else."
    said = "has left: their account is closed"


def put_to(
    session: CourseSession,
    account_id: int,
    role: FacilitatorRole,
    *,
    covers: SessionFacilitator | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Somebody runs a session from now on.

    Raises FacilitatorBusy, FacilitatorRings, HasLeft, or FacilitatingAlready where they run this very one.
    """
    facilitating.facilitate(session, account_id, role, covers=covers, by=by, now=now)
    hold_diary(account_id)
    if not db.session.scalar(sa.select(Account.active).where(Account.id == account_id)):
        raise HasLeft(account_id)
    _take_time(session, account_id)


def put_all_to(
    crews: Mapping[CourseSession, Mapping[int, FacilitatorRole]], *, by: Actor, now: datetime
) -> None:
    """The same for everybody who is to run these sessions, by account. Nobody is put to any where one cannot be."""
    hold_diaries(account_id for crew in crews.values() for account_id in crew)
    for session, crew in crews.items():
        for account_id, role in sorted(crew.items()):
            put_to(session, account_id, role, by=by, now=now)


def stand_down(session_id: int, account_id: int, *, because: str, now: datetime) -> SessionFacilitator:
    """Somebody runs a session no more: their time is free. Raises NotFacilitating."""
    hold_diary(account_id)
    stood_down = facilitating.stand_down(session_id, account_id, because=because, now=now)
    free_session(session_id, worker_id=account_id)
    return stood_down


def stand_down_from_all(account_id: int, *, because: str, now: datetime) -> Sequence[int]:
    """Somebody runs none of the sessions that are to come any more; answers the ids of those that they would have."""
    hold_diary(account_id)
    session_ids = running_of(account_id, now=now)
    for session_id in session_ids:
        stand_down(session_id, account_id, because=because, now=now)
    return session_ids


def keep_time(session: CourseSession) -> None:
    """Take everybody's time anew, after the session has another one. Raises FacilitatorBusy, FacilitatorRings."""
    running = [one.account_id for one in facilitators(session.id)]
    hold_diaries(running)
    free_session(session.id)
    for account_id in running:
        _take_time(session, account_id)


def _take_time(session: CourseSession, account_id: int) -> None:
    """Looked at before it is taken, so that nobody who holds a diary waits for whoever gives time back."""
    cells = quarter_hours(session.starts_at, session.minutes)
    standing = taken_by(account_id, cells)
    if standing:
        raise FacilitatorRings(account_id) if "call" in standing else FacilitatorBusy(account_id)
    try:
        with db.session.begin_nested():
            take_cells(account_id, cells, session_id=session.id)
    except IntegrityError:
        raise FacilitatorBusy(account_id) from None
