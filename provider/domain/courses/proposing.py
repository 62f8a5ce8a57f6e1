"""When sessions that are short could be held: at the times that suit, on days with room, by who is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from provider.kernel.calendar import at_london, is_working_day, london_date, quarter_hours

WEEKDAYS = 5


@dataclass(frozen=True)
class Proposed:
    """``facilitator_id`` is None where nobody is free at any of the times of that week."""

    starts_at: datetime
    facilitator_id: int | None


@dataclass(frozen=True)
class Room:
    """What there is room for: sessions by the London day they begin on, and who could run one.

    ``busy`` holds the quarter hours (counted from 1970 in UTC) in which each facilitator is somewhere else. Nothing is
    held on the days ``closed``.
    """

    held: Mapping[date, int]
    facilitators: Sequence[int]
    busy: Mapping[int, Collection[int]]
    closed: Collection[date] = frozenset()


def propose(
    short: Mapping[date, int], *, starts: Mapping[time, int], minutes: int, room: Room, not_before: datetime
) -> tuple[Proposed, ...]:
    """So many sessions of ``minutes`` in the weeks that begin with each Monday of ``short``, soonest first.

    ``starts`` are the times on London's clock at which one may begin, with how many people each would suit: they are
    shared out by that. A time is passed over where nobody is free on any of the week's working days.
    """
    times = shared_out(starts, sum(short.values()))
    held, busy = Counter(room.held), {one: set(room.busy.get(one, ())) for one in room.facilitators}
    load = Counter({one: len(cells) for one, cells in busy.items()})
    found = []
    for monday in sorted(short):
        for _ in range(short[monday]):
            wanted = [times.pop(0), *starts]
            one = _first(monday, wanted, minutes, held, busy, load, room.closed, not_before)
            if one is None:
                continue
            found.append(one)
            held[london_date(one.starts_at)] += 1
            if one.facilitator_id is not None:
                cells = quarter_hours(one.starts_at, minutes)
                busy[one.facilitator_id].update(cells)
                load[one.facilitator_id] += len(cells)
    return tuple(sorted(found, key=lambda one: one.starts_at))


def shared_out(starts: Mapping[time, int], many: int) -> list[time]:
    """``many`` of the times, each as often as its share of the people asks for; the one that suits most comes first.

    By largest remainder; with nobody asking for anything, in turn.
    """
    weights = starts if any(starts.values()) else dict.fromkeys(starts, 1)
    of = sum(weights.values())
    exact = {start: many * people / of for start, people in weights.items()}
    given = {start: int(part) for start, part in exact.items()}
    by_remainder = sorted(exact, key=lambda start: (given[start] - exact[start], -weights[start], start))
    for start in by_remainder[: many - sum(given.values())]:
        given[start] += 1
    in_order = sorted(given, key=lambda start: (-weights[start], start))
    return [start for start in in_order for _ in range(given[start])]


def _first(
    monday: date,
    wanted: Sequence[time],
    minutes: int,
    held: Counter[date],
    busy: Mapping[int, set[int]],
    load: Counter[int],
    closed: Collection[date],
    not_before: datetime,
) -> Proposed | None:
    """The day with the fewest sessions on which somebody is free, the one with least to do first."""
    week = [monday + timedelta(days=weekday) for weekday in range(WEEKDAYS)]
    days = sorted(
        (day for day in week if is_working_day(day, closures=closed)), key=lambda day: (held[day], day)
    )
    moments = [moment for start in wanted for day in days if (moment := at_london(day, start)) >= not_before]
    by_load = sorted(busy, key=lambda one: (load[one], one))
    for moment in moments:
        cells = set(quarter_hours(moment, minutes))
        free = next((one for one in by_load if not cells & busy[one]), None)
        if free is not None:
            return Proposed(moment, free)
    return Proposed(moments[0], None) if moments else None
