"""The ladder of calls: another part of the day, another day, and nobody barred who may never have been rung."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.contact.ladder import (
    AttemptFact,
    Ending,
    LadderTerms,
    NextCall,
    StopCalling,
    counted,
    log_dates,
)
from provider.domain.contact.outcomes import NUMBER_DEAD, AttemptOutcome
from provider.domain.contact.rules import next_call
from provider.domain.contact.times import PartOfDay, part_of_day, suiting
from provider.kernel.calendar import at_london, is_working_day, london, london_date

Went = AttemptOutcome
TERMS = LadderTerms()
RECEIVED = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)  # a Friday night


def at(day: int, clock: str) -> datetime:
    return at_london(date(2026, 11, 1) + timedelta(days=day - 1), time.fromisoformat(clock))


def tried(*calls: tuple[int, str, AttemptOutcome]) -> list[AttemptFact]:
    return [AttemptFact(at(day, clock), outcome) for day, clock, outcome in calls]


def following(calls: list[AttemptFact], **other: object) -> NextCall | StopCalling:
    moment = calls[-1].at if calls else RECEIVED
    asked = {
        "terms": TERMS,
        "received_at": RECEIVED,
        "now": moment,
        "number_works": False,
        "closures": (),
    } | other
    return next_call(calls, **asked)  # type: ignore[arg-type]


def ringing(calls: list[AttemptFact], **other: object) -> NextCall:
    found = following(calls, **other)
    assert isinstance(found, NextCall)
    return found


def stopping(calls: list[AttemptFact], **other: object) -> StopCalling:
    found = following(calls, **other)
    assert isinstance(found, StopCalling)
    return found


@pytest.mark.parametrize(
    ("received", "best_times", "expected"),
    [
        (at(20, "10:15"), None, at(20, "10:15")),
        (at(20, "07:00"), None, at(20, "09:00")),
        (at(20, "22:00"), None, at(23, "09:00")),
        (at(20, "22:00"), "evenings", at(23, "17:00")),
        (at(20, "10:15"), "after 3pm", at(20, "15:00")),
        (at(20, "16:10"), "after 3pm", at(20, "16:10")),
        (at(20, "10:15"), "when the dog is out", at(20, "10:15")),
        (at(20, "13:00"), "mornings", at(23, "09:00")),
    ],
)
def test_the_first_call_comes_as_soon_as_it_suits(
    received: datetime, best_times: str | None, expected: datetime
) -> None:
    assert ringing([], received_at=received, now=received, best_times=best_times).at == expected


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (tried((23, "09:30", Went.NO_ANSWER)), at(24, "12:00")),
        (tried((23, "14:00", Went.VOICEMAIL_LEFT)), at(24, "09:00")),
        (tried((23, "18:00", Went.NO_VOICEMAIL)), at(24, "09:00")),
        (tried((23, "09:30", Went.NO_ANSWER), (24, "14:00", Went.CALL_SCREENED)), at(25, "17:00")),
        (tried((23, "09:30", Went.NO_ANSWER), (24, "18:00", Went.NO_ANSWER)), at(25, "12:00")),
        (tried((27, "09:30", Went.SOMEONE_ELSE_ANSWERED)), at(30, "12:00")),
    ],
)
def test_a_failed_call_moves_to_another_part_of_another_day(
    calls: list[AttemptFact], expected: datetime
) -> None:
    found = ringing(calls)
    assert found.at == expected
    assert found.part_of_day is not part_of_day(calls[-1].at)
    assert calls[-1].outcome.label in found.reason
    assert len(found.reason) <= 200


def test_bank_holidays_and_closures_are_left_out() -> None:
    christmas_eve = at_london(date(2026, 12, 24), time(10))
    asked = {"received_at": christmas_eve, "now": christmas_eve}
    call = [AttemptFact(christmas_eve, Went.NO_ANSWER)]
    assert london_date(ringing(call, **asked).at) == date(2026, 12, 29)
    closed = (date(2026, 12, 29),)
    assert london_date(ringing(call, **asked, closures=closed).at) == date(2026, 12, 30)


def test_a_ladder_that_runs_late_rings_again_the_same_day_at_another_time() -> None:
    late = tried((23, "09:30", Went.NO_ANSWER), (37, "10:00", Went.NO_ANSWER))
    assert ringing(late).at == at(37, "12:00")
    assert ringing(tried((37, "18:30", Went.NO_ANSWER))).at == at(38, "09:00")


def test_a_suggestion_stands_until_its_part_of_the_day_has_passed() -> None:
    calls = tried((23, "09:30", Went.NO_ANSWER))
    assert ringing(calls, now=at(24, "16:59")).at == at(24, "12:00")
    assert ringing(calls, now=at(24, "17:00")).at == at(25, "12:00")


def test_a_time_agreed_with_the_person_is_kept_whatever_day_it_is() -> None:
    saturday = at(28, "11:00")
    call = [AttemptFact(at(23, "10:00"), Went.SPOKE_CALL_BACK_LATER, call_back_at=saturday)]
    assert ringing(call).at == saturday
    monday = [AttemptFact(at(23, "10:00"), Went.SPOKE_CALL_BACK_LATER, call_back_at=at(23, "15:00"))]
    assert ringing(monday, now=at(23, "16:00")).at == at(23, "15:00")
    assert ringing(monday, now=at(23, "21:00")).at == at(24, "09:00")
    assert ringing(monday, now=at(25, "10:00")).at == at(25, "10:00")


WHOLE = tried(
    (23, "09:30", Went.NO_ANSWER),
    (24, "14:00", Went.VOICEMAIL_LEFT),
    (25, "18:00", Went.NO_ANSWER),
    (26, "09:30", Went.NO_VOICEMAIL),
    (27, "14:00", Went.CALL_SCREENED),
    (30, "18:00", Went.NO_ANSWER),
)


def test_the_whole_ladder_on_a_number_known_to_work_is_not_engaged() -> None:
    found = stopping(WHOLE, number_works=True)
    assert found.ending is Ending.NOT_ENGAGED
    assert found.not_before == at_london(date(2026, 12, 1), time(17))


def test_the_whole_ladder_on_a_number_nothing_speaks_for_is_not_reached() -> None:
    assert stopping(WHOLE).ending is Ending.NOT_REACHED


@pytest.mark.parametrize("outcome", [Went.SPOKE_CALL_BACK_LATER, Went.SOMEONE_ELSE_ANSWERED])
def test_a_voice_on_the_way_shows_that_the_number_works(outcome: AttemptOutcome) -> None:
    calls = [*WHOLE[:1], AttemptFact(WHOLE[1].at, outcome), *WHOLE[2:]]
    assert stopping(calls).ending is Ending.NOT_ENGAGED


def test_a_booking_on_the_way_shows_that_the_number_works_and_begins_a_new_ladder() -> None:
    booked = [AttemptFact(at(19, "10:00"), Went.SPOKE_AND_BOOKED)]
    assert ringing([*tried((18, "10:00", Went.NO_ANSWER)), *booked]).reason.startswith("Ring them again")
    assert ringing([*booked, *WHOLE[:-1]]).at == at(30, "17:00")
    assert stopping([*booked, *WHOLE]).ending is Ending.NOT_ENGAGED


@pytest.mark.parametrize(
    "calls",
    [
        WHOLE[:-1],
        tried(*((23 + n, "09:30", Went.NO_ANSWER) for n in range(5)), (30, "10:00", Went.NO_ANSWER)),
        tried(*((23, f"{9 + n}:30" if n else "09:30", Went.NO_ANSWER) for n in (0, 1, 4, 5, 9, 10))),
    ],
    ids=["too few", "always in the morning", "all on one day"],
)
def test_a_ladder_not_wholly_tried_is_never_concluded(calls: list[AttemptFact]) -> None:
    assert isinstance(following(calls, number_works=True), NextCall)


def test_a_scheme_of_one_call_asks_for_one() -> None:
    terms = LadderTerms(attempts=1, last_wait_working_days=0)
    found = stopping(WHOLE[:1], number_works=True, terms=terms)
    assert (found.ending, found.not_before) == (Ending.NOT_ENGAGED, WHOLE[0].at)


@pytest.mark.parametrize("dead", sorted(NUMBER_DEAD))
def test_a_dead_number_is_not_reached_and_its_calls_count_for_nothing(dead: AttemptOutcome) -> None:
    calls = [*WHOLE[:5], AttemptFact(at(30, "18:00"), dead)]
    assert stopping(calls, number_works=True).ending is Ending.NOT_REACHED
    other = ringing(calls, number_works=True, another_number=True)
    assert other.reason.startswith("Ring the other number")
    again = [*calls, AttemptFact(at(31, "09:30"), Went.NO_ANSWER)]
    assert isinstance(following(again, number_works=True, another_number=True), NextCall)
    assert len(counted(again)) == 1


def test_who_declines_is_not_rung_again() -> None:
    found = stopping(tried((23, "09:30", Went.DECLINED)))
    assert (found.ending, found.not_before) == (Ending.DECLINED, at(23, "09:30"))


def test_the_log_names_each_london_date_once() -> None:
    calls = tried((24, "14:00", Went.NO_ANSWER), (23, "09:30", Went.NO_ANSWER), (24, "18:00", Went.NO_ANSWER))
    assert log_dates(calls) == (date(2026, 11, 23), date(2026, 11, 24))
    midnight = [AttemptFact(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), Went.NO_ANSWER)]
    assert log_dates(midnight) == (date(2026, 7, 2),)
    assert log_dates([*calls, AttemptFact(at(25, "10:00"), Went.WRONG_NUMBER)]) == ()


@pytest.mark.parametrize(
    ("words", "spans"),
    [
        (None, []),
        ("", []),
        ("any time", []),
        ("evenings", ["17:00-20:00"]),
        ("Mornings or evenings", ["09:00-12:00", "17:00-20:00"]),
        ("after 3pm", ["15:00-17:00", "17:00-20:00"]),
        ("from 15:30", ["15:30-17:00", "17:00-20:00"]),
        ("before 11", ["09:00-11:00"]),
        ("between 1 and 3pm", ["13:00-15:00"]),
        ("10am-1pm", ["10:00-12:00", "12:00-13:00"]),
        ("evenings after 6", ["18:00-20:00"]),
        ("not mornings", ["12:00-17:00", "17:00-20:00"]),
        ("after school", ["15:30-17:00", "17:00-20:00"]),
        ("lunchtime", ["12:00-14:00"]),
        ("after 99", []),
        ("after 9pm", []),
        ("07700 900123 to 5", []),
    ],
)
def test_what_people_say_about_times_is_understood_or_left_alone(words: str | None, spans: list[str]) -> None:
    found = [f"{window.starts:%H:%M}-{window.ends:%H:%M}" for window in suiting(words)]
    assert found == spans


@given(st.text())
def test_any_words_about_times_leave_a_time_to_ring(words: str) -> None:
    assert all(window.starts < window.ends for window in suiting(words))
    assert ringing([], best_times=words).at > RECEIVED


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        ("06:00", PartOfDay.MORNING),
        ("11:59", PartOfDay.MORNING),
        ("12:00", PartOfDay.AFTERNOON),
        ("17:00", PartOfDay.EVENING),
        ("23:00", PartOfDay.EVENING),
    ],
)
def test_each_time_is_in_a_part_of_the_day(clock: str, part: PartOfDay) -> None:
    assert part_of_day(at(23, clock)) is part


FAILED = st.sampled_from([Went.NO_ANSWER, Went.VOICEMAIL_LEFT, Went.NO_VOICEMAIL, Went.CALL_SCREENED])


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.lists(FAILED, min_size=12, max_size=12),
    st.lists(st.integers(0, 90), min_size=12, max_size=12),
    st.sampled_from([None, "evenings", "after 3pm", "mornings"]),
)
def test_who_follows_the_suggestions_comes_to_an_end_in_polite_hours_on_working_days(
    received: datetime, outcomes: list[AttemptOutcome], delays: list[int], best_times: str | None
) -> None:
    received_at = now = received.replace(tzinfo=UTC)
    calls: list[AttemptFact] = []
    found: NextCall | StopCalling | None = None
    for outcome, delay in zip(outcomes, delays, strict=True):
        found = next_call(
            calls,
            terms=TERMS,
            received_at=received_at,
            now=now,
            number_works=True,
            best_times=best_times,
            closures=(),
        )
        if isinstance(found, StopCalling):
            break
        assert found.at >= received_at
        assert is_working_day(london_date(found.at))
        assert time(9) <= london(found.at).time() < time(20)
        assert not calls or found.part_of_day is not part_of_day(calls[-1].at)
        now = found.at + timedelta(minutes=delay)
        calls.append(AttemptFact(now, outcome))
    assert isinstance(found, StopCalling)
    assert found.ending is Ending.NOT_ENGAGED
    assert len(calls) <= TERMS.attempts + 2
