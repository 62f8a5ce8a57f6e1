"""Whose name or date of birth is like whose: a table in both directions, and what holds of every pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.people.matching import Identity, Match, compare, name_key, search_keys
from provider.domain.people.name_forms import one_name
from provider.domain.people.names import alike, joined

BORN = date(1999, 3, 8)
EXACT, NEAR, DIFFERENT = Match.EXACT_NAME_ONLY, Match.NEAR, Match.DIFFERENT

NAMES = """
exact | José | Núñez | Jose | Nunez
exact | Zoë | Green | Zoe | GREEN
exact | Sean | O'Brien | Sean | OBrien
exact | Anne-Marie | Hill | Annemarie | Hill
exact | Anne Marie | Hill | Anne-Marie | Hill
exact | Sarah | Smith Jones | Sarah | Smith-Jones
exact | Łukasz | Müller | Lukasz | Muller
near | Mohammed | Khan | Muhammad | Khan
near | Mohamed | Ali | Mohammad | Aly
near | Mohd | Khan | Mohammed | Khan
near | Catherine | Brown | Kathryn | Brown
near | Catherine | Brown | Katherine | Browne
near | Karl | Brown | Carl | Brown
near | Kathleen | Brown | Cathleen | Brown
near | Sean | O'Brien | Shaun | O'Brien
near | Sean | O'Brien | Sean | Brien
near | Siobhan | O'Brien | Siobhan | O'Brian
near | Ian | McDonald | Ian | MacDonald
near | Ian | McKenzie | Iain | Mackenzie
near | Anne-Marie | Hill | Anne | Hill
near | Sarah | Smith-Jones | Sarah | Smith
near | Sarah | Smith-Jones | Sarah | Jones
near | Sarah | Smith-Jones | Sarah | Jones-Smith
near | Jürgen | Müller | Juergen | Mueller
near | Yusuf | Ahmed | Youssef | Ahmad
near | Aleksandr | Petrov | Oleksandr | Petrov
near | Dmitry | Petrov | Dmitri | Petrov
near | Aisha | Begum | Ayesha | Begum
near | Hussain | Shah | Hussein | Shah
near | Abdul | Rahman | Abdur | Rahman
near | Maryam | Khan | Mariam | Khan
near | Sam | Green | Samuel | Green
near | Sam | Green | Samantha | Green
near | Dan | Green | Daniel | Green
near | Chris | Green | Christopher | Green
near | Kate | Green | Katherine | Green
near | Bill | Green | William | Green
near | Tony | Green | Anthony | Green
near | Liz | Green | Elizabeth | Green
near | Jonathan | Green | Johnathan | Green
near | Stephen | Green | Steven | Green
near | Geoffrey | Green | Jeffrey | Green
near | Graham | Green | Graeme | Green
near | Rhys | Evans | Reece | Evans
near | Siân | Davies | Sian | Davis
near | Sarah | Smith | Sara | Smyth
near | Ann | Thompson | Anne | Thomson
near | Wei | Zhang | Zhang | Wei
near | Nguyen | Van An | Van An | Nguyen
near | Syed | Hussain | Hussain | Syed
near | John | Smyth | Smith | John
different | Aisha | Begum | Aaliyah | Begum
different | Hassan | Ali | Hussain | Ali
different | Amina | Khan | Amira | Khan
different | Paul | Jones | Paula | Jones
different | Daniel | Jones | Danielle | Jones
different | Michael | Jones | Michelle | Jones
different | Oliver | Jones | Olivia | Jones
different | Francis | Jones | Frances | Jones
different | Alan | Jones | Alana | Jones
different | Jayden | Jones | Kayden | Jones
different | Emma | Jones | Ella | Jones
different | Harry | Jones | Larry | Jones
different | Jack | Jones | Tom | Jones
different | Gurpreet | Singh | Harpreet | Singh
different | Gurpreet | Singh | Gurjeet | Singh
different | Mohammed Ali | Khan | Mohammed Hassan | Khan
different | Ian | McDonald | Ian | MacDonnell
different | Sam | Green | Sam | Brown
different | Li | Wei | Lu | Wei
different | Ng | Wei | Ny | Wei
different | Alex | Green | Jamie | Brown
"""
"""How they stand to each other | one given name | one family name | the other's: the same date of birth, no more."""

DATES = [
    # one date, the other, how two of one name stand to each other
    ("1999-03-08", "1999-03-08", EXACT),
    ("1999-03-08", "1999-08-03", NEAR),
    ("1999-03-08", "1999-03-09", NEAR),
    ("1999-03-08", "1999-03-18", NEAR),
    ("1999-03-08", "1999-04-08", NEAR),
    ("1999-03-08", "1998-03-08", NEAR),
    ("1999-03-08", "1989-03-08", NEAR),
    ("1999-03-30", "1999-03-20", NEAR),
    ("2000-02-29", "2004-02-29", NEAR),
    ("1999-12-25", "1999-12-26", NEAR),
    ("1999-03-08", "1999-03-19", DIFFERENT),
    ("1999-03-09", "1999-03-10", DIFFERENT),
    ("1999-03-08", "1998-04-08", DIFFERENT),
    ("1999-03-08", "1998-08-03", DIFFERENT),
    ("1999-03-08", "1973-03-08", DIFFERENT),
    ("1999-12-31", "2000-01-01", DIFFERENT),
    ("1999-03-25", "1999-05-23", DIFFERENT),
]


def rows() -> list[tuple[Match, Identity, Identity]]:
    marks = {"exact": EXACT, "near": NEAR, "different": DIFFERENT}
    cells = [[cell.strip() for cell in line.split("|")] for line in NAMES.strip().splitlines()]
    return [(marks[mark], named(one, two), named(three, four)) for mark, one, two, three, four in cells]


def named(given_name: str, family_name: str, born: date = BORN) -> Identity:
    return Identity(given_name, family_name, born, None, None)


def name_of(who: object) -> str:
    return f"{who.given_name} {who.family_name}" if isinstance(who, Identity) else str(who)


def found_by_keys(sent: Identity, known: Identity) -> bool:
    keys = search_keys(sent)
    return (
        name_key(known.given_name, known.family_name) in keys.name_keys or known.date_of_birth in keys.dates
    )


@pytest.mark.parametrize(("match", "one", "other"), rows(), ids=name_of)
def test_of_one_birthday_the_names_decide(match: Match, one: Identity, other: Identity) -> None:
    assert compare(one, other) is compare(other, one) is match
    assert match is DIFFERENT or (found_by_keys(one, other) and found_by_keys(other, one))


def test_the_table_looks_both_ways() -> None:
    marks = [match for match, _, _ in rows()]
    assert len(marks) >= 60
    assert min(marks.count(match) for match in (EXACT, NEAR, DIFFERENT)) >= 7


@pytest.mark.parametrize(("born", "other", "match"), DATES)
@pytest.mark.parametrize("name", [("Sam", "Example"), ("Mohammed", "Khan")])
def test_of_one_name_the_dates_decide(name: tuple[str, str], born: str, other: str, match: Match) -> None:
    one, two = (named(*name, date.fromisoformat(day)) for day in (born, other))
    assert compare(one, two) is compare(two, one) is match
    assert match is DIFFERENT or (found_by_keys(one, two) and found_by_keys(two, one))


def test_a_name_that_is_like_and_a_date_that_is_like_are_somebody_else() -> None:
    like_in_name = [
        (one, other)
        for match, one, other in rows()
        if match is NEAR and joined(one.given_name) != joined(other.family_name)
    ]
    like_in_date = [
        date.fromisoformat(other) for day, other, match in DATES if day == str(BORN) and match is NEAR
    ]
    assert len(like_in_name) > 30
    assert len(like_in_date) > 5
    for one, other in like_in_name:
        for born in like_in_date:
            assert compare(one, replace(other, date_of_birth=born)) is DIFFERENT, (one, other, born)


def test_twins_of_one_home_and_one_telephone_are_two_people() -> None:
    home: dict[str, Any] = {"postcode": "B1 1AA", "mobile_e164": "+447700900123"}
    for one, other in (("Hassan", "Hussain"), ("Aisha", "Aaliyah"), ("Daniel", "Danielle"), ("Jack", "Tom")):
        twin = replace(named(one, "Khan"), **home)
        assert compare(twin, replace(twin, given_name=other)) is DIFFERENT


def test_a_son_of_his_fathers_name_in_his_fathers_house_is_somebody_else() -> None:
    home: dict[str, Any] = {"postcode": "B1 1AA", "mobile_e164": "+447700900123"}
    father = replace(named("John", "Smith", date(1973, 6, 21)), **home)
    assert compare(father, replace(father, date_of_birth=date(2002, 3, 8))) is DIFFERENT


def test_the_table_of_forms_says_nothing_of_a_name_it_does_not_know() -> None:
    assert one_name("katherine", "catherine") is True
    assert one_name("hassan", "hussain") is False
    assert one_name("hassan", "hasssan") is None
    assert alike("Hassan", "Hasssan")


LETTERS = st.text("abeimnosu'- é", min_size=1, max_size=9).filter(str.strip)
SOMEBODY = st.builds(
    Identity,
    LETTERS | st.sampled_from(["Sam", "Samuel", "Hassan", "Hussain", "O'Brien"]),
    LETTERS,
    st.dates(date(1999, 1, 1), date(2000, 12, 31)),
    st.sampled_from([None, "B1 1AA", "M1 1AA"]),
    st.sampled_from([None, "+447700900123"]),
)


@given(SOMEBODY, SOMEBODY)
def test_it_is_the_same_whichever_way_round_and_whoever_is_like_is_found(
    one: Identity, other: Identity
) -> None:
    for first, second in ((one, other), (one, replace(other, date_of_birth=one.date_of_birth))):
        match = compare(first, second)
        assert compare(second, first) is match
        assert match is DIFFERENT or (found_by_keys(first, second) and found_by_keys(second, first))


@given(SOMEBODY)
def test_everybody_is_like_themselves(one: Identity) -> None:
    assert compare(one, one) in {Match.EXACT, EXACT}
