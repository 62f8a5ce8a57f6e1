"""AUDIT-C, the full AUDIT and SDS: what a score is made of, and that none is made up."""

from __future__ import annotations

from typing import Any

import pytest

from provider.domain.assessments.answers import Unsaid, read_answers
from provider.domain.assessments.audit import (
    REMAINING,
    audit_c_questions,
    drinks,
    score_audit,
    score_audit_c,
    units_asked,
)
from provider.domain.assessments.severity import CutOff, read_cut_offs, score_sds, sds_questions
from provider.kernel.errors import Invalid

NOT_ASKED = Unsaid.NOT_ASKED
QUIET = Unsaid.PREFERS_NOT_TO_SAY


def first_three(one: object, two: object, three: object) -> Any:
    return {"audit_1": one, "audit_2": two, "audit_3": three}


def all_ten(*items: object) -> Any:
    return {f"audit_{number}": item for number, item in enumerate(items, start=1)}


@pytest.mark.parametrize(
    ("answers", "age", "score", "ask_full"),
    [
        ((0, 0, 0), 30, 0, False),
        ((0, 4, 4), 30, 0, False),
        ((0, None, QUIET), 30, 0, False),
        ((0, NOT_ASKED, NOT_ASKED), 16, 0, False),
        ((1, 0, 1), 30, 2, False),
        ((1, 1, 1), 17, 3, True),
        ((1, 1, 0), 17, 2, False),
        ((1, 1, 1), 18, 3, False),
        ((2, 1, 1), 30, 4, False),
        ((2, 2, 1), 30, 5, True),
        ((4, 4, 4), 30, 12, True),
        (("4", "4", "4"), 30, 12, True),
        ((2, NOT_ASKED, 1), 30, None, False),
        ((2, 2, QUIET), 30, None, False),
        ((2, 3, QUIET), 30, None, True),
        ((QUIET, 1, 1), 30, None, False),
        ((None, None, None), 30, None, False),
        (("", "", ""), 16, None, False),
    ],
)
def test_audit_c_scores_what_was_said_and_makes_up_nothing(answers, age, score, ask_full):
    found = score_audit_c(first_three(*answers), age=age, sex_for_units="female")
    assert (found.score, found.ask_full) == (score, ask_full)
    assert found.reason.endswith(".")


@pytest.mark.parametrize(("age", "threshold"), [(10, 3), (17, 3), (18, 5), (80, 5)])
def test_the_threshold_is_three_under_eighteen(age, threshold):
    assert score_audit_c({}, age=age, sex_for_units=None).threshold == threshold


@pytest.mark.parametrize(("sex", "units"), [("female", 6), ("male", 8), (None, 6)])
def test_item_three_asks_for_the_units_of_the_persons_sex(sex, units):
    assert units_asked(sex) == units
    assert f"{units} or more units" in audit_c_questions(sex)[2].text


@pytest.mark.parametrize(
    ("items", "score", "band", "treatment"),
    [
        ((0,) * 10, 0, "lower", False),
        ((4, 3, 0, 0, 0, 0, 0, 0, 0, 0), 7, "lower", False),
        ((4, 4, 0, 0, 0, 0, 0, 0, 0, 0), 8, "increasing", False),
        ((4, 4, 4, 3, 0, 0, 0, 0, 0, 0), 15, "increasing", False),
        ((4, 4, 4, 4, 0, 0, 0, 0, 0, 0), 16, "higher", False),
        ((4, 4, 4, 4, 3, 0, 0, 0, 0, 0), 19, "higher", False),
        ((4, 4, 4, 4, 0, 0, 0, 0, 2, 2), 20, "possible_dependence", True),
        ((4,) * 10, 40, "possible_dependence", True),
        ((4, 4, 4, 4, 4, QUIET, 0, 0, 0, 0), None, None, True),
        ((4, 4, 4, 4, 3, QUIET, 0, 0, 0, 0), None, None, False),
        ((0, 4, 4, 0, 0, 0, 0, 0, 2, 0), 2, "lower", False),
        ((4, 4, 4, None, None, None, None, None, None, None), None, None, False),
    ],
)
def test_the_full_audit_has_its_bands_and_no_invented_score(items, score, band, treatment):
    found = score_audit(all_ten(*items))
    assert (found.score, found.band, found.advise_treatment) == (score, band, treatment)


@pytest.mark.parametrize("answers", [{"audit_1": 5}, {"audit_1": -1}, {"audit_1": "x"}, {"audit_1": "²"}])
def test_points_that_an_item_does_not_have_are_a_bug(answers):
    with pytest.raises(ValueError, match="audit_1"):
        score_audit_c(answers, age=30, sex_for_units=None)


def test_items_nine_and_ten_give_zero_two_or_four():
    with pytest.raises(ValueError, match="audit_9"):
        score_audit(all_ten(1, 1, 1, 1, 1, 1, 1, 1, 1, 0))


@pytest.mark.parametrize(("first", "said"), [(0, False), (1, True), (QUIET, None), (None, None)])
def test_drinking_is_known_only_where_item_one_was_answered(first, said):
    assert drinks({"audit_1": first}) is said


def test_a_form_is_read_into_codes_and_every_fault_is_named_at_once():
    assert read_answers({"audit_9": "4"}, questions=REMAINING, at="/audit")["audit_4"] == "not_asked"
    with pytest.raises(Invalid) as refused:
        read_answers({"audit_4": "9", "audit_9": "1", "audit_99": "1"}, questions=REMAINING, at="/audit")
    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/audit/audit_4", "not_in_list"),
        ("/audit/audit_9", "not_in_list"),
        ("/audit/audit_99", "unknown_field"),
    ]


def sds(*items: object) -> Any:
    return {f"sds_{number}": item for number, item in enumerate(items, start=1)}


@pytest.mark.parametrize(
    ("substance", "age", "items", "score", "cut_off", "discuss"),
    [
        ("heroin", 30, (1, 1, 0, 0, 0), 2, 3, False),
        ("heroin", 30, (1, 1, 1, 0, 0), 3, 3, True),
        ("cocaine", 30, (1, 1, 1, 0, 0), 3, 3, True),
        ("crack_cocaine", 30, (1, 1, 1, 0, 0), 3, 3, True),
        ("amphetamines", 30, (1, 1, 1, 1, 0), 4, 5, False),
        ("amphetamines", 30, (1, 1, 1, 1, 1), 5, 5, True),
        ("cannabis", 18, (1, 1, 1, 0, 0), 3, 3, True),
        ("cannabis", 17, (1, 1, 1, 0, 0), 3, 4, False),
        ("cannabis", 17, (1, 1, 1, 1, 0), 4, 4, True),
        ("ketamine", 30, (3, 3, 3, 3, 3), 15, None, False),
        ("heroin", 30, (3, 3, 3, 3, QUIET), None, 3, False),
    ],
)
def test_severity_prompts_from_its_cut_off(substance, age, items, score, cut_off, discuss):
    found = score_sds(sds(*items), substance=substance, age=age)
    assert (found.score, found.cut_off, found.discuss) == (score, cut_off, discuss)
    assert (found.source is None) == (cut_off is None)


def test_cut_offs_are_settings():
    own = [CutOff(substance="ketamine", points=2, source="our clinical lead")]
    assert score_sds(sds(1, 1, 0, 0, 0), substance="ketamine", age=30, cut_offs=own).discuss
    with pytest.raises(Invalid) as refused:
        read_cut_offs([{"substance": "ketamine", "points": 16}])
    assert [e.pointer for e in refused.value.errors] == ["/0/points", "/0/source"]


def test_every_question_names_the_drug_or_asks_about_stopping():
    assert "crack cocaine" in sds_questions("crack_cocaine")[0].text
    assert "your use of it" in sds_questions("other")[0].text
