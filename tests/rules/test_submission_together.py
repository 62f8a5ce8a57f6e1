"""What the fields of a referral show together: ages, ways to reach somebody, doubts."""

from __future__ import annotations

import copy

import pytest

from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.submission import parse_submission
from provider.kernel.errors import Invalid
from tests.rules.bodies import GOOD, NOW, SCHEMES, changed, doubts, faults


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
