"""Minutes in the meeting, and whose they may be: time counts once, and nobody is credited by guesswork."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.meetings.callers import shown
from provider.domain.meetings.matching import ALIASES_AT, Expected, suggest_matches
from provider.domain.meetings.presence import Presence, minutes_covered, presence
from provider.domain.meetings.stays import Stay
from provider.domain.meetings.zoom_report import (
    ParticipantReport,
    ReportOfAnotherSession,
    ReportRow,
    require_touching,
)

START = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)
END = START + timedelta(minutes=150)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def join(
    begins: float,
    ends: float | None,
    *,
    name: str = "Sam E",
    was: str | None = None,
    email: str | None = "a1@in.example",
    link: str | None = None,
    waiting: bool = False,
) -> Stay:
    left = at(ends) if ends is not None else None
    return Stay(name, was, email, link, None, None, at(begins), left, 0, waiting, (2,))


def total(minutes: int, *, name: str = "Sam E") -> Stay:
    return Stay(name, None, None, None, None, None, None, None, minutes, False, (2,))


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
        ([join(0, 9, link="r1", email=None), join(10, 20, name="iPhone", link="r1", email=None)], 1),
        ([join(0, 9, link="r1"), join(10, 20, name="iPhone")], 1),
        ([join(0, 9, link="r1", email=None), join(10, 20, link="r2", email=None)], 2),
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
    rows = [ReportRow("Sam E", None, None, at(a), at(b), 0, False, 2) for a, b in ((200, 300), (-300, -10))]
    with pytest.raises(ReportOfAnotherSession):
        require_touching(ParticipantReport("joins", tuple(rows)), start=START, end=END)


def test_who_is_there_counts_until_now_and_not_at_all_where_nobody_says_when_that_is():
    rows = [join(10, 30), join(50, None)]
    assert [one.minutes for one in presence(rows, start=START, end=END, now=at(60))] == [30]
    assert [one.minutes for one in presence(rows, start=START, end=END, now=at(999))] == [120]
    assert [(one.minutes, one.here) for one in presence(rows, start=START, end=END)] == [(20, True)]


def test_who_waits_to_be_let_in_is_not_there():
    (waiting,) = presence([join(0, None, waiting=True)], start=START, end=END, now=at(60))
    assert (waiting.minutes, waiting.here, waiting.waits) == (0, False, True)
    (let_in,) = presence([join(0, 5, waiting=True), join(5, None)], start=START, end=END, now=at(60))
    assert (let_in.minutes, let_in.here, let_in.waits) == (55, True, False)


STAYS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), max_size=12)


@given(STAYS)
def test_the_union_is_what_counting_minute_by_minute_gives(stays):
    covered = {minute for begins, length in stays for minute in range(begins, begins + length)}
    assert minutes_covered((at(begins), at(begins + length)) for begins, length in stays) == len(covered)


def present(
    name: str, *, email: str | None = None, was: str | None = None, link: str | None = None
) -> Presence:
    return Presence(name, was, email, link, 100, (2,), False, False, False)


EXPECTED = [
    Expected(1, "a1@in.example", "Sam", "E", "r1"),
    Expected(2, "b2@in.example", "Kim", "O"),
    Expected(3, "c3@in.example", "Kim", "O"),
    Expected(4, "d4@in.example", "Alex", "B"),
]


@pytest.mark.parametrize(
    ("participants", "suggested"),
    [
        ([present("anything", email="A1@in.example")], [("certain", 1, (1,))]),
        ([present("anything", link="r1")], [("certain", 1, (1,))]),
        ([present("Sam E", link="of another meeting")], [("possible", 1, (1,))]),
        ([present("x", link="r1"), present("Sam E")], [("certain", 1, (1,)), ("unmatched", None, (1,))]),
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
        ([present("+44 7700 900123")], [("unmatched", None, ())]),
        ([present("Call-In User_1")], [("unmatched", None, ())]),
    ],
)
def test_only_the_alias_is_certain_only_the_exact_name_is_possible(participants, suggested):
    found = suggest_matches(participants, expected=EXPECTED)
    assert [(one.certainty, one.place_id, one.candidates) for one in found] == suggested
    assert all(one.because.endswith(".") for one in found)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("+44 7700 900123", "A telephone, its number ending 123"),
        ("4477****0456", "A telephone, its number ending 456"),
        ("07700900789", "A telephone, its number ending 789"),
        ("Call-In User_1", "A telephone"),
        ("phone user 12", "A telephone"),
        ("Sam E", "Sam E"),
        ("iPhone 12", "iPhone 12"),
        ("Sam 07700900789", "Sam 07700900789"),
        ("", ""),
    ],
)
def test_of_who_rang_in_only_the_end_of_the_number_is_shown(name, said):
    assert shown(name) == said


def test_only_who_came_by_the_link_of_a_place_counts_without_a_word():
    found = suggest_matches(
        [present("x", link="r1"), present("y", email="b2@in.example"), present("Alex B")], expected=EXPECTED
    )
    assert [one.own_link for one in found] == [True, False, False]


def test_an_alias_is_known_by_the_address_it_was_given():
    expected = [Expected(7, "p0123456789abcdef", "", "")]
    (one,) = suggest_matches([present("x", email=f"P0123456789abcdef{ALIASES_AT}")], expected=expected)
    assert (one.certainty, one.place_id) == ("certain", 7)
    (other,) = suggest_matches([present("x", email="p0123456789abcdef@mail.example")], expected=expected)
    assert other.certainty == "unmatched"


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
