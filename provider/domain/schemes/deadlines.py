"""When something is due: counted in working or calendar days, less the days on which the clock stood still."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from provider.domain.schemes.terms import ClockStop, DayKind, Terms
from provider.kernel.calendar import end_of_working_day, is_bank_holiday, is_working_day, london_date

Stage = Literal["first_contact", "assessment", "course"]


@dataclass(frozen=True)
class Stop:
    """A time during which the clock stood still, and why; ``until`` is None while it still does."""

    why: ClockStop
    since: datetime
    until: datetime | None


def length_of(stage: Stage, terms: Terms) -> tuple[int, DayKind]:
    """How many days the terms give, and of which kind."""
    return {
        "first_contact": (terms.first_contact_days, terms.first_contact_day_kind),
        "assessment": (terms.assessment_days, terms.assessment_day_kind),
        "course": (terms.course_days, terms.course_day_kind),
    }[stage]


def due_at(
    stage: Stage,
    terms: Terms,
    *,
    since: datetime,
    stops: Iterable[Stop] = (),
    closures: Collection[date] = frozenset(),
    now: datetime,
) -> datetime:
    """The end, in UTC, of the day by which a stage is due that began to count at ``since``.

    A day counts unless the clock stood still when it ended; only stops that the terms name are stops. A clock that
    stands still now has done so until ``now``. One of ``closures`` is no working day, but a day like any other where
    calendar days are counted. With no days at all it is due the same day, or on the next that counts.
    """
    days, kind = length_of(stage, terms)
    stood = [stop for stop in stops if stop.why in terms.clock_stops]
    skip_holidays = "bank_holidays" in terms.clock_stops

    def counts(day: date) -> bool:
        if (
            not is_working_day(day, closures=closures)
            if kind == "working"
            else skip_holidays and is_bank_holiday(day)
        ):
            return False
        ends = end_of_working_day(day)
        return not any(stop.since <= ends < (stop.until or max(now, ends)) for stop in stood)

    day = london_date(since)
    if days == 0 and counts(day) and end_of_working_day(day) > since:
        return end_of_working_day(day)
    left = max(days, 1)
    while left:
        day += timedelta(days=1)
        left -= counts(day)
    return end_of_working_day(day)
