"""What to recommend after an assessment. The worker decides; the reason is a sentence that can be said to the person.

The pathway is health data: no force ever reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provider.domain.assessments.answers import SUBSTANCES
from provider.domain.assessments.facts import Facts

CANNABIS = frozenset({"cannabis", "synthetic_cannabinoids"})
STIMULANTS = frozenset({"cocaine", "crack_cocaine", "amphetamines", "methamphetamine", "mdma"})
DAILY_MEANS_TREATMENT = frozenset({"heroin", "other_opiates", "crack_cocaine"})
NEEDS_ONE_TO_ONE = {
    "interpreter_needed": "you would like an interpreter",
    "no_video": "you cannot use video",
    "no_private_place": "you have no private place to join from",
    "hearing_need": "a group can be hard to hear and follow",
    "reading_need": "a group works with text on a screen",
}


class Pathway(StrEnum):
    GROUP_COURSE = "group_course"
    YOUNG_PEOPLE_COURSE = "young_people_course"
    ONE_TO_ONE = "one_to_one"
    STRUCTURED_TREATMENT = "structured_treatment"
    ADVICE_ONLY = "advice_only"


PATHWAY_LABELS = {
    Pathway.GROUP_COURSE: "Online group course",
    Pathway.YOUNG_PEOPLE_COURSE: "Young people's course",
    Pathway.ONE_TO_ONE: "One-to-one",
    Pathway.STRUCTURED_TREATMENT: "Structured treatment",
    Pathway.ADVICE_ONLY: "Advice given, nothing further",
}


@dataclass(frozen=True)
class Recommendation:
    """``course_code`` is a hint which course fits: cannabis, stimulants, drug_alcohol_awareness or young_people."""

    pathway: Pathway
    course_code: str | None
    reason: str
    alternatives: tuple[Pathway, ...]


def recommend(facts: Facts) -> Recommendation:
    """The pathway that fits what was said.

    Signs that treatment is needed come before what makes a group unsuitable, and that before a course. Nobody under
    18 is ever given a group course, not as an alternative either: what they are offered is the young people's own.
    """
    treatment = _why_treatment(facts)
    if treatment is not None:
        return _recommended(Pathway.STRUCTURED_TREATMENT, facts, _treatment_sentence(treatment, facts))
    alone = next((words for flag, words in NEEDS_ONE_TO_ONE.items() if facts.has(flag)), None)
    if alone is not None:
        sentence = f"A one-to-one with a worker suits you best, because {alone}."
        return _recommended(Pathway.ONE_TO_ONE, facts, sentence)
    if facts.age < 18:
        sentence = "The young people's course is for people your age only, and covers what we talked about."
        return _recommended(Pathway.YOUNG_PEOPLE_COURSE, facts, sentence)
    return _recommended(Pathway.GROUP_COURSE, facts, _course_sentence(facts))


def course_code_for(facts: Facts) -> str:
    """The course whose subject fits: the young people's own; one kind of drug alone; otherwise drugs and alcohol."""
    if facts.age < 18:
        return "young_people"
    drugs = facts.substances - {"alcohol"}
    if facts.has("higher_risk_drinking") or not drugs:
        return "drug_alcohol_awareness"
    if drugs <= CANNABIS:
        return "cannabis"
    return "stimulants" if drugs <= STIMULANTS else "drug_alcohol_awareness"


def _recommended(pathway: Pathway, facts: Facts, reason: str) -> Recommendation:
    course = Pathway.YOUNG_PEOPLE_COURSE if facts.age < 18 else Pathway.GROUP_COURSE
    others = (course, Pathway.ONE_TO_ONE, Pathway.STRUCTURED_TREATMENT, Pathway.ADVICE_ONLY)
    code = course_code_for(facts) if pathway is course else None
    return Recommendation(pathway, code, reason, tuple(other for other in others if other is not pathway))


def _why_treatment(facts: Facts) -> str | None:
    """What points to treatment, in words that finish "because", the strongest first; None where nothing does."""
    if any("inject" in use.routes for use in facts.uses):
        return "injecting carries risks that a course cannot take away"
    for use in facts.uses:
        if use.frequency == "daily" and use.substance in DAILY_MEANS_TREATMENT:
            return f"using {SUBSTANCES[use.substance]} every day is hard to change without support"
    if facts.has("dependent_alcohol"):
        return "your body may have come to depend on alcohol, and stopping safely needs support"
    if facts.has("dependent_sedatives"):
        return "your body may have come to depend on what you take, and stopping safely needs support"
    dependent = [SUBSTANCES[code] for code in SUBSTANCES if code in facts.dependent_on]
    return f"what you said about {dependent[0]} suggests that going without is hard" if dependent else None


def _treatment_sentence(because: str, facts: Facts) -> str:
    who = "a young people's specialist worker" if facts.age < 18 else "a specialist worker"
    return f"I would like {who} to see you over some weeks rather than a course, because {because}."


def _course_sentence(facts: Facts) -> str:
    about = {
        "cannabis": "the course about cannabis fits what you told me",
        "stimulants": "the course about cocaine and other stimulants fits what you told me",
        "drug_alcohol_awareness": "the course about drugs and alcohol covers all that you told me about",
    }[course_code_for(facts)]
    return f"An online group is right for you, and {about}."
