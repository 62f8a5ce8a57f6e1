"""The page of numbers: one month of every scheme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provider.kernel.sheets import sheet
from provider.reporting.funnel import DEFINITIONS, LABELS, SchemeFunnel, funnel
from provider.reporting.months import Month, month_of
from provider.reporting.places import PlacesUsed, places_of_all
from provider.reporting.surveys import COUNTED, SchemeSurvey, surveys
from provider.reporting.waits import SchemeWaits, waits


@dataclass(frozen=True)
class NumbersPage:
    """``next`` is None for the present month; ``small_hidden`` says that small counts are not shown."""

    month: Month
    previous: Month
    next: Month | None
    schemes: tuple[SchemeFunnel, ...]
    waits: tuple[SchemeWaits, ...]
    surveys: tuple[SchemeSurvey, ...]
    survey_counts: tuple[str, ...]
    places: tuple[PlacesUsed, ...]
    definitions: tuple[tuple[str, str], ...]
    small_hidden: bool


def numbers_page(month: Month, *, small_hidden: bool, now: datetime) -> NumbersPage:
    """Five queries, and one for each force."""
    return NumbersPage(
        month=month,
        previous=month.previous,
        next=month.next if month < month_of(now) else None,
        schemes=funnel(month, small_hidden=small_hidden),
        waits=waits(month, small_hidden=small_hidden),
        surveys=surveys(month, small_hidden=small_hidden),
        survey_counts=tuple(COUNTED.values()),
        places=places_of_all(small_hidden=small_hidden, now=now),
        definitions=tuple((LABELS[name], words) for name, words in DEFINITIONS.items()),
        small_hidden=small_hidden,
    )


def numbers_sheet(month: Month, *, small_hidden: bool) -> str:
    """The month as CSV: a row a scheme, a column a count."""
    rows = [
        (str(month), one.force, one.scheme, *(shown.words for shown in one.counts))
        for one in funnel(month, small_hidden=small_hidden)
    ]
    return sheet(("month", "force", "scheme", *DEFINITIONS), rows)
