"""The attendance codes: two facts each, what completes, what is offered again, what uses up a chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.courses.attendance import (
    ATTENDANCE,
    AttendanceCode,
    counts_as_completed,
    is_missed,
    is_offered_again,
    suggest_code,
)

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
    row = ATTENDANCE[AttendanceCode(code)]
    assert (row.attended, row.compliant) == (attended, compliant)
    assert counts_as_completed(row.code) == completed
    assert is_offered_again(row.code) == again
    assert is_missed(row.code) == missed


def test_no_code_is_forgotten_and_none_leads_nowhere():
    assert set(ATTENDANCE) == set(AttendanceCode) == {row[0] for row in TABLE}
    assert all(row.missed != row.compliant for row in ATTENDANCE.values())
    assert all(row.offered_again != row.missed for row in ATTENDANCE.values() if not row.completed)


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
        assert not is_missed(found.code)


def test_negative_minutes_are_a_bug():
    with pytest.raises(ValueError, match="negative"):
        suggest_code(-1, minimum_minutes=1, session_minutes=1)
