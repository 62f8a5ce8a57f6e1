"""A time to book, as the button that was pressed names it."""

from __future__ import annotations

from datetime import datetime

from provider.web.forms import PageForm, StringField


class SlotForm(PageForm):
    """``own`` and ``colleague`` are the two groups of buttons: one of them is sent."""

    own = StringField()
    colleague = StringField()

    @property
    def starts_at(self) -> datetime | None:
        """The start that was chosen, None for none and for what is no moment."""
        try:
            chosen = datetime.fromisoformat(self.own.data or self.colleague.data or "")
        except ValueError:
            return None
        return chosen if chosen.tzinfo is not None else None

    @property
    def is_own(self) -> bool:
        return bool(self.own.data)
