"""Who is taken for whom: never two people for one, seldom one person for two."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.people.matching import Identity, Match, compare, name_key, postcode_key, search_keys
from provider.kernel.numbers import read_mobile

SAM = Identity("Sam", "Example", date(2003, 5, 14), "B1 1AA", "+447700900123")
CASES = Path(__file__).parents[1] / "contracts" / "referrals.jsonl"


def alias(given_name: str, family_name: str, **other: Any) -> Identity:
    return replace(SAM, given_name=given_name, family_name=family_name, **other)


def both_ways(one: Identity, other: Identity) -> Match:
    found = compare(one, other)
    assert compare(other, one) is found
    if found is not Match.DIFFERENT:
        keys = search_keys(one)
        known_key = name_key(other.given_name, other.family_name)
        assert known_key in keys.name_keys or other.date_of_birth in keys.dates
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Seán", "Ó Briain"), ("SEAN", "O'Briain")),
        (("Mary-Jane", "Smith-Jones"), ("mary jane", "SMITH JONES")),
        (("Łukasz", "Wójcik"), ("lukasz", "wojcik")),
        (("Ødegård", "Müller"), ("odegard", "muller")),
        (("Jürgen", "Strauß"), ("Jurgen", "Strauss")),
        (("Ægir", "Đorđe"), ("Aegir", "Dorde")),
        (("D’Angelo", "St. John"), ("D'Angelo", "St John")),
        (("Nguyễn", "Trần"), ("Nguye\u0302\u0303n", "Tra\u0302\u0300n")),
        (("Mr Sam", "Example"), ("Sam", "Example")),
        (("Oʼneill", "Example"), ("O'Neill", "Example")),
        (("ﬁona", "Example"), ("Fiona", "Example")),
        (("IŞIL", "Example"), ("isil", "Example")),
    ],
)
def test_every_way_of_writing_a_name_has_one_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert name_key(*one) == name_key(*other)
    assert both_ways(alias(*one), alias(*other)) is Match.EXACT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ann", "Amarie"), ("Anna", "Marie")),
        (("राम", "Example"), ("रमा", "Example")),
        (("-", "Example"), ("!", "Example")),
        (("Sam", "Example"), ("Example", "Sam")),
    ],
)
def test_other_names_have_other_keys(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert name_key(*one) != name_key(*other)


@given(st.text(), st.text())
def test_any_name_has_a_key_that_fits_its_column(given_name: str, family_name: str) -> None:
    key = name_key(given_name, family_name)
    assert len(key) <= 200
    assert len(name_key("ﷺ" * 100, "ß" * 100)) <= 200


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({}, Match.EXACT),
        ({"mobile_e164": "+447700900999"}, Match.EXACT),
        ({"mobile_e164": None, "postcode": "b11aa"}, Match.EXACT),
        ({"postcode": "M1 1AA"}, Match.EXACT),
        ({"postcode": None}, Match.EXACT),
        ({"postcode": "M1 1AA", "mobile_e164": "+447700900999"}, Match.EXACT_NAME_ONLY),
        ({"postcode": "M1 1AA", "mobile_e164": None}, Match.EXACT_NAME_ONLY),
        ({"postcode": None, "mobile_e164": None}, Match.EXACT_NAME_ONLY),
    ],
)
def test_only_a_further_identifier_makes_it_certain(changes: dict[str, Any], match: Match) -> None:
    assert both_ways(SAM, replace(SAM, **changes)) is match


def test_two_who_have_nothing_further_are_not_certain() -> None:
    nobody = replace(SAM, postcode=None, mobile_e164=None)
    assert both_ways(nobody, nobody) is Match.EXACT_NAME_ONLY


def test_no_fixed_abode_is_no_place_that_two_share() -> None:
    homeless = replace(SAM, postcode="ZZ99 3VZ", mobile_e164=None)
    assert both_ways(homeless, homeless) is Match.EXACT_NAME_ONLY
    assert postcode_key(" ") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Sam", "Example"), ("Example", "Sam")),
        (("Mohammed", "Khan"), ("Muhammad", "Khan")),
        (("Mohammed", "Khan"), ("Mohamed", "Kahn")),
        (("Sarah", "Smith"), ("Sara", "Smyth")),
        (("Steven", "Campbell"), ("Stephen", "Cambell")),
        (("Sam", "Example"), ("Samuel", "Example")),
        (("Sam", "García"), ("Sam", "García Márquez")),
        (("Sam James", "Example"), ("Sam", "Example")),
        (("Sam James", "Example"), ("Sam", "James Example")),
        (("Jürgen", "Müller"), ("Juergen", "Mueller")),
        (("Ahmed", "Al-Sayed"), ("Sayed", "Ahmad")),
    ],
)
def test_a_spelling_or_an_order_people_get_wrong_is_near(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert both_ways(alias(*one), alias(*other)) is Match.NEAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aisha", "Aaliyah"),
        ("Jack", "Tom"),
        ("Jayden", "Hayden"),
        ("Holly", "Molly"),
        ("Tom", "Tim"),
        ("Ng", "Ny"),
        ("Li", "Y"),
        ("Mohammed Ali", "Mohammed Hassan"),
    ],
)
def test_twins_are_two_people(one: str, other: str) -> None:
    assert both_ways(alias(one, "Begum"), alias(other, "Begum")) is Match.DIFFERENT


@pytest.mark.parametrize(
    ("born", "match"),
    [
        (date(2003, 5, 14), Match.EXACT),
        (date(2003, 5, 15), Match.NEAR),
        (date(2003, 5, 24), Match.NEAR),
        (date(1003, 5, 14), Match.NEAR),
        (date(2008, 5, 14), Match.NEAR),
        (date(2003, 6, 15), Match.DIFFERENT),
        (date(1978, 5, 14), Match.DIFFERENT),
    ],
)
def test_one_digit_of_the_date_wrong_is_near(born: date, match: Match) -> None:
    assert both_ways(SAM, replace(SAM, date_of_birth=born)) is match


def test_day_and_month_the_wrong_way_round_are_near_whatever_else_has_changed() -> None:
    one, other = date(1985, 3, 8), date(1985, 8, 3)
    moved = replace(SAM, date_of_birth=other, postcode="M1 1AA", mobile_e164="+447700900999")
    assert both_ways(replace(SAM, date_of_birth=one), moved) is Match.NEAR
    swapped = alias("Example", "Sam", date_of_birth=other)
    assert both_ways(replace(SAM, date_of_birth=one), swapped) is Match.NEAR


def test_a_common_name_born_a_day_apart_with_another_home_and_number_is_somebody_else() -> None:
    neighbour = replace(SAM, date_of_birth=date(2003, 5, 15), postcode="M1 1AA", mobile_e164="+447700900999")
    assert both_ways(SAM, neighbour) is Match.DIFFERENT
    assert both_ways(SAM, replace(neighbour, mobile_e164=None)) is Match.NEAR


def test_both_the_name_and_the_date_near_is_different() -> None:
    assert both_ways(SAM, alias("Sams", "Example", date_of_birth=date(2003, 5, 15))) is Match.DIFFERENT


def test_a_changed_family_name_is_near_only_with_a_further_identifier() -> None:
    assert both_ways(SAM, alias("Sam", "Newname")) is Match.NEAR
    assert both_ways(SAM, alias("Sam", "Newname", postcode=None, mobile_e164=None)) is Match.DIFFERENT


def test_a_father_and_son_of_one_name_in_one_house_are_two_people() -> None:
    father = replace(SAM, date_of_birth=date(1975, 1, 30), mobile_e164="+447700900999")
    assert both_ways(SAM, father) is Match.DIFFERENT


def test_those_that_the_300_bodies_call_the_same_person_are_and_no_others() -> None:
    known: dict[str, Identity] = {}
    for line in CASES.read_text().splitlines():
        case = json.loads(line)
        if case["status"] != 201 or case["case"] == "no_force_reference":
            continue
        person = case["body"]["person"]
        number = read_mobile(person["mobile"]).e164 if person["mobile"] else None
        born = date.fromisoformat(person["date_of_birth"])
        postcode = (person["address"] or {}).get("postcode")
        sent = Identity(person["given_name"], person["family_name"], born, postcode, number)
        found = {reference for reference, other in known.items() if both_ways(sent, other) is Match.EXACT}
        assert bool(found) is ("same_person_as" in case)
        assert "same_person_as" not in case or case["same_person_as"] in found
        known[case["body"]["force_reference"]] = sent


NAMES = st.sampled_from(
    ["Sam", "Samuel", "Sami", "Ng", "Khan", "Kahn", "García Márquez", "Márquez", "Mary-Ann", "Ann"]
)
BORN = st.dates(date(1999, 1, 1), date(2001, 12, 31))
SOMEBODY = st.builds(Identity, NAMES, NAMES, BORN, st.sampled_from([None, "B1 1AA"]), st.none())


@given(SOMEBODY, SOMEBODY)
def test_whoever_is_not_different_is_found_by_the_search_keys_both_ways(
    one: Identity, other: Identity
) -> None:
    both_ways(one, other)
