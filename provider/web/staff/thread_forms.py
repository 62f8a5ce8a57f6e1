"""What a drug worker writes in a thread."""

from __future__ import annotations

import re
import secrets

from provider.web.forms import HiddenField, Needed, PageForm, TextAreaField


class AnswerForm(PageForm):
    """``seen`` is the last reply that stood on the page; ``once`` names this form, so that it is sent once."""

    words = TextAreaField("Your answer", [Needed("Write your answer")])
    seen = HiddenField()
    once = HiddenField()

    def fresh(self, *, seen: int) -> AnswerForm:
        """For a page that is shown now; what was typed stays."""
        self.seen.data = str(seen)
        self.once.data = self.once.data or secrets.token_hex(12)
        return self

    @property
    def last_seen(self) -> int:
        said = str(self.seen.data or "")
        return int(said) if re.fullmatch("[0-9]{1,18}", said) else 0

    @property
    def name(self) -> str:
        said = str(self.once.data or "")
        return said if re.fullmatch("[0-9a-f]{24}", said) else secrets.token_hex(12)
