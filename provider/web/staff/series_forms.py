"""A run of sessions: the same session on the same weekdays, every week or every other."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from provider.domain.courses.series import MOST, Days, Rhythm, days_of
from provider.domain.courses.sessions import PlannedSession
from provider.domain.diary.closures import closed_days
from provider.kernel.calendar import at_london, is_bank_holiday
from provider.pathway.altering import closing_time
from provider.web.forms import (
    CheckboxesField,
    DateParts,
    HiddenField,
    Needed,
    RadioField,
    WholeNumberField,
    options,
)
from provider.web.staff.session_forms import SessionForm

WEEKDAYS = dict(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
EVERY = {"1": "Every week", "2": "Every other week"}


class SeriesForm(SessionForm):
    """``seen`` names what was looked at: anything else is shown before it is put on."""

    weekdays = CheckboxesField(
        "Days",
        choices=options({str(number): name for number, name in WEEKDAYS.items()}),
        description="That of the first date, unless you say otherwise",
    )
    every = RadioField("How often", [Needed("Choose how often")], choices=options(EVERY), default="1")
    until = DateParts("Until", description="The last day there may be one")
    times = WholeNumberField(
        "How many", least=1, most=MOST, description="Instead of a last day, or whichever comes first"
    )
    seen = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and self.until.data is None and self.times.data is None:
            self.until.errors = ["Enter the last day, or how many"]
            return False
        if good and self.until.data is not None and self.date.data and self.until.data < self.date.data:
            self.until.errors = ["Until must not be before the first date"]
            return False
        return good

    @property
    def days(self) -> Days:
        """The days it falls on; nothing is held on a bank holiday, or while we are closed. Only after it has been
        validated.
        """
        assert self.date.data is not None
        weekdays = [int(one) for one in self.weekdays.data] or [self.date.data.weekday()]
        rhythm = Rhythm(
            self.date.data, weekdays, int(self.every.data), until=self.until.data, times=self.times.data
        )
        closed = closed_days(since=self.date.data)
        return days_of(rhythm, closed=lambda day: is_bank_holiday(day) or day in closed)

    @property
    def run(self) -> tuple[PlannedSession, ...]:
        """Each at the same time on London's clock, whatever that does between."""
        first = self.planned
        starts = [at_london(day, self.starts_at.data) for day in self.days.held]
        hours = self.closes_hours.data
        return tuple(replace(first, starts_at=one, closes_at=closing_time(one, hours)) for one in starts)

    @property
    def fingerprint(self) -> str:
        """What was looked at, all of it."""
        return sha256(repr(self.run).encode()).hexdigest()[:16]
