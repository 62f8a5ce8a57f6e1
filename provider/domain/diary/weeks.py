"""A worker's week is set from a day on. What stood before ends the day before; no hours that were worked by change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import sqlalchemy as sa

from provider.domain.diary.hours import Lunch
from provider.domain.diary.models import CallLayout, WorkingPattern
from provider.domain.diary.turns import hold_diary
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import Refusal

ONE_DAY = timedelta(days=1)
Dated = TypeVar("Dated", WorkingPattern, CallLayout)


@dataclass(frozen=True)
class DayHours:
    """A stretch of one weekday (Monday 0), in minutes after midnight in London."""

    weekday: int
    from_minute: int
    until_minute: int


@dataclass(frozen=True)
class Week:
    """The hours of a week and how calls are laid out in them: see ``hours.Layout``."""

    hours: tuple[DayHours, ...]
    buffer_minutes: int = 0
    most_calls: int | None = None
    lunch: Lunch | None = None
    bank_holidays: bool = False


class FromThePast(Refusal):
    code = "from_the_past"
    sentence = "Hours are changed from today on: what was worked by stays as it was."


class NoDaysLeft(Refusal):
    code = "no_days_left"
    sentence = "The last day of these hours is before their first."


class HoursOverlap(Refusal):
    code = "hours_overlap"
    sentence = "Two stretches of one day overlap, or one ends before it begins."


def set_week(
    worker_id: int, week: Week, *, valid_from: date, valid_until: date | None, by: Actor, now: datetime
) -> None:
    """The worker works so from one London day to another, both included; without an end, until it is changed again.

    After the last day comes again what stood before. Raises FromThePast, NoDaysLeft or HoursOverlap.
    """
    if valid_from < london_date(now):
        raise FromThePast
    if valid_until is not None and valid_until < valid_from:
        raise NoDaysLeft
    if overlap(week.hours):
        raise HoursOverlap
    hold_diary(worker_id)
    _make_room(WorkingPattern, worker_id, valid_from, valid_until)
    _make_room(CallLayout, worker_id, valid_from, valid_until)
    _add(worker_id, week, valid_from, valid_until, by=by, now=now)
    db.session.flush()


def overlap(hours: Sequence[DayHours]) -> bool:
    """Whether two stretches of one day share a minute, or one has none."""
    found = sorted(hours, key=lambda one: (one.weekday, one.from_minute))
    if any(one.from_minute >= one.until_minute for one in found):
        return True
    return any(
        one.weekday == other.weekday and other.from_minute < one.until_minute
        for one, other in pairwise(found)
    )


def _make_room(model: type[Dated], worker_id: int, first: date, last: date | None) -> None:
    """What stands in those days ends the day before them, and goes on after them where they have an end."""
    rows = db.session.scalars(
        sa.select(model)
        .where(model.worker_id == worker_id)
        .where(sa.or_(model.valid_until.is_(None), model.valid_until >= first))
        .where(sa.true() if last is None else model.valid_from <= last)
        .where(sa.or_(model.valid_until.is_(None), model.valid_until >= model.valid_from))
        .order_by(model.id)
    ).all()
    going_on = [_after(row, last) for row in rows if last is not None and _outlasts(row, last)]
    for row in rows:
        row.valid_until = max(first, row.valid_from) - ONE_DAY
    db.session.flush()
    db.session.add_all(going_on)


def _outlasts(row: Dated, last: date) -> bool:
    return row.valid_until is None or row.valid_until > last


def _after(row: Dated, last: date) -> Dated:
    kept = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "id"}
    return type(row)(**{**kept, "valid_from": last + ONE_DAY})


def _add(
    worker_id: int, week: Week, valid_from: date, valid_until: date | None, *, by: Actor, now: datetime
) -> None:
    valid = {
        "worker_id": worker_id,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "entered_by": str(by),
    }
    db.session.add_all(
        WorkingPattern(
            weekday=one.weekday, from_minute=one.from_minute, until_minute=one.until_minute, **valid
        )
        for one in week.hours
    )
    lunch = week.lunch
    db.session.add(
        CallLayout(
            buffer_minutes=week.buffer_minutes,
            most_calls=week.most_calls,
            lunch_minutes=lunch.minutes if lunch else None,
            lunch_from_minute=lunch.from_minute if lunch else None,
            lunch_until_minute=lunch.until_minute if lunch else None,
            bank_holidays=week.bank_holidays,
            entered_at=now,
            **valid,
        )
    )
