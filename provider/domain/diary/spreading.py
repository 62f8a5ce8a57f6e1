"""Calls of somebody who is away, spread over the others: at the same time by somebody else, or else soon after.

Pure: diaries in, choices out. What is proposed for one call is not proposed for the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from provider.domain.diary.hours import layout_on
from provider.domain.diary.rules import Diary, OpenSlot, open_slots
from provider.kernel.calendar import london_date, quarter_hours

OTHERS, LATER = 3, 4
"""So many colleagues at the same time, and so many other times, are there to choose from."""


@dataclass(frozen=True)
class ToSpread:
    """A call that is booked with somebody who is away. ``prefer``: whose it would best be, where they are free."""

    appointment_id: int
    starts_at: datetime
    minutes: int
    prefer: int | None = None


@dataclass(frozen=True)
class Choice:
    """A time for a call, and who is free for it."""

    starts_at: datetime
    worker_id: int


def spread(
    calls: Sequence[ToSpread], diaries: Sequence[Diary], *, days_on: int, not_before: datetime
) -> Mapping[int, tuple[Choice, ...]]:
    """What each call could become, by appointment; what is proposed stands first. Empty where nothing is open,
    that day or in so many ``days_on``.

    The same time by a colleague comes before any other time, and a sooner time before a later one. Calls are served in
    the order of their time, so that the next one to come is the least likely to move.
    """
    free = {diary.worker_id: diary for diary in diaries}
    found = {}
    for call in sorted(calls, key=lambda call: (call.starts_at, call.appointment_id)):
        choices = _choices(call, free.values(), days_on=days_on, not_before=not_before)
        if choices:
            free[choices[0].worker_id] = _taken(free[choices[0].worker_id], choices[0], call.minutes)
        found[call.appointment_id] = choices
    return found


def _choices(
    call: ToSpread, diaries: Collection[Diary], *, days_on: int, not_before: datetime
) -> tuple[Choice, ...]:
    here, later = list[Choice](), list[Choice]()
    # A day at a time: the first is nearly always enough, and a team's diaries are long.
    for day in _days(call, days_on):
        for slot in open_slots(diaries, days=[day], minutes=call.minutes, not_before=not_before):
            asked = _in_order(slot, call.prefer)
            if slot.starts_at == call.starts_at:
                here += [Choice(slot.starts_at, who) for who in asked]
            elif slot.starts_at > call.starts_at:
                later.append(Choice(slot.starts_at, asked[0]))
        if len(later) >= LATER:
            break
    return (*here[:OTHERS], *later[:LATER])


def _days(call: ToSpread, days_on: int) -> list[date]:
    """From the day before, whose hours may go past midnight."""
    day = london_date(call.starts_at)
    return [day + timedelta(days=count) for count in range(-1, days_on + 1)]


def _in_order(slot: OpenSlot, prefer: int | None) -> list[int]:
    return sorted(slot.worker_ids, key=lambda who: who != prefer)


def _taken(diary: Diary, choice: Choice, minutes: int) -> Diary:
    """The diary once the call is in it."""
    day = london_date(choice.starts_at)
    keep_free = layout_on(day, diary.layouts).buffer_minutes
    return replace(
        diary,
        taken=diary.taken | set(quarter_hours(choice.starts_at, minutes + keep_free)),
        calls={**diary.calls, day: diary.calls.get(day, 0) + 1},
    )
