"""Whom a call goes to when somebody is away: the same time first, and no two calls to one hour of one colleague."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.domain.diary import spreading
from provider.domain.diary.hours import Hours, Layout
from provider.domain.diary.rules import Diary, OpenSlot, open_slots
from provider.domain.diary.spreading import Choice, ToSpread, spread
from provider.kernel.calendar import at_london, quarter_hours

DAY = date(2026, 11, 24)
DAYS = [DAY + timedelta(days=count) for count in range(4)]
A_DAY = timedelta(days=1)
SICK, TOM, SUNITA = 1, 2, 3


def hours(worker_id: int, **more: object) -> Diary:
    worked = [Hours(date(2026, 1, 1), None, weekday, 9 * 60, 17 * 60) for weekday in range(5)]
    return Diary(worker_id, worked, **more)  # type: ignore[arg-type]


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return at_london(day, time(hour, minute))


AWAY = hours(SICK, away=[(at(0), at(0, day=DAYS[1]))])


def chosen(calls: list[ToSpread], *diaries: Diary) -> dict[int, tuple[Choice, ...]]:
    return dict(spread(calls, [AWAY, *diaries], days_on=3, not_before=at(8)))


def test_the_same_time_by_somebody_else_comes_first() -> None:
    found = chosen([ToSpread(1, at(10), 45)], hours(TOM))
    assert found[1][0] == Choice(at(10), TOM)
    assert found[1][1].starts_at == at(10, 30)


def test_whose_case_it_is_is_asked_first() -> None:
    found = chosen([ToSpread(1, at(10), 45, prefer=SUNITA)], hours(TOM), hours(SUNITA))
    assert [choice.worker_id for choice in found[1][:2]] == [SUNITA, TOM]


def test_two_calls_at_one_time_are_not_proposed_to_one_colleague() -> None:
    found = chosen([ToSpread(1, at(10), 45), ToSpread(2, at(10), 45)], hours(TOM))
    assert found[1][0] == Choice(at(10), TOM)
    assert found[2][0] == Choice(at(11), TOM)


def test_where_nobody_is_free_that_day_it_is_another_day_perhaps_with_themselves() -> None:
    found = chosen([ToSpread(1, at(10), 45)])
    assert found[1][0] == Choice(at(9, day=DAYS[1]), SICK)


def test_where_nothing_is_open_there_is_no_choice() -> None:
    gone = hours(SICK, away=[(at(0), at(0, day=DAYS[3]) + timedelta(days=2))])
    assert dict(spread([ToSpread(1, at(10), 45)], [gone], days_on=3, not_before=at(8))) == {1: ()}


def test_the_most_calls_a_day_and_the_time_kept_free_hold_here_too() -> None:
    one_a_day = hours(TOM, layouts=[Layout(date(2026, 1, 1), None, most_calls=1)])
    found = chosen([ToSpread(1, at(10), 45), ToSpread(2, at(14), 45)], one_a_day)
    assert found[1][0] == Choice(at(10), TOM)
    assert found[2][0].starts_at >= at(9, day=DAYS[1])
    kept_free = hours(TOM, layouts=[Layout(date(2026, 1, 1), None, buffer_minutes=30)])
    found = chosen([ToSpread(1, at(10), 45), ToSpread(2, at(11), 45)], kept_free)
    assert found[2][0] == Choice(at(11, 30), TOM)


def test_no_more_days_are_looked_at_than_it_takes_to_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = Counter[date]()

    def counted(diaries: Collection[Diary], *, days: Sequence[date], **more: Any) -> tuple[OpenSlot, ...]:
        looked_at.update(days)
        return open_slots(diaries, days=days, **more)

    monkeypatch.setattr(spreading, "open_slots", counted)
    chosen([ToSpread(1, at(10), 45), ToSpread(2, at(16, day=DAYS[1]), 45)], hours(TOM))
    assert looked_at == {DAY - A_DAY: 1, DAY: 2, DAYS[1]: 1, DAYS[2]: 1}


@settings(deadline=None)  # how slowly a busy machine is says nothing of the calls
@given(
    st.lists(
        st.tuples(st.integers(18, 32), st.sampled_from([30, 45, 60]), st.sampled_from([None, TOM, SUNITA])),
        min_size=1,
        max_size=10,
    )
)
def test_what_is_proposed_can_all_be_done(wanted: list[tuple[int, int, int | None]]) -> None:
    calls = [
        ToSpread(number, at(9) + timedelta(minutes=30 * (half - 18)), minutes, prefer)
        for number, (half, minutes, prefer) in enumerate(wanted)
    ]
    found = chosen(calls, hours(TOM), hours(SUNITA))
    taken = [
        (found[call.appointment_id][0].worker_id, cell)
        for call in calls
        for cell in quarter_hours(found[call.appointment_id][0].starts_at, call.minutes)
    ]
    assert len(taken) == len(set(taken))
