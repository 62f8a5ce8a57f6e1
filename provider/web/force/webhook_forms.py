"""What a force administrator is asked about where events are sent."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from provider.domain.compliance.replaying import Start
from provider.kernel.calendar import at_london
from provider.web.forms import (
    DateParts,
    Length,
    Needed,
    PageForm,
    RadioField,
    StringField,
    WholeNumberField,
    options,
)

LARGEST_PLACE = 10**12


class EndpointForm(PageForm):
    url = StringField(
        "Address",
        [Needed("Enter an address"), Length(max=2000)],
        description="It starts with https:// and can be reached from the internet.",
    )


class ReplayForm(PageForm):
    """From where on events are sent again."""

    start = RadioField("From", [Needed("Say from where")])
    day = DateParts("Day", description="For example, 24 11 2026")
    event = StringField(
        "Event", [Length(max=60)], description="Its id, as in the log: evt_ and 24 letters and digits"
    )

    def __init__(self, *, today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.today = today
        self.start.choices = options(
            {"day": "A day", "event": "One event", "beginning": "The very first event"}
        )

    def validate(self, extra_validators: Any = None) -> bool:
        well = bool(super().validate(extra_validators))
        if self.start.data == "day" and not self.day.errors:
            well = self._day_is_past() and well
        if self.start.data == "event" and not self.event.data:
            self.event.errors = ["Enter the id of an event"]
            well = False
        return well

    def _day_is_past(self) -> bool:
        if self.day.data is None:
            self.day.errors = ["Enter a day"]
        elif self.day.data > self.today:
            self.day.errors = ["This day is still to come"]
        return not self.day.errors

    def no_such_event(self) -> None:
        self.event.errors = ["Your force has no event of this id"]

    @property
    def chosen(self) -> Start:
        """A day begins at midnight in London."""
        if self.start.data == "day" and self.day.data is not None:
            return Start(moment=at_london(self.day.data, time(0)))
        return Start(event=self.event.data) if self.start.data == "event" else Start()


class ConfirmForm(PageForm):
    """The place in the feed that was said on the page before."""

    place = WholeNumberField("Place", [Needed()], least=1, most=LARGEST_PLACE)
