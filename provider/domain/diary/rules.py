"""Which starts are open, decided from working hours, absence and what is already taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from provider.kernel.calendar import at_london, is_working_day, london_date, quarter_hours

SLOT_STEP = timedelta(minutes=30)


@dataclass(frozen=True)
class Hours:
    """Working hours of one worker on one weekday (Monday 0), in minutes after midnight in London."""

    worker_id: int
    weekday: int
    from_minute: int
    until_minute: int
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class Away:
    worker_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class OpenSlot:
    """A start that at least one worker is free for; ``worker_ids`` in the order they are to be asked."""

    starts_at: datetime
    minutes: int
    worker_ids: tuple[int, ...]


def open_slots(
    hours: Sequence[Hours],
    away: Sequence[Away],
    taken: Collection[tuple[int, int]],
    *,
    days: Iterable[date],
    minutes: int,
    not_before: datetime,
) -> tuple[OpenSlot, ...]:
    """Open starts on ``days``, earliest first. ``taken`` holds (worker, quarter-hour cell) pairs."""
    free: dict[datetime, list[int]] = {}
    for day in days:
        if not is_working_day(day):
            continue
        for pattern in hours:
            for start in _starts(pattern, day, minutes):
                if start >= not_before and _is_free(pattern.worker_id, start, minutes, away, taken):
                    free.setdefault(start, []).append(pattern.worker_id)
    return tuple(OpenSlot(start, minutes, tuple(sorted(set(free[start])))) for start in sorted(free))


def _starts(hours: Hours, day: date, minutes: int) -> list[datetime]:
    valid = hours.valid_from <= day and (hours.valid_until is None or day <= hours.valid_until)
    if not valid or hours.weekday != day.weekday():
        return []
    start, end = _moment(day, hours.from_minute), _moment(day, hours.until_minute)
    starts = []
    while start + timedelta(minutes=minutes) <= end:
        starts.append(start)
        start += SLOT_STEP
    return starts


def _moment(day: date, minute: int) -> datetime:
    return at_london(day, time(minute // 60, minute % 60))


def _is_free(
    worker_id: int, start: datetime, minutes: int, away: Sequence[Away], taken: Collection[tuple[int, int]]
) -> bool:
    end = start + timedelta(minutes=minutes)
    if any(gap.worker_id == worker_id and gap.starts_at < end and start < gap.ends_at for gap in away):
        return False
    return not any((worker_id, cell) in taken for cell in quarter_hours(start, minutes))


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
