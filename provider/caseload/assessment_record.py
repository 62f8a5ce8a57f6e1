"""A finished assessment in words, to be read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provider.caseload.assessment_page import AssessmentPage, SubstanceLine
from provider.domain.assessments.answers import (
    FREQUENCIES,
    ROUTES,
    SUBSTANCES,
    UNSAID_LABELS,
    Answers,
    Question,
    Unsaid,
)
from provider.domain.assessments.audit import BAND_LABELS, REMAINING, audit_c_questions
from provider.domain.assessments.questions import SECTIONS
from provider.domain.assessments.record import alcohol_of

TITLES = {
    "substances": "Substances",
    "alcohol": "Alcohol",
    "health": "Physical health",
    "mental_health": "Mental health",
    "safety": "Mixing and safety",
    "taking_part": "Joining online",
}
"""The sections of an assessment in the order of the call."""


@dataclass(frozen=True)
class RecordedSection:
    """``lines`` are questions with their answers; what was not asked is only counted."""

    title: str
    lines: tuple[tuple[str, str], ...]
    not_asked: int
    words: str | None


def recorded_sections(page: AssessmentPage) -> tuple[RecordedSection, ...]:
    """Every section, in the order of the call."""
    alcohol = _section(
        "alcohol", (*audit_c_questions(page.sex_for_units), *REMAINING), alcohol_of(page.answers), page
    )
    others = (
        _section(name, questions, page.answers.get(name, {}), page) for name, questions in SECTIONS.items()
    )
    return (_substances(page), _scored(alcohol, page), *others)


def _substances(page: AssessmentPage) -> RecordedSection:
    lines = tuple((_capital(SUBSTANCES[line.substance]), _use(line)) for line in page.substances)
    return RecordedSection(TITLES["substances"], lines, 0, _words("substances", page))


def _use(line: SubstanceLine) -> str:
    parts = (
        ROUTES.get(line.route or "", "route not asked"),
        FREQUENCIES.get(line.frequency or "", "how often not asked"),
        line.amount,
        line.scale.sentence if line.scale.score is not None else None,
    )
    return "; ".join(part for part in parts if part)


def _section(
    name: str, questions: Sequence[Question], answers: Answers, page: AssessmentPage
) -> RecordedSection:
    given = [(question, str(answers.get(question.code) or Unsaid.NOT_ASKED)) for question in questions]
    asked = [
        (question.text, _said(question, answer)) for question, answer in given if answer != Unsaid.NOT_ASKED
    ]
    return RecordedSection(TITLES[name], tuple(asked), len(given) - len(asked), _words(name, page))


def _said(question: Question, answer: str) -> str:
    labels = {option.code: option.label for option in question.options}
    return labels.get(answer) or UNSAID_LABELS[Unsaid(answer)]


def _scored(alcohol: RecordedSection, page: AssessmentPage) -> RecordedSection:
    scores = []
    if page.audit_c.score is not None:
        scores.append(("AUDIT-C", f"{page.audit_c.score} of 12"))
    if page.audit.score is not None and page.audit.band is not None:
        scores.append(("AUDIT", f"{page.audit.score} of 40: {BAND_LABELS[page.audit.band].lower()}"))
    return replace(alcohol, lines=(*alcohol.lines, *scores))


def _words(name: str, page: AssessmentPage) -> str | None:
    return page.answers.get("words", {}).get(name) or None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
