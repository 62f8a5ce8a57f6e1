"""What may stand in each field of a referral, and that no JSON at all does worse than be refused."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.referrals.codes import SelfDefinedEthnicity
from tests.rules.bodies import GOOD, NOW, changed, faults, taken


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
