"""Late, gone early, back again: what one press comes to, as tables; and that minutes never go below none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.courses.attendance import STANDS_IN_A_FAULT, Attendance, in_our_fault
from provider.domain.courses.comings import NOTHING_NOTED, Stay, Tap, minute_of, offered, tapped

STARTS = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
LATE_20 = Stay(arrived=20)


@pytest.mark.parametrize(
    ("tap", "before", "minute", "code", "stay", "minutes"),
    [
        (Tap.PRESENT, NOTHING_NOTED, 3, "ATTC", NOTHING_NOTED, None),
        (Tap.LATE, NOTHING_NOTED, 20, "ATTC", LATE_20, None),
        (Tap.ABSENT, LATE_20, 30, "UAAB", NOTHING_NOTED, 0),
        (Tap.LEFT, NOTHING_NOTED, 90, "LEFT", Stay(left=90), 90),
        (Tap.LEFT, NOTHING_NOTED, 120, "ATTC", Stay(left=120), 120),
        (Tap.LEFT, LATE_20, 130, "LEFT", Stay(arrived=20, left=130), 110),
        (Tap.LEFT, LATE_20, 140, "ATTC", Stay(arrived=20, left=140), 120),
        (Tap.LEFT_EXCUSED, NOTHING_NOTED, 90, "LEAC", Stay(left=90), 90),
        (Tap.LEFT_EXCUSED, NOTHING_NOTED, 121, "ATTC", Stay(left=121), 121),
        (Tap.SENT_HOME, NOTHING_NOTED, 140, "ATSH", Stay(left=140), 140),
        (Tap.BACK, Stay(left=40), 55, "ATTC", Stay(away=15), None),
        (Tap.BACK, Stay(arrived=20, left=60, away=5), 70, "ATTC", Stay(arrived=20, away=15), None),
    ],
)
def test_one_press_comes_to(tap, before, minute, code, stay, minutes):
    came_to = tapped(tap, before, minute=minute, minimum_minutes=120)
    assert (came_to.code, came_to.stay, came_to.minutes) == (code, stay, minutes)


@pytest.mark.parametrize(
    ("after", "minute"), [(-10, 0), (0, 0), (0.9, 0), (1, 1), (47.5, 47), (150, 150), (400, 150)]
)
def test_the_minute_lies_in_the_session(after, minute):
    assert minute_of(STARTS + timedelta(minutes=after), starts_at=STARTS, minutes=150) == minute


@given(
    st.one_of(st.none(), st.integers(0, 150)),
    st.one_of(st.none(), st.integers(0, 150)),
    st.integers(0, 150),
    st.integers(0, 150),
)
def test_minutes_are_between_none_and_the_whole_session(arrived, left, away, until):
    assert 0 <= Stay(arrived, left, away).minutes(until) <= until


@pytest.mark.parametrize(
    ("code", "stay", "running", "taps"),
    [
        (None, NOTHING_NOTED, True, [Tap.PRESENT, Tap.LATE, Tap.ABSENT]),
        (None, NOTHING_NOTED, False, [Tap.PRESENT, Tap.ABSENT]),
        ("ATTC", LATE_20, True, [Tap.LEFT_EXCUSED, Tap.LEFT, Tap.SENT_HOME]),
        ("ATTC", LATE_20, False, []),
        ("LEFT", Stay(left=40), True, [Tap.BACK]),
        ("ATTC", Stay(left=130), True, [Tap.BACK]),
        ("ATSH", Stay(left=40), True, [Tap.BACK]),
        ("UAAB", NOTHING_NOTED, True, [Tap.PRESENT, Tap.LATE]),
    ],
)
def test_what_can_be_pressed_next(code, stay, running, taps):
    assert list(offered(Attendance(code) if code else None, stay, running=running)) == taps


@pytest.mark.parametrize("before", [None, *Attendance])
@pytest.mark.parametrize("came", [True, False])
def test_our_fault_counts_against_nobody_and_leaves_what_was_theirs(before, came):
    code = in_our_fault(before, came=came)
    if before in STANDS_IN_A_FAULT:
        assert code is None
    else:
        assert code == ("ATSS" if came else "RSSR")
        assert code.compliant
        assert not code.missed
        assert code.attended == came
