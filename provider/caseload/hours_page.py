"""When one worker is there: the weeks that stand and are to come, absences, and calls that neither allows for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.caseload.cases import Who, known_by, who, who_columns
from provider.caseload.my_day import Worker, everyone_who_rings
from provider.domain.diary.hours import Hours, Layout, layout_on
from provider.domain.diary.languages import languages_of
from provider.domain.diary.models import Absence, Appointment
from provider.domain.diary.queries import diaries_of, ever_valid
from provider.domain.diary.rules import Diary, is_kept
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.kernel.calendar import london_date, quarter_hours
from provider.kernel.database import db
from provider.kernel.errors import NotFound

KEPT_IN_SIGHT = timedelta(days=28)
ONE_DAY = timedelta(days=1)
MOST_DAYS = 62
LONGEST_CALL = timedelta(hours=6)
"""With what is kept free after it."""

Span = tuple[datetime, datetime]


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
class CallOutside:
    """``assigned_to_id`` is whose case it is, which may be somebody else's."""

    appointment_id: int
    who: Who
    starts_at: datetime
    minutes: int
    kind: str
    assigned_to_id: int | None


@dataclass(frozen=True)
class HoursPage:
    """``weeks`` in the order they come, the one that holds today first."""

    worker: Worker
    weeks: tuple[WeekShown, ...]
    languages: tuple[str, ...]
    absences: tuple[AbsenceLine, ...]
    outside: tuple[CallOutside, ...]


def worker_who_rings(worker_id: int) -> Worker:
    """Raises NotFound for whoever rings nobody."""
    found = next((one for one in everyone_who_rings() if one.id == worker_id), None)
    if found is None:
        raise NotFound
    return found


def hours_page(worker: Worker, *, reader_id: int, now: datetime) -> HoursPage:
    """The hours of one worker in a fixed number of queries."""
    return HoursPage(
        worker=worker,
        weeks=weeks_of(worker.id, now=now),
        languages=languages_of(worker.id),
        absences=_absences(worker.id, now=now),
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


def calls_outside(worker_id: int, *, reader_id: int, now: datetime) -> tuple[CallOutside, ...]:
    """Calls of the next two months that are booked while the worker is away, runs a session, or does not work."""
    rows = _booked(worker_id, now, now + timedelta(days=MOST_DAYS), reader_id=reader_id)
    diary = _diary(worker_id, now, now + timedelta(days=MOST_DAYS))
    return _calls(rows, now=now, which=lambda row: not is_kept(diary, row.starts_at, row.minutes))


def calls_within(worker_id: int, span: Span, *, reader_id: int, now: datetime) -> tuple[CallOutside, ...]:
    """Calls to come that take any of that time, what is kept free after them included."""
    begins, ends = span
    diary = _diary(worker_id, begins, ends)
    wanted = quarter_hours(begins, int((ends - begins).total_seconds() // 60))

    def takes(row: Any) -> bool:
        keep_free = layout_on(london_date(row.starts_at), diary.layouts).buffer_minutes
        cells = quarter_hours(row.starts_at, row.minutes + keep_free)
        return cells.start < wanted.stop and wanted.start < cells.stop

    return _calls(
        _booked(worker_id, max(now, begins - LONGEST_CALL), ends, reader_id=reader_id), now=now, which=takes
    )


def _booked(worker_id: int, after: datetime, before: datetime, *, reader_id: int) -> Sequence[Any]:
    return db.session.execute(
        sa.select(Appointment.id, Appointment.starts_at, Appointment.minutes, Appointment.kind)
        .add_columns(Case.assigned_to_id)
        .add_columns(*who_columns(reader_id))
        .select_from(Appointment)
        .join(Case, Case.id == Appointment.case_id)
        .join(Referral, known_by(ended_too=True))
        .join(Person, Person.id == Case.person_id)
        .where(Appointment.worker_id == worker_id, Appointment.state == "booked")
        .where(Appointment.starts_at > after, Appointment.starts_at < before)
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()


def _diary(worker_id: int, begins: datetime, ends: datetime) -> Diary:
    first, last = london_date(begins), london_date(ends)
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return next(iter(diaries_of(days, worker_ids=[worker_id])), Diary(worker_id, ()))


def _calls(rows: Sequence[Any], *, now: datetime, which: Callable[[Any], bool]) -> tuple[CallOutside, ...]:
    today = london_date(now)
    return tuple(
        CallOutside(row.id, who(row, today=today), row.starts_at, row.minutes, row.kind, row.assigned_to_id)
        for row in rows
        if which(row)
    )
