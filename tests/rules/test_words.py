"""Days, times, lengths and numbers as people read them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from provider.web import words

WINTER = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


def test_a_moment_is_said_in_london() -> None:
    assert words.london_datetime(WINTER) == "Tuesday 24 November 2026 at 2:30pm"
    assert words.london_datetime(SUMMER) == "Thursday 2 July 2026 at 12:30am"
    assert words.london_short(SUMMER) == "Thu 2 Jul, 12:30am"


def test_a_day_is_the_day_it_is_in_london() -> None:
    assert words.london_date(SUMMER) == "2 July 2026"
    assert words.london_day(date(2026, 7, 1)) == "Wednesday 1 July 2026"


def test_a_moment_without_a_zone_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="offset"):
        words.london_datetime(datetime(2026, 11, 24, 14, 30))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time(0), "midnight"),
        (time(0, 5), "12:05am"),
        (time(9), "9am"),
        (time(12), "midday"),
        (time(12, 1), "12:01pm"),
    ],
)
def test_nobody_has_to_know_which_of_them_12am_is(at: time, said: str) -> None:
    assert words.london_time(at) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (45, "45 minutes"),
        (60, "1 hour"),
        (150, "2 hours 30 minutes"),
        (timedelta(hours=2, seconds=30), "2 hours"),
    ],
)
def test_lengths(length: int | timedelta, said: str) -> None:
    assert words.duration(length) == said


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=25), "1 day ago"),
        (-timedelta(hours=2, minutes=59), "in 2 hours"),
    ],
)
def test_how_far_away(away: timedelta, said: str) -> None:
    assert words.ago(WINTER - away, WINTER) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+447700900123", "07700 900123"),
        ("07700900123", "07700 900123"),
        ("01154960000", "0115 496 0000"),
        ("01614960000", "0161 496 0000"),
        ("02079460000", "020 7946 0000"),
        ("01632960000", "01632 960000"),
        ("+33 1 23 45 67 89", "+33 1 23 45 67 89"),
        ("", ""),
    ],
)
def test_numbers_are_grouped_as_people_say_them(number: str, said: str) -> None:
    assert words.phone(number) == said


def test_small_things() -> None:
    assert words.count(1, "person", "people") == "1 person"
    assert words.count(1200, "person", "people") == "1,200 people"
    assert (words.percent(65, 100), words.percent(0, 0)) == ("65%", "–")
    assert (words.yes_no(None), words.yes_no(False)) == ("Not recorded", "No")
    assert words.sayable("K7QM2X4D") == words.sayable("K7QM-2X4D") == "K7QM-2X4D"
    assert words.words("stop_and_search") == "Stop and search"
    assert words.slug("This month: 50% of 'all'") == "this-month-50-of-all"
