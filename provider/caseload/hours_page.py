"""When one worker is there: the weeks that stand and are to come, absences, and calls that neither allows for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.calls_outside import CallOutside, calls_outside
from provider.caseload.my_day import CALLERS, Worker, everyone_who_rings
from provider.domain.accounts.calendar_links import link_made_at
from provider.domain.accounts.models import Account
from provider.domain.diary.hours import Hours, Layout, layout_on
from provider.domain.diary.languages import languages_of
from provider.domain.diary.models import Absence
from provider.domain.diary.queries import ever_valid
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import NotFound

KEPT_IN_SIGHT = timedelta(days=28)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WeekShown:
    """Stretches of each weekday from Monday on, as (from, until) in minutes, with how calls are laid out in them."""

    valid_from: date
    valid_until: date | None
    days: tuple[tuple[tuple[int, int], ...], ...]
    layout: Layout

    @property
    def works(self) -> bool:
        return any(self.days)


@dataclass(frozen=True)
class AbsenceLine:
    """``to_come``: it can still be ended."""

    id: int
    reason: str
    starts_at: datetime
    ends_at: datetime
    entered_by: str
    ended_early: bool
    to_come: bool


@dataclass(frozen=True)
class HoursPage:
    """``weeks`` in the order they come, the one that holds today first.

    ``link_made_at``: since when a calendar of the worker's can read the diary, where it can; ``own``: the reader's own.
    """

    worker: Worker
    own: bool
    weeks: tuple[WeekShown, ...]
    languages: tuple[str, ...]
    absences: tuple[AbsenceLine, ...]
    link_made_at: datetime | None
    outside: tuple[CallOutside, ...]


def worker_who_rings(worker_id: int) -> Worker:
    """Raises NotFound for whoever rings nobody."""
    found = next((one for one in everyone_who_rings() if one.id == worker_id), None)
    if found is None:
        raise NotFound
    return found


def worker_who_rang(worker_id: int) -> Worker:
    """The same for who has left too: calls may still be booked with them."""
    found = db.session.execute(
        sa.select(Account.id, Account.name, sa.not_(Account.active).label("left")).where(
            Account.id == worker_id, Account.role.in_(CALLERS)
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return Worker(found.id, found.name, left=found.left)


def hours_page(worker: Worker, *, reader_id: int, now: datetime) -> HoursPage:
    """The hours of one worker in a fixed number of queries."""
    return HoursPage(
        worker=worker,
        own=worker.id == reader_id,
        weeks=weeks_of(worker.id, now=now),
        languages=languages_of(worker.id),
        absences=_absences(worker.id, now=now),
        link_made_at=link_made_at(worker.id),
        outside=calls_outside(worker.id, reader_id=reader_id, now=now),
    )


def weeks_of(worker_id: int, *, now: datetime) -> tuple[WeekShown, ...]:
    """The week that stands today, and those that are to come. Two queries."""
    today = london_date(now)
    hours, layouts = ever_valid(worker_id, since=today)
    begins = {max(each.valid_from, today) for each in (*hours, *layouts)}
    begins |= {each.valid_until + ONE_DAY for each in (*hours, *layouts) if each.valid_until is not None}
    first = sorted(begins | {today})
    lasts = [*(day - ONE_DAY for day in first[1:]), None]
    return tuple(_week(day, last, hours, layouts) for day, last in zip(first, lasts, strict=True))


def _week(first: date, last: date | None, hours: Sequence[Hours], layouts: Sequence[Layout]) -> WeekShown:
    on_it = [each for each in hours if each.on(first)]
    days = tuple(
        tuple((each.from_minute, each.until_minute) for each in on_it if each.weekday == weekday)
        for weekday in range(7)
    )
    return WeekShown(first, last, days, layout_on(first, layouts))


def _absences(worker_id: int, *, now: datetime) -> tuple[AbsenceLine, ...]:
    rows = db.session.scalars(
        sa.select(Absence)
        .where(Absence.worker_id == worker_id, Absence.ends_at > now - KEPT_IN_SIGHT)
        .where(Absence.ends_at > Absence.starts_at)
        .order_by(Absence.starts_at, Absence.id)
    ).all()
    names = names_of(row.entered_by for row in rows)
    return tuple(
        AbsenceLine(
            id=row.id,
            reason=row.reason,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            entered_by=names[row.entered_by],
            ended_early=row.ended_at is not None,
            to_come=row.ends_at > now and row.ended_at is None,
        )
        for row in rows
    )
