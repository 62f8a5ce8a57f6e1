"""The sessions that a course is short of, each at a time that suits what people asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from provider.domain.accounts.models import Account
from provider.domain.accounts.roles import Permission, Role, may
from provider.domain.contact.times import PartOfDay
from provider.domain.courses.models import CourseSession
from provider.domain.courses.proposing import Proposed, Room, propose
from provider.domain.diary.closures import closed_days
from provider.domain.diary.models import Absence, DiaryCell
from provider.kernel.calendar import at_london, london_date, quarter_hours
from provider.kernel.database import db
from provider.kernel.errors import NotFound
from provider.reporting.demand import A_WEEK, CourseDemand, demand_page, mondays_ahead

STARTS: Mapping[PartOfDay, time] = {
    PartOfDay.MORNING: time(10),
    PartOfDay.AFTERNOON: time(14),
    PartOfDay.EVENING: time(18),
}
AFTER_SCHOOL = time(16, 30)
"""Young people come straight from school: an evening is not asked of them."""

NOTICE = timedelta(days=3)


@dataclass(frozen=True)
class ProposedSession:
    """``facilitator`` is None where nobody is free: somebody is found, or it is put on without."""

    starts_at: datetime
    facilitator_id: int | None
    facilitator: str | None

    @property
    def key(self) -> str:
        """What a page names it by."""
        return f"{self.starts_at:%Y%m%dT%H%M}.{self.facilitator_id or 0}"


@dataclass(frozen=True)
class ProposalsPage:
    demand: CourseDemand
    sessions: tuple[ProposedSession, ...]


def proposals_page(course_id: int, *, now: datetime) -> ProposalsPage:
    """The sessions that a course is short of. Raises NotFound for a course that is not run. In twelve queries."""
    lines = demand_page(now=now).courses
    demand = next((one for one in lines if one.course_id == course_id and one.language is None), None)
    if demand is None:
        raise NotFound
    names = _facilitators()
    found = propose(
        {week.monday: week.short for week in demand.weeks if week.short},
        starts=_starts(demand),
        minutes=demand.minutes,
        room=_room(list(names), now=now),
        not_before=now + NOTICE,
    )
    return ProposalsPage(demand, tuple(_named(one, names) for one in found))


def _named(one: Proposed, names: Mapping[int, str]) -> ProposedSession:
    name = names[one.facilitator_id] if one.facilitator_id is not None else None
    return ProposedSession(one.starts_at, one.facilitator_id, name)


def _starts(demand: CourseDemand) -> Mapping[time, int]:
    asked: Counter[time] = Counter()
    for part, start in STARTS.items():
        after_school = demand.young_people and part is not PartOfDay.MORNING
        asked[AFTER_SCHOOL if after_school else start] += demand.asked.get(part, 0)
    return asked


def _facilitators() -> dict[int, str]:
    """Who runs sessions, by name: facilitators, and not everybody who may."""
    rows = db.session.execute(
        sa.select(Account.id, Account.name)
        .where(Account.active, Account.role == Role.FACILITATOR)
        .order_by(Account.name, Account.id)
    )
    return {row.id: row.name for row in rows if may(Role.FACILITATOR, Permission.RUN_REGISTER)}


def _room(facilitators: Sequence[int], *, now: datetime) -> Room:
    mondays = mondays_ahead(now)
    begins, ends = now, at_london(mondays[-1] + A_WEEK, time(0))
    return Room(
        _held(begins, ends), facilitators, _busy(facilitators, begins, ends), closed_days(since=mondays[0])
    )


def _held(begins: datetime, ends: datetime) -> Mapping[date, int]:
    """How many sessions of any course begin on each day."""
    found = sa.select(CourseSession.starts_at).where(
        CourseSession.state == "open", CourseSession.starts_at >= begins, CourseSession.starts_at < ends
    )
    return Counter(london_date(starts_at) for starts_at in db.session.scalars(found))


def _busy(facilitators: Sequence[int], begins: datetime, ends: datetime) -> Mapping[int, set[int]]:
    """The quarter hours in which each runs another session, has a call in the diary, or is away."""
    busy: dict[int, set[int]] = defaultdict(set)
    cells = quarter_hours(begins, int((ends - begins).total_seconds() // 60))
    rows = db.session.execute(
        sa.select(DiaryCell.worker_id, DiaryCell.cell).where(
            DiaryCell.worker_id.in_(facilitators), DiaryCell.cell >= cells.start, DiaryCell.cell < cells.stop
        )
    )
    for account_id, taken in rows:
        busy[account_id].add(taken)
    away = sa.select(Absence).where(
        Absence.worker_id.in_(facilitators), Absence.starts_at < ends, Absence.ends_at > begins
    )
    for absence in db.session.scalars(away):
        first, last = max(absence.starts_at, begins), min(absence.ends_at, ends)
        busy[absence.worker_id].update(quarter_hours(first, int((last - first).total_seconds() // 60) or 1))
    return busy
