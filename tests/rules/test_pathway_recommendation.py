"""Which pathway is recommended, in the order the rules stand in; and that a child is never put with adults."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.assessments.answers import SUBSTANCES
from provider.domain.assessments.facts import FLAGS, Facts, Use
from provider.domain.assessments.pathway import Pathway, recommend


def facts(
    *uses: str | Use,
    age: int = 30,
    flags: Collection[str] = (),
    audit: int | None = None,
    dependent: Collection[str] = (),
) -> Facts:
    return Facts(
        age,
        tuple(Use(use) if isinstance(use, str) else use for use in uses),
        frozenset(flags),
        audit,
        frozenset(dependent),
    )


INJECTS = Use("amphetamines", frozenset({"inject"}))
DAILY = "daily"


@pytest.mark.parametrize(
    ("said", "pathway", "topics"),
    [
        (facts("cannabis"), "group_course", "cannabis"),
        (facts("cannabis", "synthetic_cannabinoids"), "group_course", "cannabis"),
        (facts("cannabis", flags={"drinks_alcohol"}), "group_course", "cannabis"),
        (facts("cannabis", audit=8), "group_course", "cannabis alcohol"),
        (facts("cocaine"), "group_course", "stimulants"),
        (facts("cocaine", "mdma"), "group_course", "stimulants"),
        (facts("cannabis", "cocaine"), "group_course", "cannabis stimulants"),
        (facts("ketamine"), "group_course", "ketamine_and_gas"),
        (facts(), "group_course", ""),
        (facts("cannabis", audit=19), "group_course", "cannabis alcohol"),
        (facts("cannabis", audit=20), "structured_treatment", ""),
        (facts(INJECTS), "structured_treatment", ""),
        (facts(Use("heroin", frozenset(), DAILY)), "structured_treatment", ""),
        (facts(Use("crack_cocaine", frozenset(), DAILY)), "structured_treatment", ""),
        (facts(Use("cannabis", frozenset(), DAILY)), "group_course", "cannabis"),
        (facts(Use("crack_cocaine", frozenset(), "weekly")), "group_course", "stimulants"),
        (facts("cocaine", dependent={"cocaine"}), "structured_treatment", ""),
        (facts(flags={"dependent_alcohol"}), "structured_treatment", ""),
        (facts(flags={"dependent_sedatives"}), "structured_treatment", ""),
        (facts("cannabis", flags={"interpreter_needed"}), "one_to_one", ""),
        (facts("cannabis", flags={"no_video"}), "one_to_one", ""),
        (facts("cannabis", flags={"no_private_place"}), "one_to_one", ""),
        (facts("cannabis", flags={"hearing_need"}), "one_to_one", ""),
        (facts("cannabis", flags={"reading_need"}), "one_to_one", ""),
        (facts(INJECTS, flags={"no_video"}), "structured_treatment", ""),
        (facts("cannabis", age=17), "young_people_course", "cannabis"),
        (facts("cannabis", age=18), "group_course", "cannabis"),
        (facts("cannabis", age=16, flags={"no_video"}), "one_to_one", ""),
        (facts(INJECTS, age=16), "structured_treatment", ""),
    ],
)
def test_the_first_rule_that_fits_decides(said, pathway, topics):
    found = recommend(said)
    assert (found.pathway, found.topics) == (pathway, tuple(topics.split()))


def test_a_childs_treatment_is_with_the_young_peoples_worker():
    assert "young people's specialist worker" in recommend(facts(INJECTS, age=16)).reason


@given(
    st.builds(
        facts,
        st.sampled_from(sorted(SUBSTANCES)),
        age=st.integers(10, 90),
        flags=st.frozensets(st.sampled_from(sorted(FLAGS))),
        audit=st.none() | st.integers(0, 40),
    )
)
def test_nobody_under_eighteen_is_ever_offered_a_room_with_adults_nor_an_adult_the_childrens(said):
    found = recommend(said)
    offered = {found.pathway, *found.alternatives}
    assert (Pathway.GROUP_COURSE in offered) == (said.age >= 18)
    assert (Pathway.YOUNG_PEOPLE_COURSE in offered) == (said.age < 18)
    assert found.pathway not in found.alternatives
    assert found.reason.endswith(".")
    assert found.reason.count(". ") == 0
    assert len(found.reason) <= 500
