"""Which starts are open, decided from working hours, absence and what is already taken."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from provider.domain.diary.hours import (
    Hours,
    Layout,
    Lunch,
    Stretch,
    around,
    in_one_piece,
    layout_on,
    moment,
    stretches,
)
from provider.kernel.calendar import QUARTER_HOUR, london_date, quarter_hours

SLOT_STEP = timedelta(minutes=30)


@dataclass(frozen=True)
class Diary:
    """One worker's time: hours, layouts, absences as (from, until), quarter hours taken, calls by London day.

    ``sessions`` are those of the quarter hours taken in which they run a session; on the days ``closed`` nobody works.
    """

    worker_id: int
    hours: Sequence[Hours]
    layouts: Sequence[Layout] = ()
    away: Sequence[tuple[datetime, datetime]] = ()
    taken: AbstractSet[int] = frozenset()
    calls: Mapping[date, int] = field(default_factory=dict)
    sessions: AbstractSet[int] = frozenset()
    closed: AbstractSet[date] = frozenset()

    def stretches(self, days: Iterable[date]) -> list[Stretch]:
        """When they work on ``days``."""
        return stretches(self.hours, self.layouts, days, closed=self.closed)


@dataclass(frozen=True)
class OpenSlot:
    """A start that at least one worker is free for.

    ``worker_ids`` in the order they are to be asked: who has the fewest calls that day first.
    """

    starts_at: datetime
    minutes: int
    worker_ids: tuple[int, ...]


def open_slots(
    diaries: Iterable[Diary], *, days: Sequence[date], minutes: int, not_before: datetime
) -> tuple[OpenSlot, ...]:
    """Open starts on ``days`` (London days in a row), earliest first."""
    free: dict[datetime, list[tuple[int, int]]] = {}
    for diary in diaries:
        for day, start in _open(diary, days=days, minutes=minutes, not_before=not_before):
            free.setdefault(start, []).append((diary.calls.get(day, 0), diary.worker_id))
    return tuple(
        OpenSlot(start, minutes, tuple(worker_id for _, worker_id in sorted(free[start])))
        for start in sorted(free)
    )


def _open(
    diary: Diary, *, days: Sequence[date], minutes: int, not_before: datetime
) -> Iterable[tuple[date, datetime]]:
    """Each start that is open in one diary, once, with its day."""
    found = diary.stretches(around(days))
    pieces = in_one_piece(found)
    length, wanted = timedelta(minutes=minutes), set(days)
    seen: set[datetime] = set()
    for stretch in found:
        layout = layout_on(stretch.day, diary.layouts)
        if stretch.day not in wanted or _is_full(diary, layout, stretch.day):
            continue
        for start in _starts(stretch.starts_at, stretch.ends_at):
            if start < not_before or start in seen or not _fits(start, start + length, pieces):
                continue
            if _is_free(diary, layout, stretch.day, start, minutes):
                seen.add(start)
                yield stretch.day, start


def _is_full(diary: Diary, layout: Layout, day: date) -> bool:
    return layout.most_calls is not None and diary.calls.get(day, 0) >= layout.most_calls


def _starts(start: datetime, end: datetime) -> Iterable[datetime]:
    while start < end:
        yield start
        start += SLOT_STEP


def _fits(start: datetime, end: datetime, pieces: Sequence[tuple[datetime, datetime]]) -> bool:
    before = bisect_right(pieces, start, key=lambda piece: piece[0])
    return before > 0 and end <= pieces[before - 1][1]


def _is_free(diary: Diary, layout: Layout, day: date, start: datetime, minutes: int) -> bool:
    end = start + timedelta(minutes=minutes)
    if _is_away(diary, start, end):
        return False
    cells = quarter_hours(start, minutes + layout.buffer_minutes)
    if any(cell in diary.taken for cell in cells) or _too_soon(diary, layout, start):
        return False
    return layout.lunch is None or _leaves_lunch(layout.lunch, day, cells, diary.taken)


def _too_soon(diary: Diary, layout: Layout, start: datetime) -> bool:
    """Whether a session has only just ended: after one as much is kept free as after a call."""
    if not layout.buffer_minutes:
        return False
    before = quarter_hours(start - timedelta(minutes=layout.buffer_minutes), layout.buffer_minutes)
    return any(cell in diary.sessions for cell in before)


def is_kept(diary: Diary, starts_at: datetime, minutes: int) -> bool:
    """Whether somebody works all through a call that is booked, and is neither away nor in a session for any of it."""
    ends_at = starts_at + timedelta(minutes=minutes)
    worked = in_one_piece(diary.stretches(around([london_date(starts_at)])))
    if any(cell in diary.sessions for cell in quarter_hours(starts_at, minutes)):
        return False
    return _fits(starts_at, ends_at, worked) and not _is_away(diary, starts_at, ends_at)


def _is_away(diary: Diary, start: datetime, end: datetime) -> bool:
    """Whether an absence takes any of that time; one that was taken back takes none at all."""
    return any(max(begins, start) < min(ends, end) for begins, ends in diary.away)


def _leaves_lunch(lunch: Lunch, day: date, wanted: range, taken: AbstractSet[int]) -> bool:
    """Whether the break still fits where it may be, in quarter hours; a call outside that time never matters."""
    begins, ends = moment(day, lunch.from_minute), moment(day, lunch.until_minute)
    window = range(
        -int(-begins.timestamp() // QUARTER_HOUR),
        int(ends.timestamp() // QUARTER_HOUR),
    )
    if wanted.stop <= window.start or window.stop <= wanted.start:
        return True
    longest = run = 0
    for cell in window:
        run = 0 if cell in wanted or cell in taken else run + 1
        longest = max(longest, run)
    return longest * QUARTER_HOUR >= lunch.minutes * 60


OFFERED_AHEAD = timedelta(days=60)
"""No further than a diary is kept is a slot shown to a force, or sold to it."""


def slot_id(scheme: str, starts_at: datetime) -> str:
    """A slot as a force names it: scheme and start, not a worker."""
    return f"{scheme}.{starts_at.astimezone(UTC):%Y%m%dT%H%MZ}"


def read_slot_id(text: str, *, scheme: str) -> datetime | None:
    """The start that a slot id of this scheme means, or None where it is not one."""
    code, _, stamp = text.rpartition(".")
    if code != scheme:
        return None
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def days_between(from_at: datetime, until_at: datetime) -> list[date]:
    """London days touched by a stretch of time, at most 62."""
    first, last = london_date(from_at), london_date(until_at)
    return [first + timedelta(days=n) for n in range(min((last - first).days + 1, 62))]
