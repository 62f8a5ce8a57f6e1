"""What stands in an address, or behind a button of ours: a number, a day, a moment.

None is taken that no database or no calendar could hold: it is as if nothing, or something else, stood there.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from werkzeug.routing import IntegerConverter, ValidationError

from provider.web.dates import FIRST_YEAR, LAST_YEAR

LARGEST = 10**18 - 1
STAMP = "%Y%m%dT%H%MZ"


class WholeNumber(IntegerConverter):
    """``<int:…>`` of every route: a larger number leads nowhere."""

    def to_python(self, value: str) -> int:
        number = int(super().to_python(value))
        if number > LARGEST:
            raise ValidationError
        return number


def a_number(text: str) -> int:
    """For ``request.args.get(…, type=a_number)``. ValueError for what numbers nothing."""
    if not re.fullmatch("[1-9][0-9]{0,17}", text):
        raise ValueError("nothing has that number")
    return int(text)


def a_page(text: str) -> int:
    """The same, of a page of a list."""
    number = a_number(text)
    if number > 10_000:
        raise ValueError("no list has that page")
    return number


def a_day(text: str | None) -> date | None:
    """``2026-12-01``; None where it is no day."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def a_moment(text: str | None) -> datetime | None:
    """``2026-12-01T18:30:00+00:00``; None where it is no moment, or has no offset."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def stamp(moment: datetime) -> str:
    """A moment as it stands in an address: ``20261201T1830Z``."""
    return f"{moment.astimezone(UTC):{STAMP}}"


def a_stamp(text: str | None) -> datetime | None:
    """What ``stamp`` wrote; None where it did not."""
    try:
        moment = datetime.strptime(text or "", STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None
