"""Whom a text may reach, and how much it may say there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.caseload.open_sessions import eighteen_at
from provider.domain.people.reach import (
    CONFIRMED_FOR,
    Reached,
    Says,
    TextsTo,
    WhoSees,
    is_adult,
    says,
    texts_to,
)
from provider.kernel.calendar import LONDON
from tests.fakes import A_TUESDAY

GROWN = date(2000, 5, 14)
CHILD = date(2010, 5, 14)
LONG_AGO = A_TUESDAY - CONFIRMED_FOR


def reached(
    confirmed_at: datetime | None = A_TUESDAY,
    *,
    who_sees: str | None = None,
    shared: bool = False,
    adults: bool = False,
) -> Reached:
    return Reached(confirmed_at, who_sees, shared, adults)


ADULTS_TEXTS = [
    (None, None, False, Says.CALLS),
    (LONG_AGO, None, False, Says.CALLS),
    (LONG_AGO + timedelta(seconds=1), None, False, Says.NAME),
    (A_TUESDAY, None, False, Says.NAME),
    (A_TUESDAY, WhoSees.NOBODY, False, Says.NAME),
    (A_TUESDAY, WhoSees.NOBODY, True, Says.BOOKING),
    (A_TUESDAY, None, True, Says.BOOKING),
    (A_TUESDAY, WhoSees.OTHERS_FINE, False, Says.BOOKING),
    (A_TUESDAY, WhoSees.OTHERS_FINE, True, Says.BOOKING),
    (A_TUESDAY, WhoSees.SAY_NOTHING, False, Says.NOTHING),
    (A_TUESDAY, WhoSees.SAY_NOTHING, True, Says.NOTHING),
    (None, WhoSees.NOBODY, False, Says.CALLS),
]


@pytest.mark.parametrize(("confirmed_at", "who_sees", "shared", "much"), ADULTS_TEXTS)
def test_what_a_text_to_an_adult_may_say(
    confirmed_at: datetime | None, who_sees: str | None, shared: bool, much: Says
) -> None:
    number = reached(confirmed_at, who_sees=who_sees, shared=shared)
    assert says(number, GROWN, None, now=A_TUESDAY) is much


CHILDS_TEXTS = [
    # Who gets them, whose number, what it may say.
    (None, False, Says.CALLS),
    (None, True, Says.CALLS),
    (TextsTo.CHILD, False, Says.NAME),
    (TextsTo.CHILD, True, Says.CALLS),
    (TextsTo.ADULT, False, Says.CALLS),
    (TextsTo.ADULT, True, Says.BOOKING),
    (TextsTo.NOBODY, False, Says.CALLS),
    (TextsTo.NOBODY, True, Says.CALLS),
]


@pytest.mark.parametrize(("agreed", "adults", "much"), CHILDS_TEXTS)
def test_what_a_childs_text_may_say_is_what_the_child_agreed(
    agreed: TextsTo | None, adults: bool, much: Says
) -> None:
    assert says(reached(adults=adults), CHILD, agreed, now=A_TUESDAY) is much


@pytest.mark.parametrize(
    ("agreed", "goes_to"),
    [
        (None, TextsTo.CHILD),
        (TextsTo.CHILD, TextsTo.CHILD),
        (TextsTo.ADULT, TextsTo.ADULT),
        (TextsTo.NOBODY, TextsTo.NOBODY),
    ],
)
def test_whose_number_a_childs_texts_go_to(agreed: TextsTo | None, goes_to: TextsTo) -> None:
    assert texts_to(CHILD, agreed, now=A_TUESDAY) is goes_to
    assert texts_to(GROWN, agreed, now=A_TUESDAY) is TextsTo.CHILD


@pytest.mark.parametrize(
    ("born", "turned"),
    [
        # In winter London's midnight is UTC's, in summer it is an hour before.
        (date(2008, 11, 24), datetime(2026, 11, 24, tzinfo=UTC)),
        (date(2008, 7, 1), datetime(2026, 6, 30, 23, tzinfo=UTC)),
        # The clocks go forward at one in the morning of 29 March 2026, and back at two on 25 October.
        (date(2008, 3, 29), datetime(2026, 3, 29, tzinfo=UTC)),
        (date(2008, 3, 30), datetime(2026, 3, 29, 23, tzinfo=UTC)),
        (date(2008, 10, 25), datetime(2026, 10, 24, 23, tzinfo=UTC)),
        (date(2008, 10, 26), datetime(2026, 10, 26, tzinfo=UTC)),
        (date(2008, 2, 29), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("agreed", [None, *TextsTo])
def test_on_the_eighteenth_birthday_at_midnight_in_london_they_are_their_own(
    born: date, turned: datetime, agreed: TextsTo | None
) -> None:
    before = turned - timedelta(microseconds=1)
    assert texts_to(born, agreed, now=before) is (agreed or TextsTo.CHILD)
    assert texts_to(born, agreed, now=turned) is TextsTo.CHILD
    own, adults = reached(turned), reached(turned, adults=True)
    assert says(own, born, agreed, now=turned) is Says.NAME
    assert says(adults, born, agreed, now=turned) is Says.CALLS
    own, adults = reached(before), reached(before, adults=True)
    assert (says(own, born, agreed, now=before) is Says.NAME) is (agreed is TextsTo.CHILD)
    assert (says(adults, born, agreed, now=before) is Says.BOOKING) is (agreed is TextsTo.ADULT)


@given(
    born=st.dates(date(1990, 1, 1), date(2015, 12, 31)),
    seconds=st.integers(-2 * 86_400, 2 * 86_400),
)
def test_the_birthday_in_london_is_the_moment_whatever_utc_says(born: date, seconds: int) -> None:
    """The session somebody may sit in and the number their texts go to change at the same moment."""
    moment = eighteen_at(born) + timedelta(seconds=seconds)
    assert is_adult(born, now=moment) is (seconds >= 0)
    local = moment.astimezone(LONDON)
    assert (local.date() >= eighteen_at(born).astimezone(LONDON).date()) is (seconds >= 0)
    assert eighteen_at(born).astimezone(LONDON).time() == time(0)


@given(
    confirmed=st.booleans(),
    who_sees=st.sampled_from([None, *WhoSees]),
    shared=st.booleans(),
    adults=st.booleans(),
    agreed=st.sampled_from([None, *TextsTo]),
    born=st.sampled_from([GROWN, CHILD]),
)
def test_a_name_is_said_only_on_a_confirmed_number_of_their_own_that_nobody_else_has_or_sees(
    confirmed: bool,
    who_sees: WhoSees | None,
    shared: bool,
    adults: bool,
    agreed: TextsTo | None,
    born: date,
) -> None:
    number = reached(A_TUESDAY if confirmed else None, who_sees=who_sees, shared=shared, adults=adults)
    much = says(number, born, agreed, now=A_TUESDAY)
    if much is Says.NAME:
        assert confirmed
        assert not shared
        assert not adults
        assert who_sees in (None, WhoSees.NOBODY)
        assert born == GROWN or agreed is TextsTo.CHILD
    if not confirmed:
        assert much is Says.CALLS
