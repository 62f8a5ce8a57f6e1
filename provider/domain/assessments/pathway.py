"""What to recommend after an assessment. The worker decides; the reason is a sentence that can be said to the person.

The pathway is health data: no force ever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provider.domain.assessments.answers import SUBSTANCES
from provider.domain.assessments.facts import Facts

TOPICS: Mapping[str, frozenset[str]] = {
    "cannabis": frozenset({"cannabis", "synthetic_cannabinoids"}),
    "stimulants": frozenset({"cocaine", "crack_cocaine", "amphetamines", "methamphetamine", "mdma"}),
    "opioids": frozenset({"heroin", "methadone", "other_opiates"}),
    "sedatives": frozenset({"benzodiazepines", "gabapentinoids", "ghb_gbl"}),
    "ketamine_and_gas": frozenset({"ketamine", "hallucinogens", "nitrous_oxide", "solvents"}),
    "medicines": frozenset({"prescription_only_medicines", "steroids"}),
    "other": frozenset({"other"}),
    "alcohol": frozenset({"alcohol"}),
}
"""What a course can be about, and the substances that belong to it."""

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


IN_A_GROUP = frozenset({Pathway.GROUP_COURSE, Pathway.YOUNG_PEOPLE_COURSE})


@dataclass(frozen=True)
class Recommendation:
    """``topics`` are what a course should be about, keys of ``TOPICS``; none is drugs and alcohol in general."""

    pathway: Pathway
    topics: tuple[str, ...]
    reason: str
    alternatives: tuple[Pathway, ...]

    @property
    def in_a_group(self) -> bool:
        return self.pathway in IN_A_GROUP


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


def topics_for(facts: Facts) -> tuple[str, ...]:
    """What somebody told about; drinking only where it carries a higher risk."""
    drinks = {"alcohol"} if facts.has("higher_risk_drinking") else set()
    told = (facts.substances - {"alcohol"}) | drinks
    return tuple(topic for topic, substances in TOPICS.items() if told & substances)


def _recommended(pathway: Pathway, facts: Facts, reason: str) -> Recommendation:
    course = Pathway.YOUNG_PEOPLE_COURSE if facts.age < 18 else Pathway.GROUP_COURSE
    others = (course, Pathway.ONE_TO_ONE, Pathway.STRUCTURED_TREATMENT, Pathway.ADVICE_ONLY)
    topics = topics_for(facts) if pathway is course else ()
    return Recommendation(pathway, topics, reason, tuple(other for other in others if other is not pathway))


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
    of_one: Mapping[tuple[str, ...], str] = {
        ("cannabis",): "the course about cannabis fits what you told me",
        ("stimulants",): "the course about cocaine and other stimulants fits what you told me",
    }
    of_all = "the course about drugs and alcohol covers all that you told me about"
    return f"An online group is right for you, and {of_one.get(topics_for(facts), of_all)}."
