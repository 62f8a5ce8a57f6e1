"""What the terms of a scheme must be together, beside what each field must be by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import pairwise

from provider.domain.schemes.models import SchemeTerms
from provider.domain.schemes.terms import Terms
from provider.kernel.calendar import at_london, london_date
from provider.kernel.errors import FieldError

ADULT = 18


def faults_together(terms: Terms) -> Iterator[FieldError]:
    """Each fault at its field, as a JSON pointer from the terms."""
    yield from _ages(terms)
    yield from _repeats(terms)
    yield from _lists(terms)
    yield from _ladder(terms)
    yield from _places(terms)
    if not terms.lawful_basis:
        yield FieldError("/lawful_basis", "required", "Name the lawful basis on which the record is kept.")


def _ages(terms: Terms) -> Iterator[FieldError]:
    if terms.age_to is not None and terms.age_to < terms.age_from:
        yield FieldError("/age_to", "invalid", "It ends before it begins: see the youngest age.")
    elif terms.age_from < ADULT and (terms.age_to is None or terms.age_to >= ADULT):
        yield FieldError("/age_to", "invalid", "Young people have a scheme of their own: it ends at 17.")


def _repeats(terms: Terms) -> Iterator[FieldError]:
    if terms.repeat_rule == "up_to" and terms.repeat_limit is None:
        yield FieldError("/repeat_limit", "required", "Say up to how many times.")
    if terms.repeat_rule != "up_to" and terms.repeat_limit is not None:
        yield FieldError("/repeat_limit", "invalid", "Only a scheme offered up to so many times has a limit.")


def _lists(terms: Terms) -> Iterator[FieldError]:
    if not terms.disposals:
        yield FieldError("/disposals", "required", "Name at least one disposal.")
    if terms.areas is not None and not terms.areas:
        yield FieldError("/areas", "required", "Name at least one area, or leave them out: everywhere then.")
    if terms.areas is not None and _twice([area.strip().casefold() for area in terms.areas]):
        yield FieldError("/areas", "invalid", "An area is named twice.")
    if _twice(terms.reminder_days):
        yield FieldError("/reminder_days", "invalid", "A day is named twice.")
    if _twice(terms.first_contact_texts):
        yield FieldError("/first_contact_texts", "invalid", "A call is named twice.")


def _twice(values: list[str] | tuple[int, ...]) -> bool:
    return len(set(values)) < len(values)


def _ladder(terms: Terms) -> Iterator[FieldError]:
    if terms.contact_days > terms.contact_attempts:
        yield FieldError("/contact_days", "invalid", "There are fewer calls than days to make them on.")
    if terms.contact_parts_of_day > terms.contact_attempts:
        yield FieldError("/contact_parts_of_day", "invalid", "There are fewer calls than parts of the day.")
    if terms.contact_days > terms.contact_within_working_days + 1:
        sentence = "That is too short for calls on so many days."
        yield FieldError("/contact_within_working_days", "invalid", sentence)


def _places(terms: Terms) -> Iterator[FieldError]:
    for place, bought in enumerate(terms.places_bought):
        if bought.until < bought.from_:
            yield FieldError(f"/places_bought/{place}/until", "invalid", "It ends before it begins.")
    periods = sorted(enumerate(terms.places_bought), key=lambda one: one[1].from_)
    for (_, earlier), (place, later) in pairwise(periods):
        if later.from_ <= earlier.until:
            sentence = "It begins before the one before it has ended."
            yield FieldError(f"/places_bought/{place}/from_", "invalid", sentence)


def begins_at(day: date | None, *, now: datetime) -> datetime | None:
    """The moment from which a version is in force: London's midnight of ``day``, now for today or no day at all.

    None for a day that has passed.
    """
    today = london_date(now)
    if day is None or day == today:
        return now
    return at_london(day, time(0)) if day > today else None


def is_planned(version: SchemeTerms, *, now: datetime) -> bool:
    """Whether a version waits for its day."""
    return version.withdrawn_at is None and version.in_force_from > now
