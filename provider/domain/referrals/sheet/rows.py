"""A sheet's rows as bodies of referrals, each with what its own cells have wrong and what was mended in reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from provider.domain.referrals.sheet.cells import doubt_about, read_cell
from provider.domain.referrals.sheet.columns import COLUMNS, Column
from provider.domain.referrals.sheet.heading import HeadingWrong, read_heading
from provider.domain.referrals.sheet.times import Unreadable
from provider.kernel.errors import FieldError
from provider.kernel.sheet_files import Record

MOST_ROWS = 2_000
TOO_MANY_CELLS = (
    "This row has a value where no column has a name. A value with a comma in it needs quotation marks."
)

# Where a fault is shown that is about more than one cell.
_SHOWN_AT = {"/person": "mobile", "/offence/drugs": "drug_1_substance", "/offence": "offence_code"}


@dataclass(frozen=True)
class Remark:
    """What is wrong, or doubtful, with one cell: its column (``""`` for the whole row), a code and a sentence."""

    column: str
    code: str
    detail: str


@dataclass
class SheetRow:
    """A row as read: a body for ``parse_submission``, and the columns that its fields came from, by pointer."""

    number: int
    body: dict[str, Any] = field(default_factory=dict)
    came_from: dict[str, str] = field(default_factory=dict)
    faults: list[FieldError] = field(default_factory=list)
    doubts: list[FieldError] = field(default_factory=list)

    def remark(self, error: FieldError) -> Remark:
        """The error at its column."""
        return Remark(column_of(error.pointer, self.came_from), error.code, error.detail)


def read_rows(records: Sequence[Record], *, scheme: str | None, leave_out: bool) -> tuple[SheetRow, ...]:
    """Every row under the heading. ``scheme`` is for rows that name none. Raises HeadingWrong."""
    heading = read_heading(records[0].cells, scheme_chosen=scheme is not None, leave_out=leave_out)
    if len(records) == 1:
        raise HeadingWrong("There is no row under the heading.")
    if len(records) - 1 > MOST_ROWS:
        raise HeadingWrong(f"The file has more than {MOST_ROWS:,} rows. Split it into several.")
    named = {at for at, cell in enumerate(records[0].cells) if cell.strip()}
    return tuple(_row(record, heading, named=named, scheme=scheme) for record in records[1:])


def _row(record: Record, heading: Mapping[int, Column], *, named: set[int], scheme: str | None) -> SheetRow:
    row = SheetRow(record.number)
    filled = [(heading[at], cell) for at, cell in enumerate(record.cells) if at in heading and cell.strip()]
    places = _drugs_in(column for column, _ in filled)
    for column, cell in filled:
        _fill(row, column, cell, pointer=_moved(column.pointer, places))
    if scheme is not None:
        row.body.setdefault("scheme", scheme)
    if any(cell.strip() and at not in named for at, cell in enumerate(record.cells)):
        row.faults.append(FieldError("", "too_many_cells", TOO_MANY_CELLS))
    return row


def _fill(row: SheetRow, column: Column, cell: str, *, pointer: str) -> None:
    row.came_from[pointer] = column.name
    try:
        value = read_cell(column, cell)
    except Unreadable as fault:
        # What stands there stays, so that nothing else is said about the same cell or about a missing one.
        value = cell
        row.faults.append(FieldError(pointer, fault.code, fault.sentence))
    else:
        doubt = doubt_about(column, cell)
        if doubt is not None:
            row.doubts.append(FieldError(pointer, *doubt))
    _put(row.body, pointer.split("/")[1:], value)


def _drugs_in(columns: Iterator[Column]) -> Mapping[str, str]:
    """The place in the body's list of each drug that a row names: the second is the first where there is no first."""
    named = [
        column.pointer.split("/")[3] for column in columns if column.pointer.startswith("/offence/drugs/")
    ]
    return {place: str(at) for at, place in enumerate(sorted(set(named)))}


def _moved(pointer: str, places: Mapping[str, str]) -> str:
    steps = pointer.split("/")
    if pointer.startswith("/offence/drugs/"):
        steps[3] = places[steps[3]]
    return "/".join(steps)


def _put(body: Any, steps: Sequence[str], value: Any) -> None:
    """Set what the steps lead to; a step that is a number is a place in a list, and the list grows to have it."""
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        empty: Any = value if following is None else [] if following.isdecimal() else {}
        if isinstance(body, list):
            at = int(step)
            body += [{} for _ in range(at + 1 - len(body))]
            body = body[at]
        else:
            body = body.setdefault(step, empty)


def column_of(pointer: str, came_from: Mapping[str, str]) -> str:
    """The column that a fault is shown at: the one its field came from, or would have come from."""
    if pointer in came_from:
        return came_from[pointer]
    if pointer in _SHOWN_AT:
        return _SHOWN_AT[pointer]
    if not pointer:
        return ""
    inside = (column.name for column in COLUMNS if f"{column.pointer}/".startswith(f"{pointer}/"))
    around = (column.name for column in COLUMNS if pointer.startswith(f"{column.pointer}/"))
    return next(chain(inside, around), "")
