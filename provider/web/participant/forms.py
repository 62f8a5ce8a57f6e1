"""What a person types or chooses behind their link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from wtforms.fields.choices import SelectChoice

from provider.domain.surveys.questions import QUESTIONS, Question
from provider.web.dates import MONTHS
from provider.web.forms import Length, Needed, Optional, PartForm, RadioField, StringField, options
from provider.web.words import london_time


class BirthForm(PartForm):
    day = StringField("Day", [Needed("Enter the day you were born, like 14"), Length(max=20)])
    month = StringField("Month", [Needed("Enter the month you were born, like 5 or May"), Length(max=20)])

    @property
    def answer(self) -> tuple[int | None, int | None]:
        """Day and month as numbers; None for what is none."""
        name = self.month.data[:3].lower()
        month = MONTHS.index(name) + 1 if name in MONTHS else _number(self.month.data)
        return _number(self.day.data), month


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,2}", text) else None


class TimeForm(PartForm):
    starts_at = RadioField("Choose a time", [Needed("Choose a time")])

    def offer(self, times: Sequence[datetime]) -> TimeForm:
        self.starts_at.choices = [SelectChoice(start.isoformat(), london_time(start)) for start in times]
        return self


def _question(question: Question) -> RadioField:
    return RadioField(question.asks, [Optional()], choices=options(question.answers))


class SurveyForm(PartForm):
    """Any question may be left out."""

    since_then, feeling, was_useful, other_help = (_question(question) for question in QUESTIONS)

    @property
    def answers(self) -> dict[str, str | None]:
        return {question.name: self[question.name].data or None for question in QUESTIONS}


class OfferForm(PartForm):
    answer = RadioField("", [Needed("Choose one")], choices=[SelectChoice("yes", ""), SelectChoice("no", "")])
