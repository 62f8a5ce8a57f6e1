"""What people say in the demo's assessments, scored and decided by the product's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from provider.commands.demo.schemes import COURSES
from provider.domain.assessments.advice import shipped_rules, suggest
from provider.domain.assessments.audit import REMAINING, drinks, score_audit, score_audit_c
from provider.domain.assessments.facts import Facts, Use, facts_of
from provider.domain.assessments.pathway import recommend
from provider.domain.assessments.questions import SECTIONS
from provider.domain.courses.models import ADULT
from provider.domain.courses.topics import fitting
from provider.pathway.assessing import Advice, Decided, Recorded, SubstanceUse

_ROUTES = {
    "cannabis": "smoke",
    "cocaine": "sniff",
    "ketamine": "sniff",
    "heroin": "smoke",
    "crack_cocaine": "smoke",
}
_FREQUENCIES = ("daily", "several_times_a_week", "weekly", "weekly", "monthly", "less_than_monthly")
_AMOUNTS = {"cannabis": "one or two joints", "cocaine": "half a gram", "mdma": "one tablet"}
_OFTEN_YES = {"cannabis_with_tobacco": 0.4, "drives": 0.4, "anxiety": 0.3, "low_mood": 0.25, "video": 0.96}
_OFTEN_YES |= {"private_place": 0.95, "uses_alone": 0.2, "mixes_substances": 0.15}


@dataclass(frozen=True)
class Spoken:
    """A whole telephone assessment: what was recorded, and what was decided on it."""

    recorded: Recorded
    decided: Decided
    course: str | None


def telephone(random: Random, *, substances: list[str], age: int, courses: Mapping[str, int]) -> Spoken:
    """One call. ``substances`` are what the force wrote down; the person tells the worker more."""
    uses = _uses(random, substances or [random.choice(("cannabis", "cocaine", "crack_cocaine"))])
    sections = {name: _said(random, name) for name in SECTIONS}
    alcohol = _alcohol(random, age)
    audit_c = score_audit_c(alcohol, age=age, sex_for_units=None)
    full = score_audit(alcohol).score if audit_c.ask_full else None
    facts = facts_of(
        sections,
        age=age,
        uses=[Use(use.substance, frozenset({use.route} if use.route else ()), use.frequency) for use in uses],
        drinks=drinks(alcohol),
        audit_score=full,
    )
    answers: dict[str, Any] = {**sections, "alcohol": alcohol}
    recorded = Recorded(True, answers, tuple(uses), audit_c.score, full)
    return Spoken(recorded, *_decided(facts, courses))


def _decided(facts: Facts, courses: Mapping[str, int]) -> tuple[Decided, str | None]:
    found = recommend(facts)
    rules = shipped_rules()
    kinds = [kind for kind in COURSES if (kind.age_from < ADULT) == (facts.age < ADULT)]
    kind = fitting(kinds, found.topics) if found.in_a_group else None
    course = kind.code if kind is not None else None
    decided = Decided(
        advice_version=rules.version,
        advice=tuple(Advice(advice.code, advice.text) for advice in suggest(facts, rules)[:6]),
        recommended_pathway=found.pathway,
        recommended_because=found.reason,
        pathway=found.pathway,
        pathway_because=None,
        course_id=courses[course] if course else None,
    )
    return decided, course


def _uses(random: Random, substances: list[str]) -> list[SubstanceUse]:
    more = ["alcohol"] if random.random() < 0.5 else []
    return [
        SubstanceUse(
            substance=name,
            route=_ROUTES.get(name, "oral"),
            frequency=random.choice(_FREQUENCIES if name != "heroin" else ("daily", "weekly")),
            amount=_AMOUNTS.get(name),
            severity=random.choice((None, 0, 1, 1, 2, 2, 3, 4)) if name != "alcohol" else None,
        )
        for name in dict.fromkeys([*substances, *more])
    ]


def _said(random: Random, section: str) -> dict[str, str]:
    return {
        question.code: "yes" if random.random() < _OFTEN_YES.get(question.code, 0.04) else "no"
        for question in SECTIONS[section]
    }


def _alcohol(random: Random, age: int) -> dict[str, str]:
    if random.random() < (0.6 if age < 18 else 0.3):
        return {"audit_1": "0"}
    heavy = random.random() < 0.25
    said = {f"audit_{item}": str(random.choice((2, 3, 3) if heavy else (1, 1, 2))) for item in (1, 2, 3)}
    if heavy:
        said |= {
            question.code: random.choice([option.code for option in question.options[:2]])
            for question in REMAINING
        }
    return said
