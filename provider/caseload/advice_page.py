"""The second step of an assessment: advice and pathway as the rules suggest them. The worker decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provider.caseload.assessment_page import AssessmentPage, assessment_page
from provider.domain.assessments.advice import SuggestedAdvice, shipped_rules, suggest
from provider.domain.assessments.pathway import PATHWAY_LABELS, Pathway, Recommendation, recommend
from provider.domain.courses.models import Course
from provider.kernel.database import db

COURSES = frozenset({Pathway.GROUP_COURSE, Pathway.YOUNG_PEOPLE_COURSE})


@dataclass(frozen=True)
class CourseChoice:
    id: int
    code: str
    name: str


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
    courses = _courses(young_people=page.age < 18)
    return AdvicePage(
        assessment=page,
        advice=suggest(page.stated, rules),
        advice_version=rules.version,
        signed_off=rules.signed_off,
        recommendation=recommendation,
        courses=courses,
        course=_hinted(recommendation.course_code, courses),
    )


def _courses(*, young_people: bool) -> tuple[CourseChoice, ...]:
    """Courses that are run for this age: adults and young people are never mixed."""
    rows = db.session.execute(
        sa.select(Course.id, Course.code, Course.name)
        .where(Course.active, Course.young_people.is_(young_people))
        .order_by(Course.id)
    )
    return tuple(CourseChoice(row.id, row.code, row.name) for row in rows)


def _hinted(code: str | None, courses: tuple[CourseChoice, ...]) -> CourseChoice | None:
    """The course with the code that the rules hint at; where this provider runs none, its general one: the first."""
    if code is None or not courses:
        return None
    return next((course for course in courses if course.code == code), courses[0])
