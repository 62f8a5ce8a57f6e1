"""What a course is about, and which course is about what somebody told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from provider.kernel.codes import Coded


class Topic(Coded):
    """A closed list: the groups of substances that advice is given on."""

    CANNABIS = "cannabis", "Cannabis, synthetic ones too"
    STIMULANTS = "stimulants", "Cocaine, crack, amphetamines and ecstasy"
    OPIOIDS = "opioids", "Heroin, methadone and other opiates"
    SEDATIVES = "sedatives", "Benzodiazepines, gabapentinoids and GHB"
    KETAMINE_AND_GAS = "ketamine_and_gas", "Ketamine, hallucinogens, nitrous oxide and solvents"
    MEDICINES = "medicines", "Prescription-only medicines and steroids"
    OTHER = "other", "Anything else"
    ALCOHOL = "alcohol", "Alcohol"


class AboutTopics(Protocol):
    @property
    def topics(self) -> Collection[str]: ...


Kind = TypeVar("Kind", bound=AboutTopics)


def fitting(courses: Sequence[Kind], topics: Collection[str]) -> Kind | None:
    """The course that is about most of these topics, and about as little else as can be; the first of several.

    Where nothing in particular was told it is the one about most of all. None where there is no course.
    """
    if not topics:
        return max(courses, key=lambda course: len(set(course.topics)), default=None)
    told = set(topics)
    return max(
        courses,
        key=lambda course: (len(told & set(course.topics)), -len(set(course.topics) - told)),
        default=None,
    )
