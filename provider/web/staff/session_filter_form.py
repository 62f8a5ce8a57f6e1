"""Which sessions somebody wants to see: from the address, so that it can be kept and sent on."""

from __future__ import annotations

from typing import Any

from flask import request

from provider.caseload.session_filter import STATES, SessionFilter
from provider.caseload.sessions_page import SessionChoices
from provider.web.forms import PartForm, SelectField, options


class SessionFilterForm(PartForm):
    """What is not in its list is not asked for."""

    course = SelectField("Course")
    facilitator = SelectField("Facilitator")
    state = SelectField("State", choices=options(STATES, blank="Any"))

    def __init__(self, choices: SessionChoices, **kwargs: Any) -> None:
        super().__init__(formdata=request.args, **kwargs)
        courses = {str(course_id): name for course_id, name, _ in choices.courses}
        people = {str(account_id): name for account_id, name in choices.facilitators}
        self.course.choices = options(courses, blank="Every course")
        self.facilitator.choices = options(people, blank="Anybody")
        self.validate()
        for field in (self.course, self.facilitator, self.state):
            if field.errors:
                field.data, field.errors = None, []

    @property
    def only(self) -> SessionFilter:
        course, facilitator = self.course.data, self.facilitator.data
        return SessionFilter(
            course_id=int(course) if course else None,
            facilitator_id=int(facilitator) if facilitator else None,
            state=self.state.data or None,
        )

    @property
    def asked(self) -> dict[str, str]:
        """What stands in the address of the same view elsewhere."""
        return {field.name: field.data for field in (self.course, self.facilitator, self.state) if field.data}
