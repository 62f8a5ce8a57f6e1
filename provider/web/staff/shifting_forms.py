"""When a session is held instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from provider.kernel.calendar import at_london
from provider.kernel.errors import Refusal
from provider.pathway.facilitating import FacilitatorBusy
from provider.pathway.scheduling import SessionInThePast
from provider.pathway.shifting import SameTime
from provider.web.context import now
from provider.web.forms import BooleanField, DateParts, Needed, TimeField
from provider.web.staff.facilitator_forms import MindsDiaries


class MoveForm(MindsDiaries):
    date = DateParts("New date", [Needed()], description="For example, 14 1 2027")
    starts_at = TimeField("New start time", [Needed()], description="For example, 6pm or 18:30")
    anyway = BooleanField("Move it all the same")

    @property
    def moment(self) -> datetime:
        assert self.date.data is not None
        return at_london(self.date.data, self.starts_at.data)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not (self.date.errors or self.starts_at.errors) and self.moment <= now():
            self.date.errors = ["New date must be in the future"]
            good = False
        return good

    def whose(self, account_id: int) -> Any:
        return self.date

    def add_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about, where it is about one."""
        if isinstance(refusal, SameTime | SessionInThePast | FacilitatorBusy):
            self.date.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)
