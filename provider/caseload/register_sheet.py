"""A register as a spreadsheet: attendance and compliance as two columns, in words, beside the code they come from."""

from __future__ import annotations

from collections.abc import Iterator

from provider.caseload.register_page import RegisterPage
from provider.kernel.sheets import sheet

WHO = ("place", "name")
MARK = ("code", "marked", "attended", "complied", "minutes", "arrived_minute", "left_minute")
BY = ("marked_by", "marked_at")


def register_sheet(page: RegisterPage) -> str:
    """As CSV, a row a place; of who is not marked no more than that."""
    return sheet((*WHO, *MARK, *BY), _rows(page))


def _rows(page: RegisterPage) -> Iterator[tuple[object, ...]]:
    for row in page.rows:
        mark = row.mark
        if mark is None:
            yield (row.number, row.name, *(None for _ in (*MARK, *BY)))
            continue
        facts = ("yes" if fact else "no" for fact in (mark.code.attended, mark.code.compliant))
        minutes = (row.minutes, mark.stay.arrived, mark.stay.left)
        said = (mark.code.value, mark.code.label, *facts, *minutes)
        yield (row.number, row.name, *said, mark.by, mark.at.isoformat())
