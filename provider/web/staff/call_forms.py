"""What is written down while somebody is on the line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from wtforms.fields.choices import SelectChoice

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.people.reach import WhoSees
from provider.kernel.calendar import at_london, london_date
from provider.web.context import now
from provider.web.forms import (
    BooleanField,
    Needed,
    PageForm,
    RadioField,
    SelectField,
    TelField,
    TextAreaField,
    TimeField,
    options,
)
from provider.web.staff.outcome_forms import HeldForm
from provider.web.words import london_day

DAYS_AHEAD = 14
NOTE_KINDS = {"ordinary": "Ordinary", "sensitive": "Sensitive", "safeguarding": "Safeguarding"}
NOTE_HINTS = {
    "sensitive": "Read only by who may read sensitive notes",
    "safeguarding": "Also waits until somebody has acknowledged it",
}

WHO_SEES = {
    "nobody": "No",
    "others_fine": "Yes: texts without a name",
    "say_nothing": "Yes: texts that say nothing",
    "not_said": "Not said",
}


class CallForm(HeldForm):
    """How a call went, now or at the day and time given. A time to ring back counts only where that was what they asked
    for.
    """

    outcome = RadioField(
        "How did the call go?", [Needed("Choose how the call went")], choices=options(AttemptOutcome)
    )
    own_voice = BooleanField("Their own voice confirmed that this number is theirs")
    who_sees = RadioField("Does anybody else see this phone?", choices=options(WHO_SEES))
    back_day = SelectField("Day to ring back")
    back_time = TimeField("Time to ring back", description="For example 9:30am or 14:05")
    note = TextAreaField("Note of the call")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = london_date(now())
        days = [today + timedelta(days=count) for count in range(DAYS_AHEAD + 1)]
        names = {0: "Today, ", 1: "Tomorrow, "}
        said = [
            SelectChoice(day.isoformat(), names.get(n, "") + london_day(day)) for n, day in enumerate(days)
        ]
        self.back_day.choices = [SelectChoice("", "Not said"), *said]

    @property
    def seen(self) -> WhoSees | None:
        """What they said about who else sees the phone; None where they did not."""
        said = self.who_sees.data
        return WhoSees(said) if said in set(WhoSees) else None

    @property
    def call_back_at(self) -> datetime | None:
        """The moment they asked to be rung at, if they did."""
        if self.outcome.data != AttemptOutcome.SPOKE_CALL_BACK_LATER or not self.back_day.data:
            return None
        return at_london(date.fromisoformat(self.back_day.data), self.back_time.data)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        good = (self.says_nothing or self.both_needed()) and good
        if self.outcome.data != AttemptOutcome.SPOKE_CALL_BACK_LATER or not good:
            return good
        if self.back_day.data and self.back_time.data is None:
            self.back_time.errors = ["Enter the time to ring back at"]
        elif self.back_time.data is not None and not self.back_day.data:
            self.back_day.errors = ["Choose the day to ring back on"]
        elif self.call_back_at is not None and self.call_back_at <= (self.held_at or now()):
            after = "still to come" if self.held_at is None else "after the call"
            self.back_time.errors = [f"Enter a time that is {after}"]
        return not (self.back_day.errors or self.back_time.errors)


class NoteForm(PageForm):
    note_kind = RadioField(
        "What kind of note is it?",
        [Needed()],
        choices=options(NOTE_KINDS, hints=NOTE_HINTS),
        default="ordinary",
    )
    note_text = TextAreaField("Note", [Needed("Write the note")])


class NumberForm(PageForm):
    mobile = TelField("New number", [Needed("Enter the new number")])
    confirmed_by = RadioField(
        "How do we know that it is theirs?",
        [Needed("Choose how we know that the number is theirs")],
        choices=options(
            {
                "voice": "Their own voice said so",
                "officer": "The officer checked it with them",
                "not_yet": "Nobody has confirmed it yet",
            }
        ),
    )
