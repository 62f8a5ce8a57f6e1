"""The assessment as it is filled in during the call: one long form, nothing of it compulsory but the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provider.caseload.assessment_page import AssessmentPage
from provider.caseload.assessment_record import TITLES
from provider.domain.assessments.answers import Unsaid, read_answers
from provider.domain.assessments.audit import REMAINING, AuditC, audit_c_questions, score_audit, score_audit_c
from provider.domain.assessments.questions import SECTIONS
from provider.domain.assessments.severity import score_sds
from provider.pathway.assessing import Recorded, SubstanceUse
from provider.web.forms import (
    BooleanField,
    FieldList,
    FormField,
    Length,
    PageForm,
    PartForm,
    TextAreaField,
)
from provider.web.staff.question_forms import SubstanceForm, questions_form

MOST_SUBSTANCES = 20
LONGEST_WORDS = 2_000
ALCOHOL = (*audit_c_questions(None), *REMAINING)
NOT_EXPLAINED = "Say that the limits of confidentiality were explained before you go on to the advice"


class AssessmentForm(PageForm):
    limits_explained = BooleanField("I explained the limits of confidentiality")
    substances = FieldList(FormField(SubstanceForm), min_entries=1, max_entries=MOST_SUBSTANCES)
    alcohol = FormField(questions_form(ALCOHOL))
    health = FormField(questions_form(SECTIONS["health"]))
    mental_health = FormField(questions_form(SECTIONS["mental_health"]))
    safety = FormField(questions_form(SECTIONS["safety"]))
    taking_part = FormField(questions_form(SECTIONS["taking_part"]))
    words = FormField(
        type(
            "WordsForm",
            (PartForm,),
            {name: TextAreaField("Anything else they said", [Length(max=LONGEST_WORDS)]) for name in TITLES},
        )
    )

    def __init__(self, page: AssessmentPage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.page = page
        for question in audit_c_questions(page.sex_for_units):
            self.alcohol[question.code].label.text = question.text

    def validate(self, extra_validators: Any = None, *, going_on: bool = False) -> bool:
        """``going_on``: to the advice, for which the limits must have been explained."""
        good = super().validate(extra_validators)
        if going_on and not self.limits_explained.data:
            self.limits_explained.errors = [NOT_EXPLAINED]
            return False
        return good

    def add_row(self) -> None:
        """One more substance, where there is room."""
        if len(self.substances) < MOST_SUBSTANCES:
            self.substances.append_entry()

    @property
    def audit_c(self) -> list[Any]:
        return [self.alcohol[question.code] for question in ALCOHOL[:3]]

    @property
    def audit_rest(self) -> list[Any]:
        return [self.alcohol[question.code] for question in REMAINING]

    @property
    def audit_now(self) -> AuditC:
        """AUDIT-C as the form stands; an answer that is none of its list counts as not asked."""
        said = {
            field.short_name: field.data
            for field in self.audit_c
            if any(choice.selected for choice in field.iter_choices())
        }
        return score_audit_c(said, age=self.page.age, sex_for_units=self.page.sex_for_units)

    @property
    def asks_full_audit(self) -> bool:
        """Whether the other seven are shown: AUDIT-C says so, or one of them is answered already."""
        return self.audit_now.ask_full or any(field.data != Unsaid.NOT_ASKED for field in self.audit_rest)

    def remove_row(self, which: str) -> None:
        """Take one substance out, by its place in the list; the others keep theirs."""
        if which.isdecimal() and int(which) < len(self.substances):
            self.substances.entries.pop(int(which))

    @property
    def recorded(self) -> Recorded:
        """What was said, with the scores that can be worked out. Only after it has been validated."""
        answers = self._answers()
        full = score_audit_c(answers["alcohol"], age=self.page.age, sex_for_units=self.page.sex_for_units)
        return Recorded(
            limits_explained=self.limits_explained.data,
            answers=answers,
            substances=tuple(self._use(row) for row in self._rows()),
            audit_c=full.score,
            audit_full=score_audit(answers["alcohol"]).score,
        )

    def _rows(self) -> list[Any]:
        return [entry.form for entry in self.substances if not entry.form.is_empty]

    def _answers(self) -> dict[str, Any]:
        sections = {"alcohol": ALCOHOL, **SECTIONS}
        answers: dict[str, Any] = {
            name: read_answers(self[name].data, questions=questions, at=f"/{name}")
            for name, questions in sections.items()
        }
        answers["severity"] = [row.answers for row in self._rows()]
        answers["words"] = {name: text for name, text in self.words.data.items() if text}
        return answers

    def _use(self, row: Any) -> SubstanceUse:
        scale = score_sds(row.answers, substance=row.substance.data, age=self.page.age)
        return SubstanceUse(
            substance=row.substance.data,
            route=row.route.data,
            frequency=row.frequency.data,
            amount=row.amount.data or None,
            severity=scale.score,
        )


def assessment_form(page: AssessmentPage, **kwargs: Any) -> AssessmentForm:
    """The form as it was saved, or empty."""
    said: Sequence[Mapping[str, str]] = page.answers.get("severity", ())
    rows = [
        {
            "substance": line.substance,
            "route": line.route or "",
            "frequency": line.frequency or "",
            "amount": line.amount or "",
            "scale": dict(said[place]) if place < len(said) else {},
        }
        for place, line in enumerate(page.substances)
    ]
    sections = {name: dict(page.answers.get(name, {})) for name in ("alcohol", *SECTIONS, "words")}
    data = {"limits_explained": page.limits_explained, "substances": rows, **sections}
    return AssessmentForm(page, data=data, **kwargs)
