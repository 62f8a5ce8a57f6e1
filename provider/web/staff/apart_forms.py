"""Whom somebody is kept apart from, and why."""

from __future__ import annotations

from typing import Any

from provider.domain.people.apart import ApartAlready, TheSamePerson, Why
from provider.kernel.errors import Refusal
from provider.pathway.parting import OTHER, THIS, Together
from provider.web.forms import Length, Needed, PageForm, RadioField, StringField, TextAreaField, options
from provider.web.words import london_datetime

MOVES = {THIS: "This person", OTHER: "The other one"}


class ApartForm(PageForm):
    """``together`` is when both would be in one session: then it is asked who is found another."""

    other = StringField(
        "Reference of the other person’s referral",
        [Needed("Enter the reference"), Length(max=20)],
        description="Like K7QM-2X4D: find it under Referrals",
    )
    why = RadioField("Why", [Needed("Choose why")], choices=options(Why))
    note = TextAreaField(
        "Anything the team must know",
        [Length(max=1000)],
        description="Read only by who may read sensitive notes",
    )
    moves = RadioField("Who is found another session?", choices=options(MOVES))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.together: str | None = None

    def unknown(self) -> None:
        self.other.errors = ["No referral that you may read has that reference"]

    def add_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about, where it is about one."""
        if isinstance(refusal, Together):
            self.together = london_datetime(refusal.starts_at)
            self.moves.errors = [f"Both have a place on {self.together}: choose who is found another session"]
        elif isinstance(refusal, ApartAlready | TheSamePerson):
            self.other.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)
