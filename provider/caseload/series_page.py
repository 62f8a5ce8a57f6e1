"""A run of sessions before it is put on: its days, those passed over, and who would be in two places at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from provider.caseload.facilitator_diary import Clash, clashes_of
from provider.domain.courses.series import Days
from provider.domain.courses.sessions import PlannedSession
from provider.domain.diary.models import DiaryCell
from provider.kernel.calendar import quarter_hours
from provider.kernel.database import db


@dataclass(frozen=True)
class SeriesLine:
    """One session of the run. ``busy`` run another session then, ``calls`` are booked with somebody: neither can be.
    ``away`` are not there, and may be all the same.
    """

    starts_at: datetime
    busy: tuple[str, ...]
    calls: tuple[Clash, ...]
    away: tuple[Clash, ...]

    @property
    def possible(self) -> bool:
        return not self.busy and not self.calls


@dataclass(frozen=True)
class SeriesPage:
    lines: tuple[SeriesLine, ...]
    skipped: tuple[date, ...]
    cut: bool

    @property
    def possible(self) -> bool:
        """Whether it can be put on as it is."""
        return bool(self.lines) and all(line.possible for line in self.lines)

    @property
    def clashing(self) -> bool:
        return any(line.away for line in self.lines)


def series_page(planned: Sequence[PlannedSession], days: Days, *, names: Mapping[int, str]) -> SeriesPage:
    """Three queries, however long the run; ``names`` are those of the facilitators by account."""
    accounts = tuple(planned[0].roles) if planned else ()
    taken = _taken(accounts, planned)
    minds = clashes_of(accounts, [(one.starts_at, one.minutes) for one in planned])
    lines = tuple(
        SeriesLine(
            one.starts_at,
            busy=tuple(names[who] for who in accounts if _meets(one, taken, who)),
            calls=tuple(clash for clash in mind if clash.call_at is not None),
            away=tuple(clash for clash in mind if clash.call_at is None),
        )
        for one, mind in zip(planned, minds, strict=True)
    )
    return SeriesPage(lines, days.skipped, days.cut)


def _taken(accounts: Sequence[int], planned: Sequence[PlannedSession]) -> set[tuple[int, int]]:
    """The quarter hours in which these people run a session already."""
    if not planned:
        return set()
    cells = [quarter_hours(one.starts_at, one.minutes) for one in planned]
    rows = db.session.execute(
        sa.select(DiaryCell.worker_id, DiaryCell.cell).where(
            DiaryCell.worker_id.in_(accounts),
            DiaryCell.session_id.is_not(None),
            DiaryCell.cell >= min(one.start for one in cells),
            DiaryCell.cell < max(one.stop for one in cells),
        )
    )
    return {(row[0], row[1]) for row in rows}


def _meets(one: PlannedSession, taken: set[tuple[int, int]], account_id: int) -> bool:
    return any((account_id, cell) in taken for cell in quarter_hours(one.starts_at, one.minutes))
