"""What is asked for of a kind of course."""

from __future__ import annotations

import re
from typing import Any

from provider.domain.courses.kinds import (
    OLDEST,
    YOUNGEST,
    AgesCrossEighteen,
    CodeTaken,
    CourseKind,
    crosses_eighteen,
)
from provider.domain.courses.topics import Topic
from provider.domain.messaging.forbidden import forbidden_in
from provider.kernel.errors import Refusal
from provider.pathway.running import AgesHeld
from provider.web.forms import (
    CheckboxesField,
    Length,
    Needed,
    PageForm,
    SelectField,
    StringField,
    WholeNumberField,
    options,
)
from provider.web.officer.lists import LANGUAGES

SHORTEST, LONGEST = 15, 480
MOST_EXTRA = 10
_CODE = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


class CourseForm(PageForm):
    """A kind of course. Both its names may be read by anybody, so they are held to the words of a text."""

    name = StringField("Name", [Needed(), Length(max=100)], description="What people are told it is called")
    neutral_name = StringField(
        "Name on the screen",
        [Needed("Enter the name on the screen"), Length(max=100)],
        description="What whoever looks on while they join can read: it gives nothing away",
    )
    code = StringField(
        "Code",
        [Needed(), Length(max=40)],
        description="Small letters, numbers and hyphens, like young-people",
    )
    minutes = WholeNumberField(
        "Length in minutes", [Needed("Enter the length in minutes")], least=SHORTEST, most=LONGEST
    )
    minimum_minutes = WholeNumberField(
        "Minutes somebody must be there",
        [Needed("Enter the minutes somebody must be there")],
        least=1,
        most=LONGEST,
        description="Whoever leaves before has not done the course",
    )
    age_from = WholeNumberField(
        "Youngest age", [Needed("Enter the youngest age")], least=YOUNGEST, most=OLDEST
    )
    age_to = WholeNumberField(
        "Oldest age",
        least=YOUNGEST,
        most=OLDEST,
        description="On the day of the session. For young people 17 or younger; leave it empty where there is none",
    )
    language = SelectField("Language", [Needed()], choices=options(LANGUAGES), default="en")
    most_extra = WholeNumberField(
        "Places beyond the seats",
        least=0,
        most=MOST_EXTRA,
        description="At most so many more are given online, by how many of those placed come. Leave it empty for none",
    )
    topics = CheckboxesField(
        "What it is about",
        [Needed("Choose what it is about")],
        choices=options(Topic),
        description="The assessment recommends a course by this",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        for name in (self.name, self.neutral_name):
            if not name.errors and (words := forbidden_in(name.data)):
                name.errors = [f"“{words[0][1]}” gives away what the course is about: choose other words"]
        if not self.code.errors and not _CODE.fullmatch(self.code.data):
            self.code.errors = ["Code must be small letters, numbers and hyphens, like young-people"]
        self._look_at_numbers()
        return not self.errors and not self.form_errors

    def _look_at_numbers(self) -> None:
        if self.minutes.data and self.minimum_minutes.data and self.minimum_minutes.data > self.minutes.data:
            self.minimum_minutes.errors = ["Nobody can be there longer than the course takes"]
        youngest, oldest = self.age_from.data, self.age_to.data
        if youngest is None or self.age_to.errors:
            return
        if oldest is not None and oldest < youngest:
            self.age_to.errors = ["Oldest age must not be below the youngest"]
        elif crosses_eighteen(youngest, oldest):
            self.age_to.errors = [AgesCrossEighteen.sentence]

    @property
    def kind(self) -> CourseKind:
        """What was asked for. Only after it has been validated."""
        assert self.minutes.data is not None
        assert self.minimum_minutes.data is not None
        assert self.age_from.data is not None
        return CourseKind(
            code=self.code.data,
            name=self.name.data,
            neutral_name=self.neutral_name.data,
            minutes=self.minutes.data,
            minimum_minutes=self.minimum_minutes.data,
            age_from=self.age_from.data,
            age_to=self.age_to.data,
            language=self.language.data,
            topics=tuple(self.topics.data),
            most_extra=self.most_extra.data or 0,
        )

    def add_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about, where it is about one."""
        if isinstance(refusal, CodeTaken):
            self.code.errors = [refusal.sentence]
        elif isinstance(refusal, AgesHeld):
            self.age_from.errors = [refusal.sentence]
        else:
            super().add_refusal(refusal)


def course_form(kind: CourseKind) -> CourseForm:
    """The form of a course as it is now."""
    return CourseForm(data=vars(kind))
