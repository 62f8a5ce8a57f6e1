"""How long each participant was in the meeting while the session ran."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from provider.domain.courses.zoom_report import ReportOfAnotherSession, ReportRow

Stay = tuple[datetime, datetime]


@dataclass(frozen=True)
class Presence:
    """One participant as the meeting knew them, which may be one person, two on one device, or half of one.

    ``minutes`` are whole minutes inside the session; ``joins`` the lines of the report it is made of, waiting room
    included; ``at_once`` says that two joins overlap: two devices, or two people under one name.
    """

    name: str
    original_name: str | None
    email: str | None
    minutes: int
    joins: tuple[int, ...]
    at_once: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.name, self.original_name) if name)


def presence(rows: Sequence[ReportRow], *, start: datetime, end: datetime) -> tuple[Presence, ...]:
    """Minutes per participant, in the order of the report.

    Joins under one e-mail alias are one participant; without one, under the name they came in with. Overlapping joins
    count once, time outside the session and in the waiting room not at all, and a begun minute counts, as Zoom counts
    it. A report of totals gives its minutes, no more than the session's. ReportOfAnotherSession where nobody's time
    touches the session.
    """
    timed = [_stay(row, start=start, end=end) for row in rows if row.join_at is not None]
    if timed and not any(timed):
        raise ReportOfAnotherSession
    groups: dict[tuple[str, str], list[ReportRow]] = {}
    for row in rows:
        groups.setdefault(_key(row), []).append(row)
    return tuple(_presence(group, start=start, end=end) for group in groups.values())


def minutes_covered(stays: Iterable[Stay]) -> int:
    """Minutes in the union of stretches of time; what is covered twice counts once, a begun minute counts."""
    total = timedelta()
    reached: datetime | None = None
    for begins, ends in sorted(stays):
        begins = begins if reached is None else max(begins, reached)
        if ends > begins:
            total += ends - begins
            reached = ends
    return -(-total // timedelta(minutes=1))


def minutes_present(rows: Sequence[ReportRow], *, start: datetime, end: datetime) -> int:
    """Minutes of the session that these lines cover together, as ``presence`` counts them."""
    totals = sum(row.minutes for row in rows if row.join_at is None and not row.in_waiting_room)
    stays = _stays(rows, start=start, end=end)
    return minutes_covered(stays) + min(totals, int((end - start) / timedelta(minutes=1)))


def _presence(rows: Sequence[ReportRow], *, start: datetime, end: datetime) -> Presence:
    stays = _stays(rows, start=start, end=end)
    return Presence(
        name=rows[-1].name,
        original_name=next((row.original_name for row in rows if row.original_name), None),
        email=rows[0].email,
        minutes=minutes_present(rows, start=start, end=end),
        joins=tuple(row.number for row in rows),
        at_once=any(later[0] < earlier[1] for earlier, later in pairwise(stays)),
    )


def _stays(rows: Sequence[ReportRow], *, start: datetime, end: datetime) -> list[Stay]:
    counted = (row for row in rows if not row.in_waiting_room)
    return sorted(stay for row in counted if (stay := _stay(row, start=start, end=end)))


def _stay(row: ReportRow, *, start: datetime, end: datetime) -> Stay | None:
    """The part of a join that lies inside the session, if any."""
    if row.join_at is None or row.leave_at is None:
        return None
    begins, ends = max(row.join_at, start), min(row.leave_at, end)
    return (begins, ends) if begins < ends else None


def _key(row: ReportRow) -> tuple[str, str]:
    if row.email:
        return "email", row.email
    return "name", (row.original_name or row.name).casefold()
