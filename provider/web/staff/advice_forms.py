"""The second step of an assessment: the advice as it is given, and the pathway that the worker decides on."""

from __future__ import annotations

from typing import Any

from provider.caseload.advice_page import AdvicePage
from provider.domain.assessments.pathway import IN_A_GROUP, PATHWAY_LABELS, Pathway
from provider.pathway.assessing import Advice, Decided
from provider.web.choices import options
from provider.web.forms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    Length,
    Needed,
    PartForm,
    RadioField,
    SelectField,
    TextAreaField,
)
from provider.web.staff.outcome_forms import HeldForm

MOST_ADVICE = 60
LONGEST_ADVICE = 2_000
LONGEST_REASON = 500


class AdviceForm(PartForm):
    """One piece of advice; ``rule`` is empty for the worker's own."""

    rule = HiddenField()
    given = BooleanField("Give this advice")
    text = TextAreaField("Advice", [Length(max=LONGEST_ADVICE)])

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and self.rule.data and self.given.data and not self.text.data:
            self.text.errors = ["Write the advice, or untick it"]
            return False
        return good


class DecisionForm(HeldForm):
    advice = FieldList(FormField(AdviceForm), max_entries=MOST_ADVICE)
    pathway = RadioField("What follows", [Needed("Choose what follows the assessment")])
    course = SelectField("Course")
    because = TextAreaField("Why you decided otherwise than recommended", [Length(max=LONGEST_REASON)])

    def __init__(self, page: AdvicePage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.page = page
        recommended = {page.recommendation.pathway.value: "Recommended"}
        labels = {pathway.value: PATHWAY_LABELS[pathway] for pathway in page.pathways}
        self.pathway.choices = options(labels, hints=recommended)
        courses = {str(course.id): course.name for course in page.courses}
        self.course.choices = options(courses, blank="Choose a course")

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not good or not (self.says_nothing or self.both_needed()):
            return False
        if self.is_course and not self.course.data:
            self.course.errors = ["Choose the course"]
        if self.pathway.data != self.page.recommendation.pathway and not self.because.data:
            self.because.errors = ["Say why you decided otherwise than recommended"]
        return not (self.course.errors or self.because.errors)

    @property
    def is_course(self) -> bool:
        return self.pathway.data in IN_A_GROUP

    def add_own(self) -> None:
        """One more piece of the worker's own advice, where there is room."""
        if len(self.advice) < MOST_ADVICE:
            self.advice.append_entry({"rule": "", "given": True, "text": ""})

    def because_of(self, rule: str | None) -> str | None:
        """Which answers a suggested piece of advice rests on."""
        return next((piece.because for piece in self.page.advice if piece.code == rule), None)

    @property
    def decided(self) -> Decided:
        """What the worker decided, beside what the rules recommend. Only after it has been validated."""
        return Decided(
            advice_version=self.page.advice_version,
            advice=tuple(self._advice()),
            recommended_pathway=self.page.recommendation.pathway,
            recommended_because=self.page.recommendation.reason,
            pathway=Pathway(self.pathway.data),
            pathway_because=self.because.data or None,
            course_id=int(self.course.data) if self.is_course else None,
        )

    def _advice(self) -> list[Advice]:
        """What is given; a rule that did not suggest anything here is no rule's."""
        suggested = {piece.code for piece in self.page.advice}
        return [
            Advice(entry.rule.data if entry.rule.data in suggested else None, entry.text.data)
            for entry in self.advice
            if entry.text.data and (entry.given.data or not entry.rule.data)
        ]


def decision_form(page: AdvicePage, **kwargs: Any) -> DecisionForm:
    """Everything suggested, as suggested."""
    advice = [{"rule": piece.code, "given": True, "text": piece.text} for piece in page.advice]
    course = str(page.course.id) if page.course is not None else ""
    data = {"advice": advice, "pathway": page.recommendation.pathway.value, "course": course}
    return DecisionForm(page, data=data, **kwargs)
