"""Diaries that hypothesis makes up, and what is open in one looked for a minute at a time, in another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from provider.domain.diary.hours import Hours, Layout, Lunch
from provider.domain.diary.rules import Diary, OpenSlot

LONDON = ZoneInfo("Europe/London")
MINUTE, QUARTER, ONE_DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)
YEAR = [date(2026, 10, 1) + timedelta(days=count) for count in range(365)]
"""Both nights on which the clock changes, Christmas and every other bank holiday are in it."""
BACK, FORWARD = date(2026, 10, 25), date(2027, 3, 28)
BANK_HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2026-12-25", "2026-12-26", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29"),
        *("2027-05-03", "2027-05-31", "2027-08-30"),
    )
)
"""As gov.uk lists them; Boxing Day is kept on the 28th as well."""


def hours() -> st.SearchStrategy[Hours]:
    quarters = st.tuples(st.integers(0, 95), st.integers(1, 48))
    stretch = quarters.map(lambda drawn: (drawn[0] * 15, min(drawn[0] + drawn[1], 96) * 15))
    valid = st.tuples(st.sampled_from(YEAR), st.none() | st.integers(0, 200))
    return st.builds(_hours, st.integers(0, 6), stretch, st.none() | valid)


def _hours(weekday: int, stretch: tuple[int, int], valid: tuple[date, int | None] | None) -> Hours:
    first, days = valid or (date(2026, 1, 1), None)
    last = None if days is None else first + timedelta(days=days)
    return Hours(first, last, weekday, *stretch)


def layouts() -> st.SearchStrategy[Layout]:
    lunch = st.builds(
        lambda begins, minutes, spare: Lunch(begins * 15, begins * 15 + minutes + spare * 15, minutes),
        st.integers(40, 56),
        st.sampled_from((20, 30, 45, 60)),
        st.integers(0, 8),
    )
    return st.builds(
        Layout,
        valid_from=st.just(date(2026, 1, 1)),
        valid_until=st.none(),
        buffer_minutes=st.sampled_from((0, 5, 10, 15, 30)),
        most_calls=st.none() | st.integers(1, 6),
        lunch=st.none() | lunch,
        bank_holidays=st.booleans(),
    )


def absences(around: date) -> st.SearchStrategy[tuple[datetime, datetime]]:
    midnight = datetime(around.year, around.month, around.day, tzinfo=UTC)
    return st.tuples(st.integers(-1440, 5760), st.integers(0, 2000)).map(
        lambda drawn: (midnight + drawn[0] * MINUTE, midnight + sum(drawn) * MINUTE)
    )


@dataclass(frozen=True)
class Call:
    starts_at: datetime
    minutes: int
    buffer: int

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.minutes * MINUTE

    @property
    def quarters(self) -> set[datetime]:
        """The quarters of an hour that it touches, with what is kept free after it."""
        first = floor(self.starts_at)
        end = self.ends_at + self.buffer * MINUTE
        return {first + count * QUARTER for count in range(200) if first + count * QUARTER < end}


def floor(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0)


def with_call(diary: Diary, slot: OpenSlot) -> tuple[Diary, Call]:
    """The diary with the slot booked, as booking it would leave it."""
    day = slot.starts_at.astimezone(LONDON).date()
    layout = next((one for one in diary.layouts if one.on(day)), Layout(day, None))
    call = Call(slot.starts_at, slot.minutes, layout.buffer_minutes)
    cells = {int(quarter.timestamp()) // 900 for quarter in call.quarters}
    calls = {**diary.calls, day: diary.calls.get(day, 0) + 1}
    return replace(diary, taken=diary.taken | cells, calls=calls), call


def by_the_minute(diary: Diary, calls: Sequence[Call], days: Sequence[date], minutes: int) -> list[datetime]:
    """Every open start, found by asking of each minute whether somebody works then, and is free."""
    first = datetime.combine(days[0], time(), LONDON).astimezone(UTC) - ONE_DAY
    last = datetime.combine(days[-1], time(), LONDON).astimezone(UTC) + 2 * ONE_DAY + timedelta(hours=2)
    clock = [first + count * MINUTE for count in range(int((last - first) / MINUTE))]
    works, starts = _worked(diary, clock)
    busy = set().union(*(call.quarters for call in calls))
    return [
        start
        for start in sorted(starts)
        if start.astimezone(LONDON).date() in days
        and all(start + count * MINUTE in works for count in range(minutes))
        and _free(diary, calls, busy, start, minutes)
    ]


def _worked(diary: Diary, clock: Sequence[datetime]) -> tuple[set[datetime], set[datetime]]:
    """The minutes in which somebody works; and every thirtieth of each stretch, from its first on."""
    works: set[datetime] = set()
    starts: set[datetime] = set()
    counted: dict[tuple[int, date], int] = {}
    for moment in clock:
        here = moment.astimezone(LONDON)
        for number, stretch in enumerate(diary.hours):
            if not _is_in(stretch, here, diary):
                continue
            works.add(moment)
            nth = counted[number, here.date()] = counted.get((number, here.date()), -1) + 1
            if nth % 30 == 0:
                starts.add(moment)
    return works, starts


def _is_in(stretch: Hours, here: datetime, diary: Diary) -> bool:
    day, minute = here.date(), here.hour * 60 + here.minute
    if stretch.weekday != day.weekday() or not stretch.on(day):
        return False
    if day in diary.closed:
        return False
    if day in BANK_HOLIDAYS and not any(one.bank_holidays for one in diary.layouts if one.on(day)):
        return False
    begins, ends = stretch.from_minute, stretch.until_minute
    if here.fold:
        return begins < 120 <= ends
    if day == FORWARD:
        begins, ends = (at + 60 if 60 <= at < 120 else at for at in (begins, ends))
    return begins <= minute < ends


def _free(diary: Diary, calls: Sequence[Call], busy: set[datetime], start: datetime, minutes: int) -> bool:
    day = start.astimezone(LONDON).date()
    layout = next((one for one in diary.layouts if one.on(day)), Layout(day, None))
    wanted = Call(start, minutes, layout.buffer_minutes)
    if any(start + count * MINUTE in _Away(diary) for count in range(minutes)) or wanted.quarters & busy:
        return False
    that_day = [call for call in calls if call.starts_at.astimezone(LONDON).date() == day]
    if layout.most_calls is not None and len(that_day) >= layout.most_calls:
        return False
    return layout.lunch is None or _lunch_left(layout.lunch, day, wanted.quarters, busy)


class _Away:
    """The minutes that somebody is away for, or any part of them."""

    def __init__(self, diary: Diary) -> None:
        self.away = diary.away

    def __contains__(self, minute: datetime) -> bool:
        return any(begins < minute + MINUTE and minute < ends for begins, ends in self.away)


def _lunch_left(lunch: Lunch, day: date, wanted: set[datetime], busy: set[datetime]) -> bool:
    window = set(_quarters(day, lunch))
    if not wanted & window:
        return True
    need = -(-lunch.minutes // 15)
    free = window - wanted - busy
    return any(all(quarter + count * QUARTER in free for count in range(need)) for quarter in free)


def _quarters(day: date, lunch: Lunch) -> Iterator[datetime]:
    """Whole quarters of an hour between the two times: nobody has lunch while the clocks change."""
    for minute in range(lunch.from_minute, lunch.until_minute):
        if minute % 15 == 0 and minute + 15 <= lunch.until_minute:
            yield datetime.combine(day, time(minute // 60, minute % 60), LONDON).astimezone(UTC)
