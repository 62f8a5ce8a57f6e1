"""Questions as radios, and a substance as a row: the parts that an assessment's form is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provider.domain.assessments.answers import (
    FREQUENCIES,
    ROUTES,
    SUBSTANCES,
    UNSAID_LABELS,
    Question,
    Unsaid,
    read_answers,
)
from provider.domain.assessments.severity import sds_questions
from provider.web.choices import spoken
from provider.web.forms import FormField, Length, PartForm, RadioField, SelectField, StringField, options

SCALE = sds_questions("other")


def questions_form(questions: Sequence[Question]) -> type[PartForm]:
    """A group of questions, each of which may go unasked or unanswered."""
    return type("QuestionsForm", (PartForm,), {question.code: asked(question) for question in questions})


def asked(question: Question) -> RadioField:
    answers = {option.code: option.label for option in question.options}
    unsaid = {code.value: UNSAID_LABELS[code] for code in (Unsaid.PREFERS_NOT_TO_SAY, Unsaid.NOT_ASKED)}
    return RadioField(question.text, choices=options({**answers, **unsaid}), default=Unsaid.NOT_ASKED.value)


def _listed(words: Mapping[str, str]) -> dict[str, str]:
    return {code: spoken(label) for code, label in words.items()}


class SubstanceForm(PartForm):
    """One substance. A row with nothing chosen in it is no substance."""

    substance = SelectField("Substance", choices=options(_listed(SUBSTANCES), blank="Choose"))
    route = SelectField("Route", choices=options(_listed(ROUTES), blank="Not asked"))
    frequency = SelectField("How often", choices=options(_listed(FREQUENCIES), blank="Not asked"))
    amount = StringField("How much", [Length(max=200)])
    scale = FormField(questions_form(SCALE))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = self.substance.data if self.substance.data in SUBSTANCES else "other"
        for question in sds_questions(named):
            self.scale[question.code].label.text = question.text

    @property
    def is_empty(self) -> bool:
        said = (self.substance.data, self.route.data, self.frequency.data, self.amount.data)
        return not any(said) and not self.has_scale

    @property
    def has_scale(self) -> bool:
        return any(answer != Unsaid.NOT_ASKED for answer in self.answers.values())

    @property
    def answers(self) -> dict[str, str]:
        return read_answers(
            {question.code: self.scale[question.code].data for question in SCALE}, questions=SCALE, at=""
        )

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and not self.is_empty and not self.substance.data:
            self.substance.errors = ["Choose the substance that this row is about"]
            return False
        return good
