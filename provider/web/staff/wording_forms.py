"""What is typed when a text is worded."""

from __future__ import annotations

import re

from provider.web.forms import HiddenField, Length, Needed, PageForm, TextAreaField

LONGEST = 700


class WordingForm(PageForm):
    """Words with placeholders. ``seen`` is the number of the version that the change began from."""

    words = TextAreaField("Words", [Needed("Enter the words"), Length(max=LONGEST)])
    seen = HiddenField()

    @property
    def began_from(self) -> int:
        """No version where none was said, so that it is refused as changed meanwhile."""
        said = str(self.seen.data or "")
        return int(said) if re.fullmatch("[0-9]{1,9}", said) else -1
