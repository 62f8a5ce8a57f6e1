"""Which starts are open: by table, and looked for a minute at a time over a whole year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.domain.diary.hours import Hours, Layout, Lunch
from provider.domain.diary.rules import Diary, is_kept, open_slots, slot_id
from provider.kernel.calendar import london, quarter_hours
from provider.web.words import london_datetime
from tests.rules.diaries import (
    BACK,
    BANK_HOLIDAYS,
    FORWARD,
    LONDON,
    MINUTE,
    YEAR,
    absences,
    by_the_minute,
    hours,
    layouts,
    with_call,
)

LONG_AGO = date(2026, 1, 1)
A_MONDAY = date(2026, 11, 30)
NEVER_PAST = datetime(2026, 1, 1, tzinfo=UTC)
ALL_DAY = [Hours(LONG_AGO, None, weekday, 0, 1440) for weekday in range(7)]


def on(day: date, *stretches: tuple[int, int]) -> list[Hours]:
    return [Hours(LONG_AGO, None, day.weekday(), *stretch) for stretch in stretches]


def clock(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


def starts(diary: Diary, *days: date, minutes: int = 45) -> list[datetime]:
    found = open_slots([diary], days=days, minutes=minutes, not_before=NEVER_PAST)
    return [slot.starts_at for slot in found]


def said(diary: Diary, *days: date, minutes: int = 45) -> list[str]:
    return [f"{london(start):%H:%M}" for start in starts(diary, *days, minutes=minutes)]


def booked(diary: Diary, day: date, at: str) -> Diary:
    found = open_slots([diary], days=[day], minutes=45, not_before=NEVER_PAST)
    slot = next(one for one in found if f"{london(one.starts_at):%H:%M}" == at)
    return with_call(diary, slot)[0]


class TestHours:
    def test_a_gap_between_two_stretches_is_no_time_for_a_call(self) -> None:
        diary = Diary(1, on(A_MONDAY, (clock(9), clock(10)), (clock(10, 30), clock(12))))
        assert said(diary, A_MONDAY) == ["09:00", "10:30", "11:00"]

    def test_stretches_that_touch_are_one_piece(self) -> None:
        diary = Diary(1, on(A_MONDAY, (clock(9), clock(10)), (clock(10), clock(11))))
        assert said(diary, A_MONDAY) == ["09:00", "09:30", "10:00"]

    def test_a_call_runs_over_midnight_where_somebody_works_on(self) -> None:
        tuesday = A_MONDAY + timedelta(days=1)
        night = [*on(A_MONDAY, (clock(22), 1440)), *on(tuesday, (0, clock(2)))]
        assert said(Diary(1, night), A_MONDAY) == ["22:00", "22:30", "23:00", "23:30"]
        assert said(Diary(1, night), tuesday) == ["00:00", "00:30", "01:00"]
        assert said(Diary(1, on(A_MONDAY, (clock(22), 1440))), A_MONDAY)[-1] == "23:00"

    def test_hours_hold_from_their_first_day_to_their_last(self) -> None:
        week = [A_MONDAY + timedelta(days=count) for count in range(15)]
        once = Hours(A_MONDAY, A_MONDAY + timedelta(days=6), 0, clock(9), clock(10))
        assert [london(start).date() for start in starts(Diary(1, [once]), *week)] == [A_MONDAY]

    @pytest.mark.parametrize(("works", "open_starts"), [(False, 0), (True, 1)])
    def test_a_bank_holiday_is_for_who_works_it(self, works: bool, open_starts: int) -> None:
        christmas = date(2026, 12, 25)
        layout = Layout(LONG_AGO, None, bank_holidays=works)
        diary = Diary(1, on(christmas, (clock(9), clock(10))), [layout])
        assert len(starts(diary, christmas)) == open_starts


class TestLaidOut:
    LAYOUT = Layout(LONG_AGO, None)

    def diary(self, **layout: object) -> Diary:
        return Diary(1, on(A_MONDAY, (clock(9), clock(15))), [replace(self.LAYOUT, **layout)])  # type: ignore[arg-type]

    def test_what_is_kept_free_lies_before_the_next_call_and_after_the_one_before(self) -> None:
        diary = booked(self.diary(buffer_minutes=30), A_MONDAY, "11:00")
        assert said(diary, A_MONDAY) == ["09:00", "09:30", "12:30", "13:00", "13:30", "14:00"]

    def test_the_last_call_may_end_with_the_hours(self) -> None:
        assert said(self.diary(buffer_minutes=60), A_MONDAY)[-1] == "14:00"

    def test_nothing_is_open_once_a_worker_has_as_many_calls_as_they_take(self) -> None:
        diary = booked(self.diary(most_calls=2), A_MONDAY, "09:00")
        assert said(diary, A_MONDAY) != []
        assert said(booked(diary, A_MONDAY, "13:00"), A_MONDAY) == []

    def test_lunch_stays_free_in_one_piece(self) -> None:
        lunch = Lunch(clock(11, 30), clock(13), 30)
        diary = booked(self.diary(lunch=lunch), A_MONDAY, "12:00")
        assert [at for at in said(diary, A_MONDAY) if "10:30" <= at <= "13:30"] == ["10:30", "13:00", "13:30"]

    def test_a_break_in_crumbs_is_no_break(self) -> None:
        """From 11:30 to 13:00 a call at 12:00 leaves half an hour before and a quarter after: not three quarters."""
        lunch = Lunch(clock(11, 30), clock(13), 45)
        assert "12:00" not in said(self.diary(lunch=lunch), A_MONDAY)
        assert "12:30" in said(self.diary(lunch=lunch), A_MONDAY)


class TestAway:
    def test_a_call_is_kept_where_its_worker_works_all_through_it_and_is_there(self) -> None:
        at = starts(Diary(1, on(A_MONDAY, (clock(9), clock(10)))), A_MONDAY)[0]
        diary = Diary(1, on(A_MONDAY, (clock(9), clock(10))))
        assert is_kept(diary, at, 60)
        assert not is_kept(diary, at, 61)
        assert not is_kept(replace(diary, away=[(at + 30 * MINUTE, at + 31 * MINUTE)]), at, 60)
        assert is_kept(replace(diary, away=[(at - 30 * MINUTE, at)]), at, 60)


class TestSessions:
    """Somebody runs a session from eleven to noon."""

    def diary(self, buffer_minutes: int) -> Diary:
        cells = frozenset(quarter_hours(datetime(2026, 11, 30, 11, tzinfo=UTC), 60))
        layout = Layout(LONG_AGO, None, buffer_minutes=buffer_minutes)
        return Diary(1, on(A_MONDAY, (clock(9), clock(15))), [layout], taken=cells, sessions=cells)

    @pytest.mark.parametrize(
        ("buffer_minutes", "before", "after"),
        [(0, "10:00", "12:00"), (15, "10:00", "12:30"), (30, "09:30", "12:30"), (45, "09:30", "13:00")],
    )
    def test_as_much_is_kept_free_before_and_after_one_as_beside_a_call(
        self, buffer_minutes: int, before: str, after: str
    ) -> None:
        found = said(self.diary(buffer_minutes), A_MONDAY)
        assert max(at for at in found if at < "11:30") == before
        assert min(at for at in found if at > "10:30") == after

    def test_a_call_booked_into_one_is_not_kept(self) -> None:
        at = datetime(2026, 11, 30, 11, 45, tzinfo=UTC)
        assert not is_kept(self.diary(0), at, 45)
        assert is_kept(self.diary(0), at + 15 * MINUTE, 45)


class TestWhoFirst:
    def test_who_has_the_fewest_calls_that_day_is_asked_first(self) -> None:
        week = on(A_MONDAY, (clock(9), clock(12)))
        three = [Diary(worker_id, week) for worker_id in (1, 2, 3)]
        three[0] = booked(three[0], A_MONDAY, "09:00")
        slots = open_slots(three, days=[A_MONDAY], minutes=45, not_before=NEVER_PAST)
        assert {slot.starts_at.hour: slot.worker_ids for slot in slots}[11] == (2, 3, 1)


NIGHT = (clock(0, 30), clock(2, 30))


class TestClocksChange:
    def test_in_october_the_hour_that_comes_twice_has_twice_the_starts(self) -> None:
        found = starts(Diary(1, on(BACK, NIGHT)), BACK, minutes=30)
        assert [f"{start:%H:%M}" for start in found] == ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]
        assert [f"{london(start):%H:%M}" for start in found] == [
            *("00:30", "01:00", "01:30"),
            *("01:00", "01:30", "02:00"),
        ]
        assert [london_datetime(start).partition(" at ")[2] for start in found] == [
            "12:30am",
            "1am (before the clocks go back)",
            "1:30am (before the clocks go back)",
            "1am (after the clocks go back)",
            "1:30am (after the clocks go back)",
            "2am",
        ]

    def test_in_march_the_hour_that_never_comes_has_none(self) -> None:
        found = starts(Diary(1, on(FORWARD, NIGHT)), FORWARD, minutes=30)
        assert [f"{start:%H:%M}" for start in found] == ["00:30", "01:00"]
        assert [f"{london(start):%H:%M}" for start in found] == ["00:30", "02:00"]

    def test_on_any_other_night_there_are_four(self) -> None:
        sunday = BACK + timedelta(days=7)
        assert said(Diary(1, on(sunday, NIGHT)), sunday, minutes=30) == ["00:30", "01:00", "01:30", "02:00"]

    def test_a_force_is_told_each_of_them_by_another_name(self) -> None:
        found = starts(Diary(1, on(BACK, NIGHT)), BACK, minutes=30)
        assert len({slot_id("x", start) for start in found}) == len(found) == 6


def back_from(label: str) -> datetime:
    """The moment that a label says, read as a person would."""
    day, _, said_time = label.partition(" at ")
    clock_time, _, which = said_time.partition(" (")
    spoken = {"midday": "12pm", "midnight": "12am"}.get(clock_time, clock_time)
    pattern = "%A %d %B %Y %I:%M%p" if ":" in spoken else "%A %d %B %Y %I%p"
    there = datetime.strptime(f"{day} {spoken}", pattern).replace(tzinfo=LONDON)
    return there.replace(fold=which.startswith("after")).astimezone(UTC)


class TestAWholeYear:
    def test_every_label_of_every_start_leads_back_to_its_moment(self) -> None:
        layout = Layout(LONG_AGO, None, bank_holidays=True)
        found = starts(Diary(1, ALL_DAY, [layout]), *YEAR, minutes=30)
        assert len(found) == 365 * 48
        assert [back_from(london_datetime(start)) for start in found] == found

    def test_round_the_clock_no_day_but_a_bank_holiday_is_without(self) -> None:
        found = starts(Diary(1, ALL_DAY), *YEAR)
        assert set(YEAR) - {london(start).date() for start in found} == BANK_HOLIDAYS

    @given(st.lists(hours(), min_size=1, max_size=12))
    @settings(max_examples=25, deadline=None)
    def test_nothing_is_open_outside_hours_on_any_day_of_it(self, worked: list[Hours]) -> None:
        found = starts(Diary(1, worked), *YEAR)
        assert found == sorted(set(found))
        for start in found:
            there = london(start)
            later = 60 if there.date() in (BACK, FORWARD) else 0
            assert there.date() not in BANK_HOLIDAYS
            assert any(
                each.on(there.date())
                and each.weekday == there.weekday()
                and each.from_minute <= there.hour * 60 + there.minute + later
                and there.hour * 60 + there.minute < each.until_minute + later
                for each in worked
            )

    @given(st.data())
    @settings(max_examples=150, deadline=None)
    def test_what_is_open_is_what_is_found_by_the_minute(self, data: st.DataObject) -> None:
        """Around any day of the year, the nights of the change more often, with calls booked one after another."""
        day = data.draw(st.sampled_from(YEAR) | st.sampled_from((BACK, FORWARD)), label="day")
        diary = Diary(
            1,
            data.draw(st.lists(hours(), min_size=1, max_size=6), label="hours"),
            data.draw(st.lists(layouts(), max_size=1), label="layouts"),
            data.draw(st.lists(absences(day), max_size=2), label="away"),
            closed=data.draw(st.frozensets(st.sampled_from((day, day + timedelta(days=1)))), label="closed"),
        )
        minutes = data.draw(st.sampled_from((15, 30, 45, 60, 75)), label="minutes")
        days, calls = [day + timedelta(days=count) for count in range(2)], []
        for _ in range(data.draw(st.integers(0, 6), label="calls")):
            found = open_slots([diary], days=days, minutes=minutes, not_before=NEVER_PAST)
            if not found:
                break
            diary, call = with_call(diary, data.draw(st.sampled_from(found)))
            calls.append(call)
        assert starts(diary, *days, minutes=minutes) == by_the_minute(diary, calls, days, minutes)
        in_order = sorted(calls, key=lambda call: call.starts_at)
        assert all(
            after.starts_at >= call.ends_at + call.buffer * MINUTE for call, after in pairwise(in_order)
        )
        assert all(is_kept(diary, call.starts_at, call.minutes) for call in calls)
