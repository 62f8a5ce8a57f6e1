"""CSV that is safe to open: nothing in it is carried out by a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What spreadsheets take for the beginning of a formula, wide forms and leading space included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def inert(text: str) -> str:
    """``text`` as a spreadsheet shows it, and does nothing else with it."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def sheet(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV (RFC 4180), every field in quotes and inert; None is empty."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([["" if value is None else inert(str(value)) for value in row] for row in rows])
    return written.getvalue()
