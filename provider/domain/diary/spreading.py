"""Calls of somebody who is away, spread over the others: at the same time by somebody else, or else soon after.

Pure: diaries in, choices out. What is proposed for one call is not proposed for the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

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
    calls: Sequence[ToSpread], diaries: Sequence[Diary], *, days: Sequence[date], not_before: datetime
) -> Mapping[int, tuple[Choice, ...]]:
    """What each call could become, by appointment; what is proposed stands first. Empty where nothing is open.

    The same time by a colleague comes before any other time, and a sooner time before a later one. Calls are served in
    the order of their time, so that the next one to come is the least likely to move.
    """
    free = {diary.worker_id: diary for diary in diaries}
    found = {}
    for call in sorted(calls, key=lambda call: (call.starts_at, call.appointment_id)):
        slots = open_slots(free.values(), days=days, minutes=call.minutes, not_before=not_before)
        choices = _choices(call, slots)
        if choices:
            free[choices[0].worker_id] = _taken(free[choices[0].worker_id], choices[0], call.minutes)
        found[call.appointment_id] = choices
    return found


def _choices(call: ToSpread, slots: Sequence[OpenSlot]) -> tuple[Choice, ...]:
    same = [slot for slot in slots if slot.starts_at == call.starts_at]
    later = [slot for slot in slots if slot.starts_at > call.starts_at]
    here = [Choice(call.starts_at, who) for slot in same for who in _in_order(slot, call.prefer)[:OTHERS]]
    return (*here, *(Choice(slot.starts_at, _in_order(slot, call.prefer)[0]) for slot in later[:LATER]))


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
