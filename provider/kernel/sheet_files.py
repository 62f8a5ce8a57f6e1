"""From the bytes of a CSV file to its rows, whatever spreadsheet wrote them; what cannot be read surely is refused."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from provider.kernel.errors import Refusal

MOST_BYTES = 2 * 1024 * 1024
_QUOTED = re.compile(r'"[^"]*"')
_DELIMITERS = ",;\t"
_SAYS_DELIMITER = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

SAVE_AS_CSV = (
    "This is a spreadsheet’s own file, not a CSV file. In Excel choose File, Save As and the type “CSV UTF-8 "
    "(Comma delimited)”; in LibreOffice choose File, Save As and “Text CSV”. Then choose the file that this made."
)


class SheetUnreadable(Refusal):
    """The file as a whole cannot be read."""

    code = "sheet_unreadable"
    sentence = "This is not a CSV file. Choose the file that your spreadsheet saved as CSV."


@dataclass(frozen=True)
class Record:
    """A row that is not blank. ``number`` counts from 1 at the top, as the spreadsheet does."""

    number: int
    cells: tuple[str, ...]


def read_records(data: bytes) -> tuple[Record, ...]:
    """The rows of a file, less the blank ones. Raises SheetUnreadable.

    UTF-8 or UTF-16, with its mark or without, else Windows-1252; comma, semicolon or tab, as the first row has most
    of, or as ``sep=`` says above it.
    """
    text = _text(data)
    said = _SAYS_DELIMITER.match(text)
    text = text[said.end() :] if said else text
    delimiter = said[1] if said else _delimiter(text)
    return tuple(
        Record(number, cells)
        for number, cells in enumerate(_rows(text, delimiter), start=1)
        if any(cell.strip() for cell in cells)
    )


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise SheetUnreadable("The file is larger than 2 MB. Split it into several.")
    if data.startswith(_WORKBOOKS):
        raise SheetUnreadable(SAVE_AS_CSV)
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError:
        raise SheetUnreadable(
            "The letters of this file cannot be read. Save it again as “CSV UTF-8”."
        ) from None
    if not text.strip():
        raise SheetUnreadable("The file is empty.")
    if "\x00" in text:
        raise SheetUnreadable
    return text


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Half of the bytes of plain letters in UTF-16 are zero; which half says how they lie.
    beginning = data[:200]
    if b"\x00" in beginning:
        return "utf-16-le" if beginning[1:2] == b"\x00" else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(text: str) -> str:
    first_row = next(line for line in text.splitlines() if line.strip())
    plain = _QUOTED.sub("", first_row)
    return max(_DELIMITERS, key=plain.count)


def _rows(text: str, delimiter: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(tuple(cells))  # noqa: PERF401 (how far it came is said below)
    except csv.Error:
        raise SheetUnreadable(
            f"Row {len(rows) + 1} has quotation marks that do not belong together, so that nobody can say where its "
            "cells end. Save the file again from a spreadsheet."
        ) from None
    return rows
