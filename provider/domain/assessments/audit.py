"""AUDIT: ten questions about alcohol, the first three of them AUDIT-C.

Babor, Higgins-Biddle, Saunders and Monteiro, AUDIT, 2nd edition, WHO 2001; free to use. UK wording in units of 8 g.
Where an item was not asked, or somebody preferred not to say, there is no score: none is made up from the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from provider.domain.assessments.answers import Answers, Option, Question, points

SexForUnits = Literal["female", "male"]
ADULT_THRESHOLD = 5
UNDER_18_THRESHOLD = 3
TREATMENT_FROM = 20
BANDS = ((20, "possible_dependence"), (16, "higher"), (8, "increasing"), (0, "lower"))
BAND_LABELS = {
    "lower": "Lower risk",
    "increasing": "Increasing risk",
    "higher": "Higher risk",
    "possible_dependence": "Possible dependence",
}


def _options(*labels: str, scores: tuple[int, ...] = (0, 1, 2, 3, 4)) -> tuple[Option, ...]:
    return tuple(Option(str(score), label) for score, label in zip(scores, labels, strict=True))


_HOW_OFTEN = _options("Never", "Less than monthly", "Monthly", "Weekly", "Daily or almost daily")
_EVER = _options("No", "Yes, but not in the last year", "Yes, during the last year", scores=(0, 2, 4))
_LAST_YEAR = "How often during the last year have you "

_FIRST_TWO = (
    Question(
        "audit_1",
        "How often do you have a drink containing alcohol?",
        _options(
            "Never",
            "Monthly or less",
            "2 to 4 times a month",
            "2 to 3 times a week",
            "4 or more times a week",
        ),
    ),
    Question(
        "audit_2",
        "How many units of alcohol do you drink on a typical day when you are drinking?",
        _options("1 to 2", "3 to 4", "5 to 6", "7 to 9", "10 or more"),
    ),
)

REMAINING = (
    Question(
        "audit_4",
        _LAST_YEAR + "found that you were not able to stop drinking once you had started?",
        _HOW_OFTEN,
    ),
    Question(
        "audit_5",
        _LAST_YEAR + "failed to do what was normally expected from you because of your drinking?",
        _HOW_OFTEN,
    ),
    Question(
        "audit_6",
        _LAST_YEAR
        + "needed an alcoholic drink in the morning to get yourself going after a heavy drinking session?",
        _HOW_OFTEN,
    ),
    Question("audit_7", _LAST_YEAR + "had a feeling of guilt or remorse after drinking?", _HOW_OFTEN),
    Question(
        "audit_8",
        _LAST_YEAR + "been unable to remember what happened the night before because you had been drinking?",
        _HOW_OFTEN,
    ),
    Question("audit_9", "Have you or somebody else been injured as a result of your drinking?", _EVER),
    Question(
        "audit_10",
        "Has a relative, friend, doctor or other health worker been concerned about your drinking"
        " or suggested that you cut down?",
        _EVER,
    ),
)
"""The seven items asked where AUDIT-C reaches its threshold."""


def units_asked(sex_for_units: SexForUnits | None) -> int:
    """The units item 3 asks about: 8 for a man, otherwise 6; where it is not known, the lower."""
    return 8 if sex_for_units == "male" else 6


def audit_c_questions(sex_for_units: SexForUnits | None) -> tuple[Question, ...]:
    """AUDIT-C as it is read out to this person."""
    text = (
        f"How often have you had {units_asked(sex_for_units)} or more units on one occasion in the last year?"
    )
    return (*_FIRST_TWO, Question("audit_3", text, _HOW_OFTEN))


@dataclass(frozen=True)
class AuditC:
    """Items 1 to 3: ``score`` 0–12, or None where something was left unsaid; ``reason`` is for the worker."""

    score: int | None
    ask_full: bool
    threshold: int
    units: int
    reason: str


@dataclass(frozen=True)
class Audit:
    """All ten items: ``score`` 0–40 and its ``band``, or None for both where something was left unsaid."""

    score: int | None
    band: str | None
    advise_treatment: bool


def drinks(answers: Answers) -> bool | None:
    """Whether the person drinks at all, by item 1; None where that was left unsaid."""
    first = points(answers, "audit_1", allowed=range(5))
    return None if first is None else first > 0


def score_audit_c(answers: Answers, *, age: int, sex_for_units: SexForUnits | None) -> AuditC:
    """Score ``audit_1`` to ``audit_3``; from the threshold on (5; under 18: 3, Coulton 2018) the other seven are asked.

    Where an item is unsaid and those answered already reach the threshold, the seven are asked all the same.
    Somebody who never drinks scores 0 for items 2 and 3. ValueError for points an item does not have.
    """
    threshold = UNDER_18_THRESHOLD if age < 18 else ADULT_THRESHOLD
    items = _first_three(answers)
    so_far = sum(item for item in items if item is not None)
    score = None if None in items else so_far
    reason = _why(score, so_far=so_far, threshold=threshold)
    return AuditC(score, so_far >= threshold, threshold, units_asked(sex_for_units), reason)


def score_audit(answers: Answers) -> Audit:
    """Score all ten items: 0–7 lower, 8–15 increasing, 16–19 higher, 20–40 possible dependence (WHO 2001).

    Treatment is advised from 20, also where the items answered reach it and another is unsaid.
    """
    items = [
        *_first_three(answers),
        *(points(answers, item.code, allowed=[int(code) for code in item.codes]) for item in REMAINING),
    ]
    so_far = sum(item for item in items if item is not None)
    if None in items:
        return Audit(None, None, so_far >= TREATMENT_FROM)
    return Audit(so_far, next(band for least, band in BANDS if so_far >= least), so_far >= TREATMENT_FROM)


def _first_three(answers: Answers) -> tuple[int | None, ...]:
    if drinks(answers) is False:
        return (0, 0, 0)
    return tuple(points(answers, f"audit_{item}", allowed=range(5)) for item in (1, 2, 3))


def _why(score: int | None, *, so_far: int, threshold: int) -> str:
    if so_far >= threshold:
        least = "at least " if score is None else ""
        return f"AUDIT-C is {least}{so_far}; from {threshold} on, ask the other seven questions."
    if score is None:
        return "No score: a question was not asked, or the person preferred not to say."
    return f"AUDIT-C is {score}, below {threshold}: the other seven questions are not needed."
