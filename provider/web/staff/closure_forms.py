"""On which days the service is closed."""

from __future__ import annotations

from datetime import date
from typing import Any

from provider.domain.diary.closures import ClosedAlready, ClosedInThePast, ClosedTooLong, NoDaysClosed
from provider.kernel.errors import Refusal
from provider.web.forms import BooleanField, DateParts, Length, Needed, PageForm, StringField


class ClosureForm(PageForm):
    first_day = DateParts("First day closed", [Needed()], description="For example, 28 12 2026")
    last_day = DateParts("Last day closed", description="Leave empty for one day")
    name = StringField(
        "What for", [Length(max=60)], description="For the team, for example: Between Christmas and New Year"
    )
    anyway = BooleanField("Close all the same")

    @property
    def days(self) -> tuple[date, date]:
        """Both included. Only after it has been validated."""
        assert self.first_day.data is not None
        return self.first_day.data, self.last_day.data or self.first_day.data

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and self.days[1] < self.days[0]:
            self.last_day.errors = [NoDaysClosed.sentence]
            return False
        return good

    def add_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about, where it is about one."""
        if isinstance(refusal, ClosedInThePast | ClosedAlready):
            self.first_day.errors = [refusal.sentence]
        elif isinstance(refusal, ClosedTooLong | NoDaysClosed):
            self.last_day.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)
