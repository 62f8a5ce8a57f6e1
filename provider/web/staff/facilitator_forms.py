"""Who else runs a session, or runs it instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from provider.caseload.facilitator_diary import Clash
from provider.caseload.facilitators import Facilitator
from provider.caseload.sessions_page import SessionChoices
from provider.kernel.errors import Refusal
from provider.web.forms import BooleanField, Length, Needed, PageForm, SelectField, StringField, options
from provider.web.words import london_short


class FacilitatorForm(PageForm):
    """One who is not among ``running`` already. ``warned``: what of their own they have at that time."""

    who = SelectField("Who", [Needed("Choose who")])
    anyway = BooleanField("Put them to it all the same")

    def __init__(self, running: Sequence[Facilitator], choices: SessionChoices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.warned: tuple[str, ...] = ()
        there = {one.account_id for one in running}
        self.names = {str(one): name for one, name in choices.facilitators if one not in there}
        self.who.choices = options(self.names, blank="Choose somebody")

    @property
    def who_id(self) -> int | None:
        return int(self.who.data) if self.who.data else None

    def heeds(self, clashes: Sequence[Clash]) -> bool:
        """Whether nothing stands in the way, or it was seen and is to be done all the same."""
        self.warned = tuple(in_words(clash) for clash in clashes)
        return not clashes or bool(self.anyway.data)

    def add_refusal(self, refusal: Refusal) -> None:
        self.who.errors = [refusal.sentence]


class StandDownForm(FacilitatorForm):
    """Who runs it instead of somebody who does not, and why they do not."""

    who = SelectField("Who runs it instead")
    because = StringField(
        "Why",
        [Needed("Say why"), Length(max=200)],
        description="For the team. Nothing about anybody’s health",
    )

    def __init__(self, running: Sequence[Facilitator], choices: SessionChoices, **kwargs: Any) -> None:
        super().__init__(running, choices, **kwargs)
        self.who.choices = options(self.names, blank="Nobody: the others run it")


def in_words(clash: Clash) -> str:
    if clash.call_at is None:
        return f"{clash.name} is away then."
    return f"{clash.name} has a call on {london_short(clash.call_at)}."
