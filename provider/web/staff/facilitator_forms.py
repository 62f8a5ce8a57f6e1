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


class MindsDiaries(PageForm):
    """A form that puts people to a session, and what they have in their diaries then.

    ``in_the_way`` are calls, which are spread before anything else; ``warned`` of what is may be overruled: then
    ``anyway`` is asked for.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.warned: tuple[str, ...] = ()
        self.in_the_way: tuple[Clash, ...] = ()

    def heeds(self, clashes: Sequence[Clash], *, closed: bool = False) -> bool:
        """Whether nothing stands in the way, and what is only said was seen and is to be done all the same."""
        self.in_the_way = tuple(clash for clash in clashes if clash.call_at is not None)
        self.warned = tuple(f"{clash.name} is away then." for clash in clashes if clash.call_at is None)
        if closed:
            self.warned = ("We are closed on that day.", *self.warned)
        for clash in self.in_the_way:
            field = self.whose(clash.account_id)
            field.errors = [*field.errors, in_words(clash)]
        return not self.in_the_way and (not self.warned or bool(self["anyway"].data))

    def whose(self, account_id: int) -> Any:
        """The field by which somebody is put to it."""
        raise NotImplementedError


class FacilitatorForm(MindsDiaries):
    """One who is not among ``running`` already."""

    who = SelectField("Who", [Needed("Choose who")])
    anyway = BooleanField("Put them to it all the same")

    def __init__(self, running: Sequence[Facilitator], choices: SessionChoices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        there = {one.account_id for one in running}
        self.names = {str(one): name for one, name in choices.facilitators if one not in there}
        self.who.choices = options(self.names, blank="Choose somebody")

    @property
    def who_id(self) -> int | None:
        return int(self.who.data) if self.who.data else None

    def whose(self, account_id: int) -> Any:
        return self.who

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
    assert clash.call_at is not None
    return f"{clash.name} has a call on {london_short(clash.call_at)}: spread it first"
