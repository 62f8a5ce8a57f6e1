"""The smaller things a force sends: checks, corrections, withdrawals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from provider.domain.referrals.codes import WithdrawalReason
from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.requests import Correction, Withdrawal, parse_eligibility_check
from provider.kernel.errors import Invalid
from provider.kernel.parsing import Body, parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHEMES = {"divert-adult": SchemeFacts("divert-adult", "Divert", 18, None, agreement_required=True)}
SAM = {"given_name": "Sam", "family_name": "Example", "date_of_birth": "2003-05-14"}


def faults(model: type[Body], body: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as invalid:
        parse(model, body)
    return [(error.pointer, error.code) for error in invalid.value.errors]


def check(body: object) -> list[tuple[str, str]]:
    try:
        parse_eligibility_check(body, schemes=SCHEMES, now=NOW)
    except Invalid as invalid:
        return [(error.pointer, error.code) for error in invalid.errors]
    return []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"scheme": "divert-adult", "person": SAM}, []),
        ({"scheme": "divert-adult", "person": SAM | {"postcode": "b1 1aa", "mobile": None}}, []),
        ({"scheme": "no-such", "person": SAM}, [("/scheme", "unknown_scheme")]),
        ({"scheme": "divert-adult"}, [("/person", "required")]),
        (
            {"scheme": "divert-adult", "person": SAM | {"date_of_birth": "2026-11-23"}},
            [("/person/date_of_birth", "in_future")],
        ),
        (
            {"scheme": "divert-adult", "person": SAM | {"gender": "male", "given_name": 1}},
            [("/person/given_name", "invalid"), ("/person/gender", "unknown_field")],
        ),
    ],
)
def test_a_check_is_read_like_a_referral(body: object, expected: list[tuple[str, str]]) -> None:
    assert check(body) == expected


def test_a_correction_tells_left_out_from_emptied() -> None:
    correction = parse(Correction, {"force_reference": "", "person": {"mobile": " 07700 900123 "}})
    assert correction.model_fields_set == {"force_reference", "person"}
    assert correction.force_reference is None
    assert correction.person
    assert correction.person.model_fields_set == {"mobile"}
    assert correction.person.mobile == "07700 900123"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"person": {"given_name": "Sam"}}, "/person/given_name", "unknown_field"),
        ({"person": {"address": {"county": "x"}}}, "/person/address/county", "unknown_field"),
        ({"officer": {"collar_number": None}}, "/officer/collar_number", "required"),
        ({"officer": {"collar_number": 4312}}, "/officer/collar_number", "invalid"),
        ({"scheme": "divert-adult"}, "/scheme", "unknown_field"),
        ([], "", "invalid"),
    ],
)
def test_a_correction_changes_only_what_may_be_corrected(body: Any, pointer: str, code: str) -> None:
    assert faults(Correction, body) == [(pointer, code)]


def test_a_withdrawal_gives_one_of_three_reasons() -> None:
    assert parse(Withdrawal, {"reason": "charged"}).reason is WithdrawalReason.CHARGED
    assert faults(Withdrawal, {"reason": "bored"}) == [("/reason", "not_in_list")]
    assert faults(Withdrawal, {}) == [("/reason", "required")]
    assert faults(Withdrawal, {"reason": "other", "note": "x"}) == [("/note", "unknown_field")]
