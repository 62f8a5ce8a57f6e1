"""How a call went, as it is said afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from provider.domain.diary.outcomes import CallOutcome
from provider.kernel.calendar import at_london
from provider.kernel.errors import Refusal
from provider.pathway.correctable import IsRecorded, RecordedForAnother, SaidAlready, SaidMeanwhile, WentOn
from provider.pathway.keeping import BeforeTheyCame, NotYet
from provider.web.forms import (
    DateParts,
    HiddenField,
    Length,
    Needed,
    PageForm,
    RadioField,
    SelectField,
    StringField,
    TimeField,
    options,
)
from provider.web.staff.ids import number
from provider.web.words import london_datetime

TOOK_PLACE = "took_place"
ANOTHER_TIME = "another_time"
DID_NOT_ANSWER = "did_not_answer"
OURS = "ours_to_blame"
HOW = {
    TOOK_PLACE: "It took place, at the time agreed",
    ANOTHER_TIME: "It took place, at another time",
    DID_NOT_ANSWER: "They did not answer",
    OURS: "It was ours to blame: we did not ring",
}
HINTS = {
    ANOTHER_TIME: "They rang back, say, and it was done then",
    OURS: "Nobody’s miss: no chance is used, and the clock stands still where the scheme says so",
}


CORRECTED = {
    CallOutcome.TOOK_PLACE.value: "An assessment counts once it is recorded",
    CallOutcome.DID_NOT_ANSWER.value: "At the time agreed: a chance is used where the scheme says so",
    OURS: "We did not ring: nobody’s miss",
    CallOutcome.MOVED.value: "Before it was due: nobody’s miss, and one of the moves they may make",
}
AT_HOW = (SaidAlready, IsRecorded, RecordedForAnother, WentOn)


class HeldForm(PageForm):
    """When a call took place that is over."""

    day = DateParts("Day it took place", description="For example, 24 11 2026")
    at = TimeField("Time it began", description="For example, 4pm or 14:05")

    @property
    def held_at(self) -> datetime | None:
        """The moment that was given, None for none."""
        return moment(self.day.data, self.at.data)

    @property
    def says_nothing(self) -> bool:
        """Whether neither day nor time was given."""
        return not any((*self.day.typed.values(), *(self.at.raw_data or ())))

    def both_needed(self) -> bool:
        """Whether day and time are there; what is missing is said beside its field."""
        if self.day.data is None and not self.day.errors:
            self.day.errors = ["Enter the day it took place"]
        if self.at.data is None and not self.at.errors:
            self.at.errors = ["Enter the time it began"]
        return not (self.day.errors or self.at.errors)

    def add_refusal(self, refusal: Refusal) -> None:
        if isinstance(refusal, NotYet | BeforeTheyCame) and self.day.data is not None:
            self.day.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


class OutcomeForm(HeldForm):
    """``by_record``: an assessment takes place by being recorded, and says there when that was."""

    how = RadioField("How did it go?", [Needed("Choose how it went")])
    instead = SelectField("New time")

    def __init__(self, *, by_record: bool, times: Sequence[datetime], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        left_out = {TOOK_PLACE, ANOTHER_TIME} if by_record else set()
        self.how.choices = options(
            {code: words for code, words in HOW.items() if code not in left_out}, hints=HINTS
        )
        self.instead.choices = options(
            {time.isoformat(): london_datetime(time) for time in times},
            blank="None yet: ring them and agree one",
        )

    @property
    def instead_at(self) -> datetime | None:
        return datetime.fromisoformat(self.instead.data) if self.instead.data else None

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        return (self.both_needed() and good) if self.how.data == ANOTHER_TIME else good


class CorrectionForm(PageForm):
    """How a call really went, which is not what was said; ``seen`` is the last that was said when it was looked at."""

    seen = HiddenField()
    how = RadioField("How did it really go?", [Needed("Choose how it really went")])
    reason = StringField(
        "Why it is corrected",
        [Needed("Say why it is corrected"), Length(max=200)],
        description="No health details: “rang back within the hour, noted on another page”",
    )

    def __init__(self, *, state: str, seen: int | None, **kwargs: Any) -> None:
        self.latest = "" if seen is None else str(seen)
        super().__init__(data={"seen": self.latest}, **kwargs)
        others = {one.value: one.label for one in CallOutcome if one.value != state}
        self.how.choices = options(others, hints=CORRECTED)

    @property
    def last_seen(self) -> int | None:
        """The last that was said, by id. Raises NotFound for what no page of ours sends."""
        return number(self.seen.data) if self.seen.data else None

    def add_refusal(self, refusal: Refusal) -> None:
        if isinstance(refusal, SaidMeanwhile):
            # What was said since stands on the page by now: sent again, it is that which is corrected.
            self.seen.process_data(self.latest)
            self.seen.raw_data = [self.latest]
        if isinstance(refusal, AT_HOW):
            self.how.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


def moment(day: date | None, at: time | None) -> datetime | None:
    return at_london(day, at) if day is not None and at is not None else None
