"""The whole service is closed for some days, or opens again sooner. What is due by working days is due later."""

from __future__ import annotations

from datetime import date, datetime

from provider.domain.audit.trail import record
from provider.domain.diary import closures
from provider.domain.diary.closures import closed_days
from provider.domain.diary.models import Closure
from provider.kernel.actors import Actor
from provider.kernel.calendar import add_working_days, end_of_working_day, london_date


def shut(first: date, last: date, *, name: str | None, by: Actor, now: datetime) -> Closure:
    """Nobody is booked for those days from now on. Calls and sessions that are on them stand until they are moved.

    Raises ClosedInThePast, NoDaysClosed, ClosedTooLong or ClosedAlready.
    """
    closure = closures.close(first, last, name=name, by=by, now=now)
    about = ("closure", closure.id)
    record("closure.entered", *about, by=by, now=now, first=first.isoformat(), last=last.isoformat())
    return closure


def open_again(closure_id: int, *, by: Actor, now: datetime) -> None:
    """From today on, or not closed at all. Raises NotFound, ClosureOver."""
    closures.end_closure(closure_id, by=by, now=now)
    record("closure.ended", "closure", closure_id, by=by, now=now)


def end_of_day_in(working_days: int, *, now: datetime) -> datetime:
    """When the working day ends that comes so many working days on. One query."""
    today = london_date(now)
    return end_of_working_day(add_working_days(today, working_days, closures=closed_days(since=today)))
