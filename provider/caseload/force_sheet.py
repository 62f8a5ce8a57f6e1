"""What a force reads of its referrals, as a sheet that is safe to open: the API's report and the administrator's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, fields
from datetime import date, datetime

from provider.caseload.force_outcomes import SheetLine
from provider.caseload.force_view import Line
from provider.kernel.answers import rfc3339
from provider.kernel.sheets import sheet

COLUMNS = tuple(field.name for field in fields(Line))
OFFICER = "officer_collar_number"


def report_sheet(lines: Iterable[Line]) -> str:
    """The lines as CSV (RFC 4180), every field in quotes, nothing in it that a spreadsheet would carry out."""
    return sheet(COLUMNS, [_cells(line) for line in lines])


def outcomes_sheet(lines: Iterable[SheetLine]) -> str:
    """The same with the officer's collar number beside it."""
    return sheet((*COLUMNS, OFFICER), [(*_cells(each.line), each.officer) for each in lines])


def _cells(line: Line) -> list[str]:
    return [_cell(value) for value in astuple(line)]


def _cell(value: str | bool | date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value)
