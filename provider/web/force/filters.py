"""Which of a force's referrals to list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict

from provider.caseload.force_outcomes import STATUSES, Filters, NextTime
from provider.web.forms import DateParts, Length, PageForm, SelectField, StringField, options
from provider.web.words import words

FIRST_YEAR, LAST_YEAR = 2000, 2099
STATUS_WORDS = {status: words(status) for status in STATUSES}
LEVELS = {"none": "None", "assessment": "Assessment", "intervention": "Intervention"}


class FilterForm(PageForm):
    """What is looked for. It changes nothing, so it may come with an address; what is private never does."""

    PRIVATE: ClassVar[tuple[str, ...]] = ("words", "officer")

    class Meta(PageForm.Meta):
        csrf = False

    words = StringField(
        "Crime number or reference",
        [Length(max=50)],
        description="A crime number may be cut short: 20/1234 finds 20/123456/26.",
    )
    status = SelectField("Status", choices=options(STATUS_WORDS, blank="Any"))
    level = SelectField("Level", choices=options(LEVELS, blank="Any"))
    scheme = SelectField("Scheme")
    next_time = SelectField("Next time", choices=options(NextTime, blank="Any"))
    officer = StringField("Officer’s collar number", [Length(max=30)])
    received_from = DateParts("Received from")
    received_to = DateParts("Received to")
    ended_from = DateParts("Ended from")
    ended_to = DateParts("Ended to")

    sent: Mapping[str, str]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        for day in (self.received_from, self.received_to, self.ended_from, self.ended_to):
            if day.data and not FIRST_YEAR <= day.data.year <= LAST_YEAR:
                day.errors = [f"{day.label.text} must be a year from {FIRST_YEAR} to {LAST_YEAR}"]
                good = False
        for first, last in ((self.received_from, self.received_to), (self.ended_from, self.ended_to)):
            if first.data and last.data and last.data < first.data:
                last.errors = [f"{last.label.text} must not be before {first.label.text.lower()}"]
                good = False
        return good

    @property
    def filters(self) -> Filters:
        return Filters(**{name: value or None for name, value in self.data.items()})

    @property
    def is_private(self) -> bool:
        """Whether what is looked for has no place in an address."""
        return bool(self.words.data or self.officer.data)

    @property
    def given(self) -> dict[str, str]:
        """What was filled in, as it was sent: for the next page, and for the sheet."""
        names = [field.name for field in self]
        return {name: value for name, value in self.sent.items() if value and name.partition("-")[0] in names}


def filter_form(sent: Mapping[str, str], *, schemes: Mapping[str, str]) -> FilterForm:
    """The filters as they were sent, with the schemes to choose from."""
    form = FilterForm(formdata=MultiDict(sent))
    form.scheme.choices = options(schemes, blank="Any")
    form.sent = sent
    return form
