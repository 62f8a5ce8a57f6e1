"""What is filled in on a register."""

from __future__ import annotations

from typing import Any

from wtforms.fields.choices import SelectChoice

from provider.caseload.register_page import RegisterPage
from provider.caseload.register_rows import RegisterRow
from provider.domain.courses.attendance import Attendance
from provider.pathway.registering import Line, Outcome
from provider.web.forms import (
    CheckboxesField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    Length,
    Needed,
    PageForm,
    PartForm,
    SelectField,
    StringField,
    WholeNumberField,
    options,
)
from provider.web.staff.ids import number
from provider.web.words import london_time

MOST_LINES = 200
LONGEST_MINUTES = 480


def attendance_choices(*, blank: str | None) -> list[SelectChoice]:
    """The codes in their words, those who came apart from those who did not."""
    came = {code.value: code.label for code in Attendance if code.attended}
    away = {code.value: code.label for code in Attendance if not code.attended}
    first = [] if blank is None else [SelectChoice("", blank)]
    return [*first, *options(came, group="Came"), *options(away, group="Did not come")]


class LineForm(PartForm):
    """One place; ``seen`` is the mark that stood there when the page was drawn."""

    place = HiddenField()
    seen = HiddenField()
    code = SelectField("Attendance", choices=attendance_choices(blank="Not marked"))
    minutes = WholeNumberField("Minutes", least=0, most=LONGEST_MINUTES)


class Lines(FieldList):
    """Lines that keep the numbers they came with: each is its place's."""

    def _compact_indices(self) -> None:
        """Nothing is renumbered."""


class RegisterForm(PageForm):
    lines = Lines(FormField(LineForm), max_entries=MOST_LINES)

    @property
    def sent(self) -> list[Line]:
        """The lines that say something. Raises NotFound for what no page of ours sends."""
        return [
            Line(
                place_id=number(line.place.data),
                code=Attendance(line.code.data),
                minutes=line.minutes.data,
                seen=number(line.seen.data) if line.seen.data else None,
            )
            for line in self.lines
            if line.code.data
        ]

    def by_place(self) -> dict[int, Any]:
        """The line of each place, for the page to draw."""
        return {number(line.place.data): line for line in self.lines}

    def add_missing(self, page: RegisterPage) -> None:
        """A line for each place that came onto the register since it was opened.

        Each is numbered by its place, so that it is the same line on a part of the page that is fetched later.
        """
        lines = self.by_place()
        for row in page.rows:
            if row.place_id not in lines:
                self.lines.last_index = row.place_id - 1
                self.lines.append_entry(_line(row))

    def add_overtaken(self, outcome: Outcome, page: RegisterPage) -> None:
        """Say beside each line overtaken what stands there now; sent again as it is, it counts."""
        lines = self.by_place()
        for overtaken in outcome.overtaken:
            mark = page.row(overtaken.place_id).mark
            line = lines[overtaken.place_id]
            if mark is not None:
                line.seen.data = str(mark.id)
                words = f"{mark.by} marked “{mark.code.label}” at {london_time(mark.at)}, after you opened this page."
                line.code.errors = [f"{words} Save again if yours is right."]

    def add_conflict(self, place_id: int, words: str, page: RegisterPage) -> None:
        """Say beside a line what stands there instead of what was pressed."""
        mark, line = page.row(place_id).mark, self.by_place()[place_id]
        line.seen.data = str(mark.id) if mark is not None else ""
        line.code.errors = [words]


class FaultForm(PageForm):
    """Who had come before a session failed: those who are marked so, or whom Zoom has seen."""

    came = CheckboxesField("Who had come?", description="Nobody, if it never began")

    def __init__(self, page: RegisterPage, **kwargs: Any) -> None:
        came = [str(row.place_id) for row in page.rows if row.came]
        super().__init__(data={"came": came}, **kwargs)
        self.came.choices = options(
            {str(row.place_id): f"{row.name}, place {row.number}" for row in page.rows}
        )

    @property
    def places(self) -> list[int]:
        return [int(place_id) for place_id in self.came.data]


def register_form(page: RegisterPage, **kwargs: Any) -> RegisterForm:
    """A register as it stands, ready to be marked."""
    form = RegisterForm(**kwargs)
    form.add_missing(page)
    return form


def _line(row: RegisterRow) -> dict[str, Any]:
    mark = row.mark
    return {
        "place": str(row.place_id),
        "seen": str(mark.id) if mark is not None else "",
        "code": mark.code.value if mark is not None else "",
        "minutes": mark.minutes if mark is not None else row.zoom_minutes,
    }


class ReportForm(PageForm):
    report = FileField(
        "Zoom’s participant report",
        [Needed("Choose the file that Zoom made")],
        description="The CSV file that Zoom calls “participants”. Importing it twice adds nothing.",
    )


class CorrectionForm(PageForm):
    code = SelectField("Attendance", [Needed()], choices=attendance_choices(blank=None))
    minutes = WholeNumberField("Minutes there", least=0, most=LONGEST_MINUTES)
    reason = StringField(
        "Why it is corrected",
        [Needed("Say why it is corrected"), Length(max=200)],
        description="No health details: “joined by telephone, on the wrong list”",
    )
