"""What was marked on a register, by whom, and what can be pressed next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.comings import NOTHING_NOTED, Stay, Tap, offered
from provider.domain.courses.models import AttendanceMark, MarkTakenBack
from provider.kernel.database import db


@dataclass(frozen=True)
class Marked:
    """A mark as it stands or stood: what, by whom and when; ``reason`` where it was corrected afterwards.

    ``together``: it was made for everybody at once, because a session failed through our fault.
    """

    id: int
    code: Attendance
    minutes: int | None
    by: str
    at: datetime
    reason: str | None
    stay: Stay
    together: bool
    taken_back_at: datetime | None


def marks_of(place_ids: Sequence[int]) -> dict[int, tuple[Marked, ...]]:
    """By place every mark, newest first: those that were taken back, too. One query."""
    rows = db.session.execute(
        sa.select(AttendanceMark, Account.name, MarkTakenBack.at)
        .join(Account, Account.id == AttendanceMark.by_id)
        .outerjoin(MarkTakenBack, MarkTakenBack.mark_id == AttendanceMark.id)
        .where(AttendanceMark.place_id.in_(place_ids))
        .order_by(AttendanceMark.id.desc())
    )
    marks: dict[int, tuple[Marked, ...]] = {}
    for entry, by, taken_back_at in rows:
        marked = Marked(
            id=entry.id,
            code=Attendance(entry.code),
            minutes=entry.minutes_present,
            by=by,
            at=entry.at,
            reason=entry.reason,
            stay=entry.stay,
            together=entry.together is not None,
            taken_back_at=taken_back_at,
        )
        marks[entry.place_id] = (*marks.get(entry.place_id, ()), marked)
    return marks


def taps_after(marks: Sequence[Marked], *, running: bool) -> tuple[Tap, ...]:
    """What can be pressed next, by the mark that stands."""
    for mark in marks:
        if mark.taken_back_at is None:
            return offered(mark.code, mark.stay, running=running)
    return offered(None, NOTHING_NOTED, running=running)
