"""Zoom's participant report: who was in the meeting, and from when to when, in any of its four shapes.

Per join or unique users, with or without a preamble about the meeting, in the older or the newer headings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from provider.domain.meetings.presence import inside
from provider.domain.meetings.zoom_csv import Line, letters, read_table
from provider.domain.meetings.zoom_times import ORDERS, NotADate, near, readings
from provider.kernel.errors import FieldError, Invalid, Refusal

MOST_FAULTS = 20
LONGEST_NAME = 200
PRONOUNS = frozenset({"she", "her", "hers", "he", "him", "his", "they", "them", "theirs", "any", "all"})


class ReportOfAnotherSession(Refusal):
    """The times in the report do not belong to the session."""

    code = "report_of_another_session"
    sentence = (
        "The times in this report are not those of this session. Check the session, and Zoom's time zone."
    )


@dataclass(frozen=True)
class ReportRow:
    """One line. Moments are UTC, and None where the report gives only totals; ``number`` is its line in the file.

    ``name`` is what was shown; ``original_name`` what they came in with, where they renamed themselves.
    """

    name: str
    original_name: str | None
    email: str | None
    join_at: datetime | None
    leave_at: datetime | None
    minutes: int
    in_waiting_room: bool
    number: int


@dataclass(frozen=True)
class ParticipantReport:
    shape: Literal["joins", "unique_users"]
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True)
class _Reading:
    """How the dates of this file are read, and the faults found so far."""

    order: str
    zone: ZoneInfo
    session_start: datetime
    faults: list[FieldError] = field(default_factory=list)

    def fault(self, line: Line, column: str, what: str) -> None:
        self.faults.append(
            FieldError(f"/rows/{line.number}/{column}", "invalid", f"Row {line.number}: {what}.")
        )


def read_report(data: bytes, *, session_start: datetime, zone: ZoneInfo) -> ParticipantReport:
    """Read a downloaded report; ``session_start`` is aware, ``zone`` that of the Zoom host's account.

    Whether day or month comes first is read off the session: its day must come out. Raises ReportUnreadable for what
    is no report, ReportOfAnotherSession where neither order gives that day, and Invalid naming the lines that cannot
    be read or are of another day (``/rows/7/join_time``), the first 20.
    """
    table = read_table(data)
    timed = "join_time" in table.columns
    order = _order(table.lines, session_start=session_start, zone=zone) if timed else ORDERS[0]
    reading = _Reading(order, zone, session_start)
    rows = tuple(_row(line, reading, timed=timed) for line in table.lines)
    if reading.faults:
        raise Invalid(reading.faults[:MOST_FAULTS])
    return ParticipantReport("joins" if timed else "unique_users", rows)


def require_touching(report: ParticipantReport, *, start: datetime, end: datetime) -> None:
    """Raises ReportOfAnotherSession where moments are told, and nobody's time touches the session."""
    timed = [row for row in report.rows if row.join_at is not None]
    if timed and not any(inside(row.join_at, row.leave_at, start=start, end=end) for row in timed):
        raise ReportOfAnotherSession


def time_within(report: ParticipantReport, *, start: datetime, end: datetime) -> timedelta:
    """How long all of them together were in the session, by the moments that the report tells."""
    stretches = (inside(row.join_at, row.leave_at, start=start, end=end) for row in report.rows)
    return sum((until - since for since, until in filter(None, stretches)), timedelta())


def _order(lines: Sequence[Line], *, session_start: datetime, zone: ZoneInfo) -> str:
    """The order of day and month in which most joinings are near the session; day first where both serve."""
    readable = []
    for line in lines:
        try:
            readable.append(readings(line.cells["join_time"], zone=zone))
        except NotADate:
            continue
    fitting = {
        order: sum(order in one and near(one[order], session_start=session_start) for one in readable)
        for order in ORDERS
    }
    if readable and not any(fitting.values()):
        raise ReportOfAnotherSession
    return max(ORDERS, key=fitting.__getitem__)


def _row(line: Line, reading: _Reading, *, timed: bool) -> ReportRow:
    """The line as a row; where something cannot be read a fault is noted and the row will not be used."""
    minutes = line.cells["minutes"]
    if not re.fullmatch(r"[0-9]{1,5}", minutes):
        reading.fault(line, "minutes", "the duration is not a whole number of minutes")
        minutes = "0"
    joined = _moment(line, "join_time", reading) if timed else None
    left = _moment(line, "leave_time", reading) if timed else None
    if joined and not near(joined, session_start=reading.session_start):
        reading.fault(line, "join_time", "the join time is not on the day of the session")
    if joined and left and left < joined:
        reading.fault(line, "leave_time", "the leave time is before the join time")
    shown, original = _names(line.cells["name"][:LONGEST_NAME])
    waiting = letters(line.cells.get("waiting_room", "")) == "yes"
    email = line.cells.get("email", "").casefold() or None
    return ReportRow(shown, original, email, joined, left, int(minutes), waiting, line.number)


def _moment(line: Line, column: str, reading: _Reading) -> datetime | None:
    try:
        return readings(line.cells[column], zone=reading.zone)[reading.order]
    except (NotADate, KeyError):
        what = column.replace("_", " ")
        reading.fault(line, column, f"the {what} is not a date and time that can be read")
        return None


def _names(cell: str) -> tuple[str, str | None]:
    match = re.fullmatch(r"(.*\S)\s*\(([^()]*)\)", cell)
    if match is None:
        return cell, None
    original = match[2].strip()
    said_of_themselves = set(letters(original).split()) <= PRONOUNS
    return match[1], None if said_of_themselves else original
