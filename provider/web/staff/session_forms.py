"""What is asked for when a session is put on, and when it is changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from provider.caseload.facilitators import Facilitator
from provider.caseload.sessions_page import SessionChoices
from provider.domain.courses.facilitating import FacilitatorRole
from provider.domain.courses.models import CourseSession
from provider.domain.courses.sessions import PlannedSession
from provider.kernel.calendar import at_london, london
from provider.kernel.errors import Refusal
from provider.pathway.altering import Altered, PlacesHeld, closing_time
from provider.pathway.facilitating import FacilitatorBusy
from provider.pathway.scheduling import SessionInThePast
from provider.web.context import now
from provider.web.forms import (
    BooleanField,
    CheckboxesField,
    DateParts,
    Needed,
    SelectField,
    TimeField,
    WholeNumberField,
    options,
)
from provider.web.staff.facilitator_forms import MindsDiaries
from provider.web.staff.session_details import SessionDetails

LONGEST_MINUTES = 480


class SessionForm(MindsDiaries, SessionDetails):
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
    facilitator = SelectField("Facilitator", description="Who leads it")
    seconds = CheckboxesField("Who else runs it")
    anyway = BooleanField("Put it on all the same")

    def __init__(self, choices: SessionChoices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lengths = {str(course_id): minutes for course_id, _, minutes in choices.courses}
        courses = {str(course_id): name for course_id, name, _ in choices.courses}
        self.names = {str(account_id): name for account_id, name in choices.facilitators}
        self.course.choices = options(courses, blank="Choose a course")
        self.facilitator.choices = options(self.names, blank="Nobody yet")
        self.seconds.choices = options(self.names)

    @property
    def moment(self) -> datetime:
        assert self.date.data is not None
        return at_london(self.date.data, self.starts_at.data)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not (self.date.errors or self.starts_at.errors) and self.moment <= now():
            self.date.errors = ["Date must be in the future: a session is put on before it begins"]
            good = False
        if self.facilitator.data and self.facilitator.data in self.seconds.data:
            self.seconds.errors = ["Whoever leads it is not counted twice: untick them here"]
            good = False
        return good

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
            second_ids=tuple(int(one) for one in self.seconds.data),
            closes_at=closing_time(self.moment, self.closes_hours.data),
            join_url=self.join_url.data,
            meeting_number=self.meeting_number.data or None,
            held_at=self.held_at.data or None,
            dial_in=self.dial_in.data or None,
        )

    def whose(self, account_id: int) -> Any:
        return self.facilitator if self.facilitator.data == str(account_id) else self.seconds

    def add_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about, where it is about one."""
        if isinstance(refusal, FacilitatorBusy):
            name = self.names[str(refusal.account_id)]
            self.whose(refusal.account_id).errors = [f"{name} {refusal.said}"]
        elif isinstance(refusal, SessionInThePast):
            self.date.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


class ChangeForm(SessionDetails):
    """A session that is on, as it is to be."""

    def altered(self, starts_at: datetime) -> Altered:
        assert self.capacity.data is not None
        return Altered(
            capacity=self.capacity.data,
            closes_at=closing_time(starts_at, self.closes_hours.data),
            join_url=self.join_url.data,
            meeting_number=self.meeting_number.data or None,
            held_at=self.held_at.data or None,
            dial_in=self.dial_in.data or None,
        )

    def add_refusal(self, refusal: Refusal) -> None:
        if isinstance(refusal, PlacesHeld):
            self.capacity.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


def as_another(session: CourseSession, run_by: Sequence[Facilitator]) -> dict[str, Any]:
    """What the form of a session like this one says, all but its day. Whoever leads or covers it leads the other."""
    lead = next((one for one in run_by if one.role is not FacilitatorRole.SECOND), None)
    return {
        **details_of(session),
        "course": str(session.course_id),
        "starts_at": london(session.starts_at).time(),
        "minutes": session.minutes,
        "facilitator": str(lead.account_id) if lead is not None else "",
        "seconds": [str(one.account_id) for one in run_by if one is not lead],
    }


def details_of(session: CourseSession) -> dict[str, Any]:
    """What the form of a session as it is says of what can be changed."""
    closes = session.starts_at - (session.closes_at or session.starts_at)
    return {
        "capacity": session.capacity,
        "closes_hours": closes // timedelta(hours=1) or None,
        "held_at": session.held_at,
        "join_url": session.join_url,
        "meeting_number": session.meeting_number,
        "dial_in": session.dial_in,
    }
