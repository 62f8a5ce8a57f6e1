"""Kinds of course are added, changed, and run no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from provider.domain.courses.models import ADULT, Course
from provider.kernel.database import db
from provider.kernel.errors import Refusal

YOUNGEST, OLDEST = 10, 99


class CodeTaken(Refusal):
    code = "code_taken"
    sentence = "Another course has that code already."


class AgesCrossEighteen(Refusal):
    code = "ages_cross_18"
    sentence = "Young people and adults are never in one course: let it end at 17 or younger, or begin at 18 or older."


@dataclass(frozen=True)
class CourseKind:
    """A kind of course as somebody wants it. ``age_to`` is the last year of age, None any; ``topics`` are codes.

    ``most_extra`` is how many places beyond its seats a session may give at most; 0 is none.
    """

    code: str
    name: str
    neutral_name: str
    minutes: int
    minimum_minutes: int
    age_from: int = ADULT
    age_to: int | None = None
    language: str = "en"
    topics: Sequence[str] = ()
    most_extra: int = 0

    def takes(self, age: int) -> bool:
        """Whether somebody of that age may come."""
        return self.age_from <= age and (self.age_to is None or age <= self.age_to)


def crosses_eighteen(age_from: int, age_to: int | None) -> bool:
    """Whether young people and adults would meet."""
    return age_from < ADULT and (age_to is None or age_to >= ADULT)


def add_course(kind: CourseKind) -> Course:
    """Add a kind of course that is run from now on. Raises CodeTaken or AgesCrossEighteen."""
    return _become(Course(active=True), kind)


def change_course(course: Course, kind: CourseKind) -> Course:
    """Let a kind of course be as ``kind`` says. Raises CodeTaken or AgesCrossEighteen."""
    return _become(course, kind)


def _become(course: Course, kind: CourseKind) -> Course:
    if crosses_eighteen(kind.age_from, kind.age_to):
        raise AgesCrossEighteen
    try:
        with db.session.begin_nested():
            for field in fields(kind):
                setattr(course, field.name, getattr(kind, field.name))
            course.topics = list(kind.topics)
            db.session.add(course)
            db.session.flush()
    except IntegrityError as error:
        if "code" in str(error.orig):
            raise CodeTaken from None
        raise
    return course


def kind_of(course: Course) -> CourseKind:
    """What a kind of course is now."""
    return CourseKind(**{field.name: getattr(course, field.name) for field in fields(CourseKind)})


def takes_age(course: Course, age: int) -> bool:
    """Whether somebody of that age may come."""
    return kind_of(course).takes(age)


def for_age(age: sa.ColumnElement[int] | int) -> sa.ColumnElement[bool]:
    """The same of a ``Course`` in a query."""
    return sa.and_(Course.age_from <= age, sa.or_(Course.age_to.is_(None), Course.age_to >= age))


def running_courses() -> Sequence[Course]:
    """The courses that are run, in the order they were added."""
    return db.session.scalars(sa.select(Course).where(Course.active).order_by(Course.id)).all()
