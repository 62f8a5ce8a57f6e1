"""A referral's body: what is taken, what is refused and where; nothing sent does worse than be refused."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.referrals.codes import SelfDefinedEthnicity
from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.doubts import warnings_of
from provider.domain.referrals.submission import ReferralSubmission, parse_submission
from provider.kernel.errors import Invalid

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHEMES = {
    scheme.code: scheme
    for scheme in (
        SchemeFacts("divert-adult", "Divert", 18, None, agreement_required=True),
        SchemeFacts("divert-young-people", "Divert for young people", 10, 17, agreement_required=True),
        SchemeFacts("custody-referral", "Custody referral", 18, None, agreement_required=False),
    )
}
CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "contracts" / "referrals.jsonl").read_text().splitlines()
]
GOOD: dict[str, Any] = CASES[0]["body"]
GONE = object()


def changed(pointer: str, value: object) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    *path, last = pointer.split("/")[1:]
    part = body
    for step in path:
        part = part[step]
    if value is GONE:
        del part[last]
    else:
        part[last] = value
    return body


def faults(body: object) -> list[tuple[str, str]]:
    try:
        parse_submission(body, schemes=SCHEMES, now=NOW)
    except Invalid as invalid:
        return [(error.pointer, error.code) for error in invalid.errors]
    return []


def taken(body: object) -> ReferralSubmission:
    return parse_submission(body, schemes=SCHEMES, now=NOW)


def doubts(body: object) -> list[tuple[str, str]]:
    return [(doubt.pointer, doubt.code) for doubt in warnings_of(taken(body))]


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


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/person/date_of_birth", 0, "invalid"),
        ("/person/date_of_birth", True, "invalid"),
        ("/person/date_of_birth", "20030514", "invalid"),
        ("/person/date_of_birth", "2003-5-14", "invalid"),
        ("/person/date_of_birth", "14/05/2003", "invalid"),
        ("/person/date_of_birth", "2003-02-30", "invalid"),
        ("/person/date_of_birth", "2003-05-14T00:00:00Z", "invalid"),
        ("/person/date_of_birth", "٢٠٠٣-05-14", "invalid"),
        ("/person/date_of_birth", "1899-12-31", "invalid"),
        ("/person/date_of_birth", "2026-11-23", "in_future"),
        ("/occurred_at", 1764000000, "invalid"),
        ("/occurred_at", "2026-11-20", "invalid"),
        ("/occurred_at", "2026-11-20T21:40:00", "offset_required"),
        ("/occurred_at", "2026-11-20T21:40:00.5", "offset_required"),
        ("/occurred_at", "2026-11-20T25:40:00Z", "invalid"),
        ("/occurred_at", "2026-11-20T21:40:60Z", "invalid"),
        ("/occurred_at", "2026-11-20T21:40:00+24:00", "invalid"),
        ("/occurred_at", "2026-11-20T21:40:00+01:75", "invalid"),
        ("/occurred_at", "0001-01-01T00:00:00+14:00", "invalid"),
        ("/occurred_at", "9999-12-31T23:59:59-14:00", "invalid"),
        ("/occurred_at", "2026-11-22T12:05:01Z", "in_future"),
        ("/agreement/at", "2099-01-01T00:00:00Z", "in_future"),
        ("/agreement/at", "2026-11-20T21:40:00", "offset_required"),
        ("/person/given_name", True, "invalid"),
        ("/person/given_name", 10**400, "invalid"),
        ("/person/given_name", float("nan"), "invalid"),
        ("/person/given_name", ["Sam"], "invalid"),
        ("/person/given_name", "Sa\0m", "invalid"),
        ("/person/given_name", "Sa\nm", "invalid"),
        ("/person/given_name", "Sa\x1bm", "invalid"),
        ("/person/given_name", "Sa\ud800m", "invalid"),
        ("/person/given_name", "x" * 101, "too_long"),
        ("/person/mobile", 7700900123, "invalid"),
        ("/person/email", "sam at mail.example", "invalid"),
        ("/person/interpreter_needed", "false", "invalid"),
        ("/person/interpreter_needed", 0, "invalid"),
        ("/person/officer_observed_ethnicity", 3, "invalid"),
        ("/person/officer_observed_ethnicity", "8", "not_in_list"),
        ("/person/gender", "Male", "not_in_list"),
        ("/person/gender", {"code": "male"}, "invalid"),
        ("/person/address", "1 Example Street", "invalid"),
        ("/setting", "street", "not_in_list"),
        ("/disposal/outcome", 8, "invalid"),
        ("/disposal/outcome", "9", "not_in_list"),
        ("/offence/drugs", {"0": "cannabis"}, "invalid"),
        ("/offence/drugs", "cannabis", "invalid"),
        ("/offence/drugs", None, "required"),
        ("/offence/drugs/0", None, "required"),
        ("/offence/drugs/0/substance", "weed", "not_in_list"),
        ("/offence/drugs/0/class", "D", "not_in_list"),
        ("/offence/drugs/0/drug_class", "B", "unknown_field"),
        ("/offence/drugs", [{"substance": "cannabis"}] * 21, "too_long"),
        ("/risk/markers", ["ok", ""], "required"),
        ("/agreement/given", "yes", "invalid"),
        ("/agreement/given", False, "agreement_required"),
        ("/agreement/given", None, "agreement_required"),
        ("/scheme", "thamesford-only", "unknown_scheme"),
        ("/scheme", {}, "invalid"),
        ("/nonsense", None, "unknown_field"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field_with_its_code(pointer: str, value: object, code: str) -> None:
    body = copy.deepcopy(GOOD)
    part: Any = body
    *path, last = pointer.split("/")[1:]
    for step in path:
        part = part[int(step)] if isinstance(part, list) else part[step]
    part[int(last) if isinstance(part, list) else last] = value
    at = f"{pointer}/1" if pointer == "/risk/markers" else pointer
    assert faults(body) == [(at, code)]


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


@pytest.mark.parametrize(
    ("born", "occurred_at", "code"),
    [
        ("2008-11-20", "2026-11-20T00:00:00+00:00", None),
        ("2008-11-21", "2026-11-20T23:59:59+00:00", "age_not_in_scheme"),
        ("2008-07-02", "2026-07-01T23:30:00+00:00", None),  # already the 2nd in London
        ("2008-07-02", "2026-07-02T00:30:00+02:00", "age_not_in_scheme"),  # still the 1st in London
        ("2008-02-29", "2026-02-28T12:00:00+00:00", "age_not_in_scheme"),
        ("2008-02-29", "2026-03-01T00:00:00+00:00", None),
        ("2016-11-20", "2026-11-20T12:00:00+00:00", "age_not_in_scheme"),
        ("2016-11-21", "2026-11-20T12:00:00+00:00", "too_young"),
        ("2026-11-22", "2026-11-20T12:00:00+00:00", "too_young"),
        ("1926-11-20", "2026-11-20T12:00:00+00:00", None),
    ],
)
def test_age_is_on_the_london_date_of_what_happened(born: str, occurred_at: str, code: str | None) -> None:
    body = changed("/person/date_of_birth", born) | {"occurred_at": occurred_at}
    assert faults(body) == ([("/person/date_of_birth", code)] if code else [])


def test_a_wrong_age_names_the_right_scheme_of_this_force_where_there_is_one() -> None:
    def detail(schemes: dict[str, SchemeFacts]) -> str:
        with pytest.raises(Invalid) as invalid:
            parse_submission(changed("/person/date_of_birth", "2010-01-01"), schemes=schemes, now=NOW)
        return invalid.value.errors[0].detail

    assert "divert-young-people" in detail(SCHEMES)
    assert "custody" not in detail(SCHEMES)
    assert "no scheme for this age" in detail({"divert-adult": SCHEMES["divert-adult"]})


def test_a_scheme_required_by_law_asks_no_agreement() -> None:
    body = changed("/agreement", None) | {"scheme": "custody-referral"}
    body |= {"disposal": {"outcome": "none"}, "offence": {"code": "drug_test_positive", "drugs": None}}
    assert faults(body) == []


@pytest.mark.parametrize(
    ("way", "value"),
    [("mobile", "ask at the hostel"), ("email", "sam@mail.example"), ("address", {"postcode": "B1 1AA"})],
)
def test_any_one_way_of_reaching_the_person_is_enough(way: str, value: object) -> None:
    body = copy.deepcopy(GOOD)
    body["person"] |= {"mobile": None, "email": "", "address": {"line_1": None}, way: value}
    assert faults(body) == []


def test_text_is_taken_without_the_space_and_unseen_marks_around_it() -> None:
    body = changed("/person/mobile", "\u202d07700 900123\u202c")
    body["person"]["given_name"] = "\u00a0 Seán \t"
    body["risk"]["note"] = "first line\r\nsecond\tline "
    submission = taken(body)
    assert submission.person.mobile == "07700 900123"
    assert submission.person.given_name == "Seán"
    assert submission.risk.note == "first line\r\nsecond\tline"


def test_values_are_read_into_their_own_kinds() -> None:
    body = changed("/person/self_defined_ethnicity", "O1")
    body["occurred_at"] = "2026-07-01t21:40:00.1234567+01:00"
    submission = taken(body)
    assert submission.occurred_at == datetime(2026, 7, 1, 20, 40, 0, 123456, tzinfo=UTC)
    assert submission.person.date_of_birth == date(1991, 10, 28)
    assert submission.person.self_defined_ethnicity is SelfDefinedEthnicity.A4
    assert submission.offence.drugs[0].drug_class == "B"


def test_a_phone_whose_clock_is_a_little_fast_is_not_refused() -> None:
    assert faults(changed("/occurred_at", (NOW + timedelta(minutes=4)).isoformat())) == []


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("given_name", "Mrs Sam", "title_in_name"),
        ("given_name", "mr. Sam", "title_in_name"),
        ("family_name", "Dr Example", "title_in_name"),
        ("given_name", "Drew", None),
        ("given_name", "Miss", None),
        ("given_name", "Sam James", None),
        ("given_name", "Sam, Samuel", "several_names"),
        ("given_name", "Sam aka Sammy", "several_names"),
        ("family_name", "García Márquez", None),
        ("mobile", "0121 496 0123", "not_a_mobile"),
        ("mobile", "none", "not_a_mobile"),
        ("mobile", "07777 777777", "doubtful_mobile"),
    ],
)
def test_what_is_doubtful_is_taken_with_a_warning(field: str, value: str, code: str | None) -> None:
    assert doubts(changed(f"/person/{field}", value)) == ([(f"/person/{field}", code)] if code else [])


def test_a_responsible_adult_is_asked_for_under_18_and_their_number_looked_at() -> None:
    body = changed("/person/date_of_birth", "2010-01-01") | {"scheme": "divert-young-people"}
    missing = [("/person/responsible_adult", "no_responsible_adult")]
    assert doubts(body) == missing
    body["person"]["responsible_adult"] = {"name": " ", "mobile": None}
    assert doubts(body) == missing
    body["person"]["responsible_adult"] = {"name": "Pat Example", "mobile": "00000000000"}
    assert doubts(body) == [("/person/responsible_adult/mobile", "doubtful_mobile")]


def test_a_body_nested_beyond_sense_is_only_refused() -> None:
    deep: object = "x"
    for _ in range(5000):
        deep = [deep]
    assert faults(changed("/person/given_name", deep)) == [("/person/given_name", "invalid")]
    assert faults(changed("/extra", deep)) == [("/extra", "unknown_field")]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)
POINTERS = st.sampled_from(
    [f"/{name}" for name in GOOD]
    + [f"/{name}/{field}" for name, part in GOOD.items() if isinstance(part, dict) for field in part]
    + ["/person/address/postcode", "/person/contact/text_ok", "/\ud800", "/person/\0"]
)


@given(st.lists(st.tuples(POINTERS, ANYTHING), max_size=6), ANYTHING)
def test_no_json_at_all_does_worse_than_be_refused(changes: list[tuple[str, Any]], alone: object) -> None:
    faults(alone)
    body: Any = copy.deepcopy(GOOD)
    for pointer, value in changes:
        *path, last = pointer.split("/")[1:]
        part = body
        for step in path:
            part = part.get(step) if isinstance(part, dict) else None
        if isinstance(part, dict):
            part[last] = value
    found = faults(body)
    assert len({pointer for pointer, _ in found}) == len(found)
    json.dumps(found).encode()
    "".join(pointer for pointer, _ in found).encode()


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
