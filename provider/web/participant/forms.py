"""What a person types or chooses behind their link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms.fields.choices import SelectChoice

from provider.domain.messaging.languages import languages
from provider.domain.surveys.questions import QUESTIONS, Question
from provider.web.controls import leaves
from provider.web.dates import MONTHS
from provider.web.forms import Length, Needed, Optional, PartForm, RadioField, StringField, options
from provider.web.speech import speech


class SpokenForm(PartForm):
    """What is wrong is said in the language of the page: validators name it by its key there."""

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        for field in leaves(self):
            field.errors = [speech().fault(str(error)) for error in field.errors]
        return good


class BirthForm(SpokenForm):
    day = StringField("Day", [Needed("birth.day_missing"), Length(max=20)])
    month = StringField("Month", [Needed("birth.month_missing"), Length(max=20)])

    @property
    def answer(self) -> tuple[int | None, int | None]:
        """Day and month as numbers; None for what is none."""
        return _number(self.day.data), _month(self.month.data) or _number(self.month.data)


def _month(text: str) -> int | None:
    """By its name, or how that begins, in any language that texts have."""
    names = [MONTHS, *(language.words["moment"]["months"] for language in languages().values())]
    begins = text[:3].lower()
    return next(
        (months.index(name) + 1 for months in names for name in months if name[:3].lower() == begins), None
    )


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,2}", text) else None


class TimeForm(SpokenForm):
    starts_at = RadioField("Time", [Needed("times.choose")])

    def offer(self, times: Sequence[datetime]) -> TimeForm:
        self.starts_at.choices = [SelectChoice(start.isoformat(), speech().time(start)) for start in times]
        return self


def _question(question: Question) -> RadioField:
    return RadioField(question.asks, [Optional()], choices=options(question.answers))


class SurveyForm(SpokenForm):
    """Any question may be left out."""

    since_then, feeling, was_useful, other_help = (_question(question) for question in QUESTIONS)

    def __init__(self) -> None:
        super().__init__()
        for question in QUESTIONS:
            field = self[question.name]
            field.label.text = speech().asks(question)
            field.choices = options(speech().answers(question))

    @property
    def answers(self) -> dict[str, str | None]:
        return {question.name: self[question.name].data or None for question in QUESTIONS}


class OfferForm(PartForm):
    answer = RadioField("", [Needed("Choose one")], choices=[SelectChoice("yes", ""), SelectChoice("no", "")])
