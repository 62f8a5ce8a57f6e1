"""Severity of Dependence Scale: five questions about one drug over the last year.

Gossop, Darke, Griffiths and others, Addiction 1995; 90: 607–614; free to use. A prompt for a conversation, never a
diagnosis: the cut-offs below are settings, each with where it comes from, for a clinical lead to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from provider.domain.assessments.answers import SUBSTANCES, Answers, Option, Question, points
from provider.domain.assessments.reading import read_settings

_HOW_OFTEN = ("Never or almost never", "Sometimes", "Often", "Always or nearly always")
_HOW_HARD = ("Not difficult", "Quite difficult", "Very difficult", "Impossible")
_ITEMS = (
    ("sds_1", "Did you ever think your use of {drug} was out of control?", _HOW_OFTEN),
    ("sds_2", "Did the prospect of missing {drug} make you very anxious or worried?", _HOW_OFTEN),
    ("sds_3", "Did you worry about your use of {drug}?", _HOW_OFTEN),
    ("sds_4", "Did you wish you could stop?", _HOW_OFTEN),
    ("sds_5", "How difficult would you find it to stop or go without {drug}?", _HOW_HARD),
)


class CutOff(BaseModel):
    """From how many points on to talk about dependence, for one drug and an age range (both ends included)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    substance: str
    points: int = Field(ge=1, le=15)
    source: str = Field(min_length=1, max_length=300)
    age_from: int = Field(0, ge=0, le=120)
    age_to: int = Field(120, ge=0, le=120)


_COCAINE = "Kaye and Darke, Addiction 2002; 97: 727–731"
_AMPHETAMINE = "Topp and Mattick, Addiction 1997; 92: 839–845 (above 4)"

DEFAULT_CUT_OFFS = (
    CutOff(
        substance="heroin",
        points=3,
        source="González-Sáiz and others, European Addiction Research 2009; 15: 87–93",
    ),
    CutOff(substance="cocaine", points=3, source=_COCAINE),
    CutOff(substance="crack_cocaine", points=3, source=_COCAINE),
    CutOff(substance="amphetamines", points=5, source=_AMPHETAMINE),
    CutOff(
        substance="cannabis",
        points=3,
        age_from=18,
        source="Swift, Copeland and Hall, Addiction 1998; 93: 1681–1692",
    ),
    CutOff(
        substance="cannabis",
        points=4,
        age_to=17,
        source="Martin, Copeland, Gates and Gilmour, Drug and Alcohol Dependence 2006; 83: 90–93",
    ),
)


@dataclass(frozen=True)
class Severity:
    """``score`` 0–15, or None where something was left unsaid; ``discuss`` from the cut-off on."""

    substance: str
    score: int | None
    cut_off: int | None
    source: str | None
    discuss: bool
    sentence: str


def sds_questions(substance: str) -> tuple[Question, ...]:
    """The five questions as they are read out about one substance."""
    drug = SUBSTANCES[substance] if substance != "other" else "it"
    return tuple(
        Question(code, text.format(drug=drug), tuple(Option(str(n), label) for n, label in enumerate(labels)))
        for code, text, labels in _ITEMS
    )


def read_cut_offs(data: Sequence[Mapping[str, object]]) -> tuple[CutOff, ...]:
    """Cut-offs as a clinical lead edited them. Raises Invalid naming every fault as ``/0/points``."""
    return tuple(read_settings(CutOff, row, at=f"/{place}") for place, row in enumerate(data))


def score_sds(
    answers: Answers, *, substance: str, age: int, cut_offs: Sequence[CutOff] = DEFAULT_CUT_OFFS
) -> Severity:
    """Score ``sds_1`` to ``sds_5`` for one substance. ValueError for points an item does not have."""
    items = [points(answers, code, allowed=range(4)) for code, _, _ in _ITEMS]
    score = None if None in items else sum(item for item in items if item is not None)
    cut = next((c for c in cut_offs if c.substance == substance and c.age_from <= age <= c.age_to), None)
    discuss = score is not None and cut is not None and score >= cut.points
    sentence = _sentence(SUBSTANCES[substance], score=score, cut=cut, discuss=discuss)
    return Severity(
        substance, score, cut.points if cut else None, cut.source if cut else None, discuss, sentence
    )


def _sentence(drug: str, *, score: int | None, cut: CutOff | None, discuss: bool) -> str:
    if score is None:
        return f"No score for {drug}: a question was not asked, or the person preferred not to say."
    if cut is None:
        return f"{score} of 15 for {drug}; there is no agreed cut-off: talk about what the person said."
    if discuss:
        return f"{score} of 15 for {drug}, from {cut.points} on talk about dependence: a prompt, not a diagnosis."
    return f"{score} of 15 for {drug}, below {cut.points}."
