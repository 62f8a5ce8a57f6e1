"""The attendance codes: two facts each, what completes, what is offered again, what uses up a chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.courses.attendance import MEANINGS, Attendance, suggest_code

TABLE = [
    # code, attended, compliant, completed, offered again, missed
    ("ATTC", True, True, True, False, False),
    ("AFTC", True, False, False, False, True),
    ("ATSH", True, False, False, False, True),
    ("ATSS", True, True, True, True, False),
    ("LEFT", True, False, False, False, True),
    ("LEAC", True, True, False, True, False),
    ("UAAB", False, False, False, False, True),
    ("AAME", False, True, False, True, False),
    ("AAEM", False, True, False, True, False),
    ("AAFC", False, True, False, True, False),
    ("AACL", False, True, False, True, False),
    ("AAAA", False, True, False, True, False),
    ("RSOF", False, True, False, True, False),
    ("RSSR", False, True, False, True, False),
]


@pytest.mark.parametrize(("code", "attended", "compliant", "completed", "again", "missed"), TABLE)
def test_each_code_says_its_two_facts_and_what_follows(code, attended, compliant, completed, again, missed):
    mark = Attendance(code)
    assert (mark.attended, mark.compliant) == (attended, compliant)
    assert (mark.counts_as_completed, mark.offered_again, mark.missed) == (completed, again, missed)
    assert mark.label


def test_no_code_is_forgotten_and_none_leads_nowhere():
    assert set(MEANINGS) == set(Attendance) == {row[0] for row in TABLE}
    assert all(code.missed != code.compliant for code in Attendance)
    assert all(code.offered_again != code.missed for code in Attendance if not code.counts_as_completed)


@pytest.mark.parametrize(
    ("minutes", "minimum", "ran", "code"),
    [
        (0, 120, 150, "UAAB"),
        (1, 120, 150, "LEFT"),
        (119, 120, 150, "LEFT"),
        (120, 120, 150, "ATTC"),
        (150, 120, 150, "ATTC"),
        (40, 120, 45, "ATSS"),
        (0, 120, 45, "UAAB"),
        (5, 0, 150, "ATTC"),
    ],
)
def test_minutes_point_to_a_code(minutes, minimum, ran, code):
    assert suggest_code(minutes, minimum_minutes=minimum, session_minutes=ran).code == code


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_session_that_was_cut_short_never_counts_against_who_came(minutes, minimum, ran):
    found = suggest_code(minutes, minimum_minutes=minimum, session_minutes=ran)
    assert found.because.endswith(".")
    if minutes and ran < minimum:
        assert not found.code.missed


def test_negative_minutes_are_a_bug():
    with pytest.raises(ValueError, match="negative"):
        suggest_code(-1, minimum_minutes=1, session_minutes=1)
