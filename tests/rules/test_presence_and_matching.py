"""Minutes in the meeting, and whose they may be: time counts once, and nobody is credited by guesswork."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.courses.matching import Expected, suggest_matches
from provider.domain.courses.presence import Presence, minutes_covered, presence
from provider.domain.courses.zoom_report import ReportOfAnotherSession, ReportRow

START = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)
END = START + timedelta(minutes=150)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def join(
    begins: float,
    ends: float,
    *,
    name: str = "Sam E",
    was: str | None = None,
    email: str | None = "a1@in.example",
    waiting: bool = False,
) -> ReportRow:
    return ReportRow(name, was, email, at(begins), at(ends), int(ends - begins), waiting, 2)


def total(minutes: int, *, name: str = "Sam E") -> ReportRow:
    return ReportRow(name, None, None, None, None, minutes, False, 2)


@pytest.mark.parametrize(
    ("rows", "minutes"),
    [
        ([join(0, 150)], 150),
        ([join(-20, 200)], 150),
        ([join(-20, 10)], 10),
        ([join(140, 200)], 10),
        ([join(0, 60), join(90, 150)], 120),
        ([join(0, 60), join(30, 90)], 90),
        ([join(0, 100), join(10, 20)], 100),
        ([join(0, 60), join(60, 90)], 90),
        ([join(0, 30, waiting=True), join(30, 60)], 30),
        ([join(0, 30, waiting=True), join(-5, 1, email="other@in.example")], 0),
        ([join(0, 0.5), join(1, 1.5)], 1),
        ([join(0, 59.1)], 60),
        ([total(40)], 40),
        ([total(400)], 150),
        ([total(40), total(50)], 90),
    ],
)
def test_minutes_are_the_union_of_joins_inside_the_session(rows, minutes):
    assert presence(rows, start=START, end=END)[0].minutes == minutes


@pytest.mark.parametrize(
    ("rows", "participants"),
    [
        ([join(0, 9), join(10, 20, name="Sammy")], 1),
        ([join(0, 9), join(10, 20, email="b2@in.example")], 2),
        ([join(0, 9, email=None), join(10, 20, email=None)], 1),
        ([join(0, 9, email=None), join(10, 20, name="Sammy", was="Sam E", email=None)], 1),
        ([join(0, 9, email=None), join(10, 20, name="Kim O", email=None)], 2),
    ],
)
def test_joins_are_put_together_by_alias_or_else_by_the_name_they_came_in_with(rows, participants):
    assert len(presence(rows, start=START, end=END)) == participants


@pytest.mark.parametrize(
    ("rows", "at_once"),
    [([join(0, 60), join(60, 90)], False), ([join(0, 60), join(59, 90)], True), ([total(5)], False)],
)
def test_two_joins_at_once_are_shown(rows, at_once):
    assert presence(rows, start=START, end=END)[0].at_once == at_once


def test_a_report_that_nowhere_touches_the_session_is_refused():
    with pytest.raises(ReportOfAnotherSession):
        presence([join(200, 300), join(-300, -10)], start=START, end=END)


STAYS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), max_size=12)


@given(STAYS)
def test_the_union_is_what_counting_minute_by_minute_gives(stays):
    covered = {minute for begins, length in stays for minute in range(begins, begins + length)}
    assert minutes_covered((at(begins), at(begins + length)) for begins, length in stays) == len(covered)


def present(name: str, *, email: str | None = None, was: str | None = None) -> Presence:
    return Presence(name, was, email, 100, (2,), False)


EXPECTED = [
    Expected(1, "a1@in.example", "Sam", "E"),
    Expected(2, "b2@in.example", "Kim", "O"),
    Expected(3, "c3@in.example", "Kim", "O"),
    Expected(4, "d4@in.example", "Alex", "B"),
]


@pytest.mark.parametrize(
    ("participants", "suggested"),
    [
        ([present("anything", email="A1@in.example")], [("certain", 1, (1,))]),
        ([present("Sam E")], [("possible", 1, (1,))]),
        ([present("SAM  e.")], [("possible", 1, (1,))]),
        ([present("iPhone", was="Sam E")], [("possible", 1, (1,))]),
        ([present("Sam E", email="own@mail.example")], [("possible", 1, (1,))]),
        ([present("Sam")], [("unmatched", None, ())]),
        ([present("Sam Evans")], [("unmatched", None, ())]),
        ([present("Samuel E")], [("unmatched", None, ())]),
        ([present("iPhone")], [("unmatched", None, ())]),
        ([present("Kim O")], [("unmatched", None, (2, 3))]),
        ([present("Sam E"), present("Sam E", email="x@mail.example")], [("unmatched", None, (1,))] * 2),
        (
            [present("x", email="a1@in.example"), present("Sam E")],
            [("certain", 1, (1,)), ("unmatched", None, (1,))],
        ),
        (
            [present("x", email="b2@in.example"), present("Kim O")],
            [("certain", 2, (2,)), ("unmatched", None, (2, 3))],
        ),
        ([present("Sam & Alex")], [("unmatched", None, (1, 4))]),
        ([present("Sam and Alex B")], [("unmatched", None, (1, 4))]),
        ([present("Sandy")], [("unmatched", None, ())]),
    ],
)
def test_only_the_alias_is_certain_only_the_exact_name_is_possible(participants, suggested):
    found = suggest_matches(participants, expected=EXPECTED)
    assert [(one.certainty, one.place_id, one.candidates) for one in found] == suggested
    assert all(one.because.endswith(".") for one in found)


@given(
    st.lists(
        st.builds(
            present,
            st.sampled_from(["Sam E", "Kim O", "Alex B", "Sam & Alex", "iPhone"]),
            email=st.none() | st.sampled_from(["a1@in.example", "b2@in.example", "x@mail.example"]),
        ),
        max_size=6,
    )
)
def test_no_place_is_suggested_to_two_participants(participants):
    unique = list({(one.email, one.name if not one.email else ""): one for one in participants}.values())
    found = suggest_matches(unique, expected=EXPECTED)
    places = [one.place_id for one in found if one.place_id is not None]
    assert len(places) == len(set(places))
    assert len(found) == len(unique)
