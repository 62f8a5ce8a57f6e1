"""What is asked for when a session is put on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from provider.caseload.sessions_page import SessionChoices
from provider.domain.courses.facilitating import FacilitatorBusy
from provider.domain.courses.sessions import PlannedSession
from provider.domain.messaging.forbidden import forbidden_in
from provider.kernel.calendar import at_london
from provider.kernel.errors import Refusal
from provider.pathway.scheduling import SessionInThePast
from provider.web.context import now
from provider.web.forms import (
    DateParts,
    Length,
    Needed,
    PageForm,
    SelectField,
    StringField,
    TimeField,
    WholeNumberField,
    options,
)

MOST_PLACES = 100
LONGEST_MINUTES = 480


class SessionForm(PageForm):
    """A new session. The course says how long it is, unless a length is given."""

    course = SelectField("Course", [Needed()])
    date = DateParts("Date", [Needed()], description="For example, 14 1 2027")
    starts_at = TimeField("Start time", [Needed()], description="For example, 6pm or 18:30")
    minutes = WholeNumberField(
        "Length in minutes",
        least=30,
        most=LONGEST_MINUTES,
        description="As long as the course asks for, unless you say otherwise",
    )
    capacity = WholeNumberField(
        "Places", [Needed("Enter how many places there are")], least=1, most=MOST_PLACES
    )
    facilitator = SelectField("Facilitator")
    held_at = StringField(
        "Address of the room",
        [Length(max=40)],
        description="Only where it is not online. It stands in texts: no longer than it takes to find it",
    )
    join_url = StringField(
        "Link to join",
        [Length(max=500)],
        description="Online, people get it by text an hour before. It begins with https://",
    )
    meeting_number = StringField(
        "Zoom meeting number", [Length(max=20)], description="As it stands on the invitation"
    )
    dial_in = StringField(
        "To join by telephone",
        [Length(max=100)],
        description="The number to ring, and what to key in when asked. It stands in letters",
    )

    def __init__(self, choices: SessionChoices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lengths = {str(course_id): minutes for course_id, _, minutes in choices.courses}
        courses = {str(course_id): name for course_id, name, _ in choices.courses}
        people = {str(account_id): name for account_id, name in choices.facilitators}
        self.course.choices = options(courses, blank="Choose a course")
        self.facilitator.choices = options(people, blank="Nobody yet")

    @property
    def moment(self) -> datetime:
        assert self.date.data is not None
        return at_london(self.date.data, self.starts_at.data)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.join_url.errors and (fault := self._link_fault()):
            self.join_url.errors = [fault]
            good = False
        for said in (self.held_at, self.dial_in):
            if not said.errors and (found := forbidden_in(said.data or "")):
                said.errors = [f"“{found[0][1]}” must not stand in a text or a letter: leave it out"]
                good = False
        if not (self.date.errors or self.starts_at.errors) and self.moment <= now():
            self.date.errors = ["Date must be in the future: a session is put on before it begins"]
            good = False
        return good

    def _link_fault(self) -> str | None:
        """What is wrong with the link; one in a room can do without."""
        if not self.join_url.data:
            return None if self.held_at.data else "Enter the link to join, or the address of the room"
        good = is_link(self.join_url.data)
        return None if good else "Link to join must be a whole address, beginning with https://"

    @property
    def planned(self) -> PlannedSession:
        """What was asked for. Only after it has been validated."""
        assert self.capacity.data is not None
        return PlannedSession(
            course_id=int(self.course.data),
            starts_at=self.moment,
            minutes=self.minutes.data or self.lengths[self.course.data],
            capacity=self.capacity.data,
            facilitator_id=int(self.facilitator.data) if self.facilitator.data else None,
            join_url=self.join_url.data,
            meeting_number=self.meeting_number.data or None,
            held_at=self.held_at.data or None,
            dial_in=self.dial_in.data or None,
        )

    def add_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about, where it is about one."""
        if isinstance(refusal, FacilitatorBusy):
            self.facilitator.errors = [refusal.sentence]
        elif isinstance(refusal, SessionInThePast):
            self.date.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


def is_link(text: str) -> bool:
    """Whether it is a whole address that a browser can be sent to, over https."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme == "https" and "." in (address.hostname or "") and " " not in text
