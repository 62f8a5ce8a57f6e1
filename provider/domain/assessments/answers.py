"""The code lists an assessment is written in, and how a form's answers are read against them.

Any question may go unasked, and nobody has to answer: both are answers of their own, and neither is a *no*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from provider.kernel.errors import FieldError, Invalid

Answers = Mapping[str, int | str | None]
"""Question code → option code. A question that is missing, None or empty was not asked."""


class Unsaid(StrEnum):
    """The two answers that every question has beside its own."""

    NOT_ASKED = "not_asked"
    PREFERS_NOT_TO_SAY = "prefers_not_to_say"


UNSAID_LABELS: Mapping[Unsaid, str] = {
    Unsaid.NOT_ASKED: "Not asked",
    Unsaid.PREFERS_NOT_TO_SAY: "Prefers not to say",
}

SUBSTANCES: Mapping[str, str] = {
    "heroin": "heroin",
    "methadone": "methadone",
    "other_opiates": "other opiates",
    "benzodiazepines": "benzodiazepines",
    "amphetamines": "amphetamines",
    "methamphetamine": "methamphetamine",
    "cocaine": "cocaine",
    "crack_cocaine": "crack cocaine",
    "mdma": "MDMA (ecstasy)",
    "hallucinogens": "hallucinogens",
    "ketamine": "ketamine",
    "cannabis": "cannabis",
    "synthetic_cannabinoids": "synthetic cannabinoids",
    "solvents": "solvents",
    "nitrous_oxide": "nitrous oxide",
    "ghb_gbl": "GHB/GBL",
    "gabapentinoids": "gabapentinoids",
    "steroids": "steroids",
    "prescription_only_medicines": "prescription-only medicines",
    "alcohol": "alcohol",
    "other": "something else",
}
"""Substances in NDTMS terms, by the code the force API uses for them."""

ROUTES: Mapping[str, str] = {
    "inject": "injected",
    "sniff": "sniffed",
    "smoke": "smoked",
    "oral": "swallowed",
    "other": "another way",
}

FREQUENCIES: Mapping[str, str] = {
    "daily": "every day or almost",
    "several_times_a_week": "several times a week",
    "weekly": "about once a week",
    "monthly": "one to three times a month",
    "less_than_monthly": "less than once a month",
    "once": "once or twice ever",
}


@dataclass(frozen=True)
class Option:
    """One answer of a question. For a scored item ``code`` is the number of points it gives."""

    code: str
    label: str


YES_NO = (Option("yes", "Yes"), Option("no", "No"))


@dataclass(frozen=True)
class Question:
    """One question, in the words it is asked in; ``raises`` says which option states which fact (``facts.FLAGS``)."""

    code: str
    text: str
    options: tuple[Option, ...] = YES_NO
    raises: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)


def read_answers(given: Answers, *, questions: Sequence[Question], at: str) -> dict[str, str]:
    """Every question's answer as a code; what was not given is ``not_asked``. ``at`` is the section's JSON pointer.

    Raises Invalid naming every answer that is not in its list and every question that is not in the section.
    """
    known = {question.code: (*question.codes, *Unsaid) for question in questions}
    read = {
        code: Unsaid.NOT_ASKED.value if given.get(code) in (None, "") else str(given[code]) for code in known
    }
    faults = [
        FieldError(f"{at}/{code}", "not_in_list", "Choose one of the answers.")
        for code, answer in read.items()
        if answer not in known[code]
    ]
    faults += [
        FieldError(f"{at}/{code}", "unknown_field", "There is no such question here.")
        for code in sorted(set(given) - set(known))
    ]
    if faults:
        raise Invalid(faults)
    return read


def points(answers: Answers, code: str, *, allowed: Sequence[int]) -> int | None:
    """The points of a scored item, or None where nothing was said. ValueError for points the item does not have."""
    answer = answers.get(code)
    if answer in (None, "", *Unsaid):
        return None
    if not str(answer).isascii() or not str(answer).isdigit() or int(str(answer)) not in allowed:
        raise ValueError(f"{code} has no such answer")
    return int(str(answer))
