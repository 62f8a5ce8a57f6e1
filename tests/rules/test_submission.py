"""A referral's body: the 300 of the contract; what is required; everything wrong said at once."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from provider.domain.referrals.submission import ReferralSubmission
from provider.kernel.errors import Invalid
from tests.rules.bodies import CASES, GONE, GOOD, changed, doubts, faults, taken


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case['case']}" for number, case in enumerate(CASES)])
def test_each_of_the_300_bodies_gives_what_its_line_expects(case: dict[str, Any]) -> None:
    if case["status"] == 422:
        assert faults(case["body"]) == [(case["pointer"], case["code"])]
    else:
        assert [code for _, code in doubts(case["body"])] == ([case["warning"]] if "warning" in case else [])


@pytest.mark.parametrize(
    "pointer",
    [
        "/scheme",
        "/occurred_at",
        "/setting",
        "/disposal",
        "/disposal/outcome",
        "/officer",
        "/officer/collar_number",
        "/person",
        "/person/given_name",
        "/person/family_name",
        "/person/date_of_birth",
        "/person/gender",
        "/offence",
        "/offence/code",
    ],
)
@pytest.mark.parametrize("nothing", [GONE, None, "", "  "], ids=["left out", "null", "empty", "blank"])
def test_what_is_required_is_missed_however_it_is_left_out(pointer: str, nothing: object) -> None:
    assert faults(changed(pointer, nothing)) == [(pointer, "required")]


def test_all_else_may_be_null_or_left_out() -> None:
    least = {
        "scheme": "divert-adult",
        "occurred_at": "2026-11-20T21:40:00Z",
        "setting": "custody",
        "disposal": {"outcome": "22"},
        "officer": {"collar_number": "4312"},
        "person": {
            "given_name": "Sam",
            "family_name": "Example",
            "date_of_birth": "2003-05-14",
            "gender": "male",
            "email": "sam@mail.example",
        },
        "offence": {"code": "drug_test_positive"},
        "agreement": {"given": True},
    }
    assert doubts(least) == [("/force_reference", "no_force_reference"), ("/person/mobile", "no_mobile")]
    nulled = copy.deepcopy(GOOD)
    for part, keep in (
        (nulled, set(least)),
        (nulled["person"], {"given_name", "family_name", "date_of_birth", "gender", "mobile"}),
        (nulled["officer"], {"collar_number"}),
        (nulled["disposal"], {"outcome"}),
        (nulled["agreement"], {"given"}),
    ):
        part.update(dict.fromkeys(set(part) - keep))
    submission = taken(nulled)
    assert submission.person.contact.text_ok is None
    assert submission.risk.markers == ()


@pytest.mark.parametrize("body", [None, True, 0, "text", [], [GOOD]])
def test_a_body_is_an_object(body: object) -> None:
    assert faults(body) == [("", "invalid")]


def test_everything_wrong_is_said_at_once_in_the_order_of_the_fields() -> None:
    body = changed("/person/date_of_birth", "2012-01-01")
    body |= {"offence": {"code": "possession_controlled_drug", "drugs": []}, "agreement": None, "extra": 1}
    body["person"] |= {"gender": "m", "mobile": None, "address": {"town": ""}, "a/b~c": 1}
    body["officer"]["collar_number"] = ""
    body["force_reference"] = 5
    assert faults(body) == [
        ("/force_reference", "invalid"),
        ("/officer/collar_number", "required"),
        ("/person", "contact_required"),
        ("/person/date_of_birth", "age_not_in_scheme"),
        ("/person/gender", "not_in_list"),
        ("/person/a~1b~0c", "unknown_field"),
        ("/offence/drugs", "required"),
        ("/agreement/given", "agreement_required"),
        ("/extra", "unknown_field"),
    ]


def test_a_fault_at_one_field_is_not_said_again_by_a_rule_between_fields() -> None:
    assert faults(changed("/person/mobile", 5) | {}) == [("/person/mobile", "invalid")]
    body = changed("/agreement", 5)
    assert faults(body) == [("/agreement", "invalid")]
    body = changed("/person", [])
    assert faults(body) == [("/person", "invalid")]


def test_no_error_repeats_what_was_sent() -> None:
    secret = "Zebedee"
    body = changed("/person/gender", secret) | {"scheme": secret, "setting": secret, "occurred_at": secret}
    body["person"] |= {"given_name": secret * 30, "email": secret, "date_of_birth": secret}
    with pytest.raises(Invalid) as invalid:
        taken(body)
    assert len(invalid.value.errors) == 7
    assert secret not in repr(invalid.value.errors) + str(invalid.value)


def test_the_schema_says_what_is_required_listed_and_how_long() -> None:
    schema = ReferralSubmission.model_json_schema()
    person = schema["$defs"]["SubmittedPerson"]
    assert set(person["required"]) == {"given_name", "family_name", "date_of_birth", "gender"}
    assert person["properties"]["given_name"]["maxLength"] == 100
    assert person["properties"]["date_of_birth"] == {
        "type": "string",
        "format": "date",
        "title": "Date Of Birth",
    }
    assert schema["$defs"]["Substance"]["enum"][0] == "heroin"
    assert "class" in schema["$defs"]["Drug"]["properties"]
    assert schema["additionalProperties"] is False
