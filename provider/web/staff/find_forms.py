"""What a caller can say to be found by."""

from __future__ import annotations

from typing import Any

from provider.kernel.calendar import london_date
from provider.web.context import now
from provider.web.forms import DateParts, Length, PageForm, StringField, WholeNumberField


class FindForm(PageForm):
    what = StringField(
        "Name, reference, mobile or force reference",
        [Length(max=100)],
        description="The beginning of a name is enough.",
    )
    born = DateParts("Date of birth")
    page = WholeNumberField("Page", least=1, most=1000, default=1)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and not self.what.data and self.born.data is None:
            self.what.errors = ["Enter something to look for"]
        elif good and self.born.data is not None and self.born.data > london_date(now()):
            self.born.errors = ["Date of birth must be in the past"]
        return good and not self.what.errors and not self.born.errors
