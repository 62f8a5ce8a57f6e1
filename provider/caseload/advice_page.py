"""The second step of an assessment: advice and pathway as the rules suggest them. The worker decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.assessment_page import AssessmentPage, assessment_page
from provider.domain.assessments.advice import SuggestedAdvice, shipped_rules, suggest
from provider.domain.assessments.pathway import PATHWAY_LABELS, Pathway, Recommendation, recommend
from provider.domain.courses.kinds import for_age
from provider.domain.courses.models import Course
from provider.domain.courses.topics import fitting
from provider.kernel.database import db


@dataclass(frozen=True)
class CourseChoice:
    id: int
    name: str
    topics: tuple[str, ...]


@dataclass(frozen=True)
class AdvicePage:
    """``courses`` are those for the person's age; ``course`` the one recommended, where a course is."""

    assessment: AssessmentPage
    advice: tuple[SuggestedAdvice, ...]
    advice_version: str
    signed_off: bool
    recommendation: Recommendation
    courses: tuple[CourseChoice, ...]
    course: CourseChoice | None

    @property
    def pathways(self) -> tuple[Pathway, ...]:
        """What may be decided, the recommended one first."""
        return (self.recommendation.pathway, *self.recommendation.alternatives)

    @property
    def recommended(self) -> str:
        return PATHWAY_LABELS[self.recommendation.pathway]


def advice_page(referral_id: int, *, now: datetime) -> AdvicePage:
    """What the rules suggest from what was saved, in five queries."""
    page = assessment_page(referral_id, now=now)
    rules = shipped_rules()
    recommendation = recommend(page.stated)
    courses = _courses(page.age)
    return AdvicePage(
        assessment=page,
        advice=suggest(page.stated, rules),
        advice_version=rules.version,
        signed_off=rules.signed_off,
        recommendation=recommendation,
        courses=courses,
        course=fitting(courses, recommendation.topics) if recommendation.in_a_group else None,
    )


def _courses(age: int) -> tuple[CourseChoice, ...]:
    """Courses that are run for this age: adults and young people are never mixed."""
    rows = db.session.scalars(sa.select(Course).where(Course.active, for_age(age)).order_by(Course.id))
    return tuple(CourseChoice(row.id, row.name, tuple(row.topics)) for row in rows)
