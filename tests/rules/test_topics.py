"""Which course is about what somebody told; and that both lists of topics are one."""

from __future__ import annotations

from collections import Counter

import pytest

from provider.commands.demo.schemes import COURSES
from provider.domain.assessments.answers import SUBSTANCES
from provider.domain.assessments.pathway import TOPICS
from provider.domain.courses.kinds import CourseKind
from provider.domain.courses.topics import Topic, fitting

ADULTS = [kind for kind in COURSES if kind.age_from >= 18]


def test_every_substance_belongs_to_one_topic_and_every_topic_is_on_the_courses_list():
    assert Counter(one for some in TOPICS.values() for one in some) == Counter(list(SUBSTANCES))
    assert list(TOPICS) == [topic.value for topic in Topic]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("", "awareness"),
        ("cannabis", "cannabis"),
        ("stimulants", "stimulants"),
        ("cannabis stimulants", "awareness"),
        ("cannabis alcohol", "awareness"),
        ("alcohol", "awareness"),
        ("ketamine_and_gas", "awareness"),
        ("opioids sedatives", "awareness"),
    ],
)
def test_the_course_about_most_of_it_and_about_least_else(told, code):
    found = fitting(ADULTS, told.split())
    assert found is not None
    assert found.code == code


def test_the_first_of_several_that_fit_alike_and_none_where_there_is_none():
    alike = [CourseKind(code, code, code, 90, 60, topics=(Topic.CANNABIS,)) for code in ("one", "two")]
    assert fitting(alike, ["cannabis"]) is alike[0]
    assert fitting(alike, ["opioids"]) is alike[0]
    assert fitting([], ["cannabis"]) is None
