"""What is asked for when a worker's week is changed, and when they will be away."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from provider.caseload.hours_page import WeekShown
from provider.domain.diary.absences import AbsenceReason, NoTimeAway
from provider.domain.diary.hours import Lunch
from provider.domain.diary.weeks import DayHours, FromThePast, NoDaysLeft, Week
from provider.kernel.calendar import at_london
from provider.kernel.errors import Refusal
from provider.web.forms import (
    BooleanField,
    CheckboxesField,
    DateParts,
    Needed,
    PageForm,
    RadioField,
    TimeField,
    WholeNumberField,
    options,
)
from provider.web.officer.lists import LANGUAGES
from provider.web.staff.hours_fields import HoursField

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WeekForm(PageForm):
    monday = HoursField("Monday")
    tuesday = HoursField("Tuesday")
    wednesday = HoursField("Wednesday")
    thursday = HoursField("Thursday")
    friday = HoursField("Friday")
    saturday = HoursField("Saturday")
    sunday = HoursField("Sunday")
    bank_holidays = BooleanField("Works on bank holidays too")
    buffer_minutes = WholeNumberField(
        "Minutes kept free after each call", [Needed("Enter how many minutes, 0 for none")], most=120
    )
    most_calls = WholeNumberField(
        "Most calls a day", least=1, most=30, description="Leave empty for as many as fit"
    )
    lunch_minutes = WholeNumberField(
        "Minutes of lunch break",
        least=15,
        most=180,
        description="Kept free in one piece. Leave empty where the hours leave it out already",
    )
    lunch_from = TimeField("Lunch not before", description="For example, 11:30am")
    lunch_until = TimeField("Lunch over by", description="For example, 2:30pm")
    valid_from = DateParts("First day", [Needed()], description="For example, 7 12 2026")
    valid_until = DateParts("Last day", description="After it comes again what stood before")

    @classmethod
    def of(cls, week: WeekShown) -> WeekForm:
        """The form as it is to be changed from a week that stands; without its days."""
        lunch = week.layout.lunch
        return cls(
            **dict(zip(WEEKDAYS, week.days, strict=True)),
            bank_holidays=week.layout.bank_holidays,
            buffer_minutes=week.layout.buffer_minutes,
            most_calls=week.layout.most_calls,
            lunch_minutes=lunch.minutes if lunch else None,
            lunch_from=_time(lunch.from_minute) if lunch else None,
            lunch_until=_time(lunch.until_minute) if lunch else None,
        )

    @property
    def days(self) -> list[Any]:
        return [self[weekday] for weekday in WEEKDAYS]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        lunch = (self.lunch_minutes, self.lunch_from, self.lunch_until)
        if any(field.errors for field in lunch):
            return False
        return self._lunch_fits() and good

    def _lunch_fits(self) -> bool:
        """A break is a length and the time it may be in: all three, or none."""
        minutes, begins, ends = self.lunch_minutes.data, self.lunch_from.data, self.lunch_until.data
        if minutes is None and begins is None and ends is None:
            return True
        for field, said in (
            (self.lunch_minutes, "Enter how many minutes the lunch break is"),
            (self.lunch_from, "Enter when lunch can begin"),
            (self.lunch_until, "Enter when lunch must be over"),
        ):
            if field.data is None:
                field.errors = [said]
                return False
        if _minute(begins) + (minutes or 0) > _minute(ends):
            self.lunch_until.errors = ["Lunch over by must leave time for the break"]
            return False
        return True

    @property
    def first_day(self) -> date:
        assert self.valid_from.data is not None
        return self.valid_from.data

    @property
    def week(self) -> Week:
        """What was asked for. Only after it has been validated."""
        lunch = None
        if self.lunch_minutes.data is not None:
            begins, ends = _minute(self.lunch_from.data), _minute(self.lunch_until.data)
            lunch = Lunch(begins, ends, self.lunch_minutes.data)
        return Week(
            hours=tuple(
                DayHours(weekday, *each) for weekday, field in enumerate(self.days) for each in field.data
            ),
            buffer_minutes=self.buffer_minutes.data or 0,
            most_calls=self.most_calls.data,
            lunch=lunch,
            bank_holidays=self.bank_holidays.data,
        )

    def add_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about, where it is about one."""
        if isinstance(refusal, FromThePast):
            self.valid_from.errors = [refusal.sentence]
        elif isinstance(refusal, NoDaysLeft):
            self.valid_until.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


class LanguagesForm(PageForm):
    languages = CheckboxesField(
        "Languages",
        description="Besides English, and well enough for the whole call",
        choices=options({code: name for code, name in LANGUAGES.items() if code not in ("en", "other")}),
    )


class AbsenceForm(PageForm):
    """Whole days, unless a time is given."""

    reason = RadioField(
        "Why",
        [Needed("Choose why")],
        choices=options(AbsenceReason),
        description="Nothing about anybody’s health is kept here",
    )
    first_day = DateParts("First day away", [Needed()], description="For example, 21 12 2026")
    from_time = TimeField("From", description="Leave empty for the whole day")
    last_day = DateParts("Last day away", [Needed()])
    until_time = TimeField("Until", description="Leave empty for the whole day")

    @property
    def starts_at(self) -> datetime:
        assert self.first_day.data is not None
        return at_london(self.first_day.data, self.from_time.data or time(0))

    @property
    def ends_at(self) -> datetime:
        assert self.last_day.data is not None
        if self.until_time.data:
            return at_london(self.last_day.data, self.until_time.data)
        return at_london(self.last_day.data + ONE_DAY, time(0))

    def add_refusal(self, refusal: Refusal) -> None:
        if isinstance(refusal, NoTimeAway):
            self.last_day.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


def _minute(said: time) -> int:
    return said.hour * 60 + said.minute


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
