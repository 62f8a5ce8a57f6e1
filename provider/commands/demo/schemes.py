"""The demo's forces and schemes. Nothing here but settings: the code knows no scheme by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from provider.domain.compliance.outcomes import LOG_SENTENCE
from provider.domain.courses.kinds import CourseKind
from provider.domain.courses.topics import Topic
from provider.domain.schemes.terms import CallsRule, PathwayRules, PlacesBought, Terms

FORCES = {"midshire": "Midshire Police", "thamesford": "Thamesford Police"}

_HEALTH = (
    "UK GDPR articles 6(1)(e) and 9(2)(h): a task in the public interest, and the provision of health or social "
    "care under the commissioner’s contract. The person’s agreement to be referred is not this basis."
)
_BY_LAW = (
    "UK GDPR articles 6(1)(c) and 9(2)(h): a duty in law once a test in custody is positive, and the provision of "
    "health or social care."
)

MIDSHIRE_AREAS = ("Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton")

SCHEMES: dict[str, dict[str, tuple[str, Terms]]] = {
    "midshire": {
        "divert-adult": (
            "Midshire Divert (adults)",
            Terms(
                age_from=18,
                areas=MIDSHIRE_AREAS,
                lawful_basis=_HEALTH,
                repeat_rule="while_engaging",
                level_that_counts="intervention",
                service_name="Waymark Midshire",
                phone="0121 496 0100",
                intelligence_sentence=LOG_SENTENCE,
                bar_months=12,
                bar_review_after_days=91,
                places_bought=(
                    PlacesBought(from_=date(2025, 4, 1), until=date(2026, 3, 31), places=420),
                    PlacesBought(from_=date(2026, 4, 1), until=date(2027, 3, 31), places=480),
                ),
            ),
        ),
        "divert-young-people": (
            "Midshire Divert (young people)",
            Terms(
                age_from=10,
                age_to=17,
                areas=MIDSHIRE_AREAS,
                lawful_basis=_HEALTH,
                repeat_rule="while_engaging",
                level_that_counts="intervention",
                service_name="Waymark Young People",
                phone="0121 496 0101",
                intelligence_sentence=LOG_SENTENCE,
                clock_stops=("number_in_doubt", "our_fault", "identity_in_question", "agreed_absence"),
                bar_months=6,
                bar_review_working_days=5,
                course_minutes=90,
                assessment_minutes=45,
                misses_allowed=2,
                places_bought=(PlacesBought(from_=date(2026, 4, 1), until=date(2027, 3, 31), places=158),),
            ),
        ),
    },
    "thamesford": {
        "diversion-deferred": (
            "Thamesford deferred diversion",
            Terms(
                age_from=18,
                lawful_basis=_HEALTH,
                repeat_rule="unlimited",
                level_that_counts="intervention",
                may_prosecute=True,
                service_name="Waymark Thamesford",
                phone="0118 496 0100",
                intelligence_sentence=LOG_SENTENCE,
                course_days=56,
                course_day_kind="calendar",
                clock_stops=("number_in_doubt", "our_fault", "identity_in_question", "bank_holidays"),
                bar_months=None,
                bar_review=False,
            ),
        ),
        "custody-referral": (
            "Thamesford custody referral",
            Terms(
                age_from=18,
                basis="required_by_law",
                lawful_basis=_BY_LAW,
                disposals=("none", "22", "8"),
                repeat_rule="unlimited",
                level_that_counts="assessment",
                pathways=PathwayRules(structured_treatment=CallsRule(miss_uses_chance=False)),
                service_name="Waymark Thamesford",
                phone="0118 496 0100",
                intelligence_sentence=LOG_SENTENCE,
                assessment_days=7,
                assessment_day_kind="calendar",
                bar_months=None,
                bar_review=False,
            ),
        ),
    },
}

PLANNED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("midshire", "divert-young-people"): {"bar_months": 3, "first_contact_days": 1},
}
"""Force and scheme → what was agreed to change, and waits for its day."""

_EVERYTHING = tuple(Topic)
COURSES = (
    CourseKind("awareness", "Looking forward", "Looking forward", 150, 120, topics=_EVERYTHING),
    CourseKind(
        "cannabis", "Looking forward: everyday use", "Looking forward", 150, 120, topics=(Topic.CANNABIS,)
    ),
    CourseKind(
        "stimulants", "Looking forward: weekends", "Looking forward", 150, 120, topics=(Topic.STIMULANTS,)
    ),
    CourseKind(
        "young-people",
        "Straight talking",
        "Straight talking",
        *(90, 70),
        age_from=10,
        age_to=17,
        topics=_EVERYTHING,
    ),
)
"""A name may stand in a text: no drug words."""
