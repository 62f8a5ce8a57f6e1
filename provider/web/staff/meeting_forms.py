"""A link to join by, as it is typed."""

from __future__ import annotations

from typing import Any

from provider.web.forms import Length, PageForm, StringField
from provider.web.staff.session_details import link_fault


class LinkForm(PageForm):
    join_url = StringField("Link to join", [Length(max=500)], description="It begins with https://")

    def __init__(self, *, join_url: str, needed: bool) -> None:
        super().__init__(data={"join_url": join_url})
        self.needed = needed

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        text = self.join_url.data
        fault = "Enter the link to join" if self.needed and not text else link_fault(text)
        if good and fault is not None:
            self.join_url.errors = [fault]
        return good and fault is None
