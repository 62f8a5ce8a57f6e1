"""What is asked for when the sessions that a course is short of are put on."""

from __future__ import annotations

from typing import Any

from provider.domain.courses.sessions import PlannedSession
from provider.reporting.demand import PLACES
from provider.reporting.proposals import ProposalsPage
from provider.web.context import makes_meetings
from provider.web.forms import (
    CheckboxesField,
    Length,
    Needed,
    PageForm,
    StringField,
    WholeNumberField,
    options,
)
from provider.web.staff.session_details import MADE_BY_ZOOM, MOST_PLACES, link_fault
from provider.web.words import london_datetime


class ProposalsForm(PageForm):
    """Which of the proposed sessions, with how many places each, and where they are joined."""

    sessions = CheckboxesField("Sessions to add", [Needed("Choose at least one session")])
    capacity = WholeNumberField(
        "Places in each", [Needed("Enter how many places each has")], least=1, most=MOST_PLACES
    )
    join_url = StringField(
        "Link to join",
        [Length(max=500)],
        description="The same for all of them; each can be given another on its own page. It begins with https://",
    )

    def __init__(self, page: ProposalsPage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if makes_meetings():
            self.join_url.description = MADE_BY_ZOOM
        self._demand = page.demand
        self._proposed = {one.key: one for one in page.sessions}
        self.sessions.choices = options(
            {key: london_datetime(one.starts_at) for key, one in self._proposed.items()},
            hints={key: one.facilitator or "Nobody is free then" for key, one in self._proposed.items()},
        )
        if not self.is_submitted():
            self.sessions.data = list(self._proposed)
            self.capacity.data = PLACES

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.join_url.errors and (fault := self._link_fault()):
            self.join_url.errors = [fault]
            good = False
        return good

    def _link_fault(self) -> str | None:
        if not (self.join_url.data or makes_meetings()):
            return "Enter the link to join"
        return link_fault(self.join_url.data)

    @property
    def planned(self) -> list[PlannedSession]:
        """What was chosen. Only after it has been validated."""
        assert self.capacity.data is not None
        return [
            PlannedSession(
                course_id=self._demand.course_id,
                starts_at=self._proposed[key].starts_at,
                minutes=self._demand.minutes,
                capacity=self.capacity.data,
                facilitator_id=self._proposed[key].facilitator_id,
                join_url=self.join_url.data,
            )
            for key in self.sessions.data
        ]
