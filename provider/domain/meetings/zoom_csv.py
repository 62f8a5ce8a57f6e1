"""From the bytes of Zoom's participant report to its columns and lines, whatever wrote or saved the file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provider.kernel.errors import Refusal

MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
HEADING_WITHIN = 10

HEADINGS: Mapping[str, str] = {
    "name original name": "name",
    "name": "name",
    "participant": "name",
    "user email": "email",
    "email": "email",
    "join time": "join_time",
    "leave time": "leave_time",
    "duration minutes": "minutes",
    "total duration minutes": "minutes",
    "in waiting room": "waiting_room",
}
"""Headings by their letters alone, and what we call the column."""


class ReportUnreadable(Refusal):
    """The file as a whole is no participant report."""

    code = "report_unreadable"
    sentence = (
        "This is not a participant report from Zoom. Choose the CSV file that Zoom calls “participants”."
    )


@dataclass(frozen=True)
class Line:
    """A line of the table, by column. ``number`` counts from 1 at the top of the file, as a spreadsheet does."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    columns: frozenset[str]
    lines: tuple[Line, ...]


def read_table(data: bytes) -> Table:
    """The table of a report, past its preamble if it has one; cells stripped, in NFKC. Raises ReportUnreadable."""
    records = _records(_text(data))
    heading, columns = _heading(records)
    lines = tuple(
        Line(number, {column: _clean(cells[at]) if at < len(cells) else "" for column, at in columns.items()})
        for number, cells in enumerate(records[heading:], start=heading + 1)
        if any(cell.strip() for cell in cells)
    )
    if not lines:
        raise ReportUnreadable("There is nobody in this report.")
    if len(lines) > MOST_ROWS:
        raise ReportUnreadable(f"This report has more than {MOST_ROWS:,} lines: split it.")
    return Table(frozenset(columns), lines)


def letters(text: str) -> str:
    """A heading or a yes by its letters alone: case, spaces, brackets and dots do not matter."""
    return re.sub(r"[^a-z]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise ReportUnreadable("This file is too large for a participant report (2 MB at most).")
    if data.startswith(b"PK"):
        raise ReportUnreadable(
            "This is an Excel workbook. Save it as CSV, or choose the file as Zoom made it."
        )
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Excel on Windows writes a CSV that it saves again in its own alphabet.
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise ReportUnreadable
    return text


def _records(text: str) -> list[list[str]]:
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise ReportUnreadable from None


def _heading(records: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """How many records come before the first person, and where each column is."""
    for place, cells in enumerate(records[:HEADING_WITHIN], start=1):
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            if letters(cell) in HEADINGS:
                columns.setdefault(HEADINGS[letters(cell)], at)
        if {"name", "minutes"} <= columns.keys():
            if ("join_time" in columns) != ("leave_time" in columns):
                raise ReportUnreadable("The report has only one of the columns Join Time and Leave Time.")
            return place, columns
    raise ReportUnreadable


def _clean(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", cell).split())
