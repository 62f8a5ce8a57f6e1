"""The first row of a sheet: which column stands where. What is not known there is named, never dropped unseen."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from provider.domain.referrals.sheet.columns import BY_NAME, NEEDED, Column
from provider.kernel.sheet_files import SheetUnreadable

LIKE = 0.8
NAMED_AT_MOST = 10
LONGEST_NAME = 40
MOST_COLUMNS = 300


class HeadingWrong(SheetUnreadable):
    """The first row does not name the columns as it must."""

    code = "heading_wrong"


def read_heading(cells: Sequence[str], *, scheme_chosen: bool, leave_out: bool) -> Mapping[int, Column]:
    """Where each column stands. ``leave_out``: columns that are not known are passed over. Raises HeadingWrong."""
    names = {at: plain(cell) for at, cell in enumerate(cells) if cell.strip()}
    if len(names) > MOST_COLUMNS:
        raise HeadingWrong(f"The first row names more than {MOST_COLUMNS} columns. Start from the template.")
    found = {at: BY_NAME[name] for at, name in names.items() if name in BY_NAME}
    if not found:
        raise HeadingWrong("The first row must name the columns. Start from the template.")
    unknown = [cells[at] for at, name in names.items() if at not in found and name]
    _refuse_twice([column.name for column in found.values()])
    _refuse_unknown(unknown, leave_out=leave_out)
    _refuse_missing({column.name for column in found.values()}, scheme_chosen=scheme_chosen)
    return found


def plain(cell: str) -> str:
    """A heading as ours are written, however its case and spaces are: `` Given Name*`` is ``given_name``."""
    return re.sub(r"[^\w]+|_+", "_", unicodedata.normalize("NFKC", cell).casefold()).strip("_")


def _refuse_twice(names: Sequence[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise HeadingWrong(f"There is more than one column {_named(twice)}. Keep one of each.")


def _refuse_unknown(unknown: Sequence[str], *, leave_out: bool) -> None:
    """A name so like one of ours that it is surely meant is a slip, whatever was ticked."""
    for cell in unknown:
        meant = get_close_matches(plain(cell), BY_NAME, n=1, cutoff=LIKE)
        if meant:
            raise HeadingWrong(f"There is no column {_named([cell])}. Did you mean {meant[0]}?")
    if unknown and not leave_out:
        raise HeadingWrong(
            f"There is no column {_named(unknown)}. Remove it, or say that such columns are to be left out."
        )


def _refuse_missing(names: set[str], *, scheme_chosen: bool) -> None:
    given = names | ({"scheme"} if scheme_chosen else set())
    missing = [name for name in NEEDED if name not in given]
    if missing:
        also = " You can also choose one scheme for the whole file." if missing == ["scheme"] else ""
        raise HeadingWrong(f"The column {_named(missing)} is missing.{also}")


def _named(names: Sequence[str]) -> str:
    shown = [" ".join(name.split())[:LONGEST_NAME] for name in names[:NAMED_AT_MOST]]
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    return ", ".join(shown) + more
