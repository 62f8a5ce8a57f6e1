"""Whose a reply is."""

from __future__ import annotations

from typing import Any

from provider.web.forms import Needed, PageForm, StringField

WHOSE = {
    "reference": "Somebody else, by the reference of their referral",
    "nobody": "Nobody we know, or a wrong number",
    "unwanted": "Advertising, or a machine",
}


class PlaceForm(PageForm):
    """``whose`` is the reference of somebody named on the page, or one of WHOSE."""

    whose = StringField("Whose is it?", [Needed("Choose whose it is")])
    reference = StringField("Reference")

    @property
    def of(self) -> str:
        """The reference that was chosen or typed."""
        return str((self.reference.data if self.whose.data == "reference" else self.whose.data) or "")

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and self.whose.data == "reference" and not self.of.strip():
            self.reference.errors = ["Enter the reference"]
            return False
        return good
