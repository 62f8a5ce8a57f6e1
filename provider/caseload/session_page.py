"""One session: what it is, who runs it and who did before, and what can still be changed of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.session_lines import SessionLine, session_line
from provider.domain.accounts.models import Account
from provider.domain.courses.models import CourseSession, SessionFacilitator
from provider.kernel.database import db


@dataclass(frozen=True)
class StoodDown:
    """Somebody who was to run it and does not; ``cover`` is whoever does instead."""

    name: str
    at: datetime | None
    because: str
    cover: str | None


@dataclass(frozen=True)
class SessionPage:
    line: SessionLine
    session: CourseSession
    stood_down: tuple[StoodDown, ...]

    @property
    def changeable(self) -> bool:
        """Whether its time, its places and its being held can still be changed."""
        return self.line.cancellable

    @property
    def staffable(self) -> bool:
        """Whether somebody else can still run it: until its register is confirmed."""
        return self.line.register not in {"cancelled", "confirmed"}


def session_page(session_id: int, *, reader_id: int, now: datetime) -> SessionPage:
    """Raises NotFound. Four queries."""
    line = session_line(session_id, reader_id=reader_id, now=now)
    return SessionPage(line, db.session.get_one(CourseSession, session_id), _stood_down(session_id))


def _stood_down(session_id: int) -> tuple[StoodDown, ...]:
    instead, cover = aliased(SessionFacilitator), aliased(Account)
    rows = db.session.execute(
        sa.select(SessionFacilitator, Account.name, cover.name)
        .join(Account, Account.id == SessionFacilitator.account_id)
        .outerjoin(instead, instead.covers_id == SessionFacilitator.id)
        .outerjoin(cover, cover.id == instead.account_id)
        .where(SessionFacilitator.session_id == session_id, SessionFacilitator.ended_at.is_not(None))
        .order_by(SessionFacilitator.ended_at, SessionFacilitator.id)
    )
    return tuple(
        StoodDown(name, one.ended_at, one.ended_because or "", instead) for one, name, instead in rows
    )
