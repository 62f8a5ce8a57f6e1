"""What may stand in a query, and how it is read: each parameter once, and none that is not known."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, TypeVar

from flask import request
from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from provider.kernel.calendar import at_london
from provider.kernel.errors import FieldError
from provider.kernel.fields import EARLIEST_YEAR, SINCE_2000, read_date, read_moment
from provider.kernel.parsing import Body, in_order, pointer_to, read
from provider.web.api.problems import InvalidQuery

MOST_EVENTS = 500
_FURTHEST = date(9998, 12, 31)
"""There is a day after this one."""
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)

Query = TypeVar("Query", bound=Body)


def _limit(value: object) -> int:
    number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else 0
    if not 1 <= number <= MOST_EVENTS:
        raise PydanticCustomError("invalid", "This must be a whole number from 1 to 500.")
    return number


def _from(value: object) -> datetime:
    return _moment(value, days=0)


def _until(value: object) -> datetime:
    return _moment(value, days=1)


def _moment(value: object, *, days: int) -> datetime:
    """A time, or a London day: its start, or with ``days`` 1 its end. A plus sign that became a space is forgiven."""
    if isinstance(value, str) and len(value) > len("2026-11-20"):
        return read_moment(value.replace(" ", "+"))
    day = min(read_date(value), _FURTHEST)
    if day.year < EARLIEST_YEAR:
        raise PydanticCustomError("invalid", "This is too long ago.")
    return at_london(day + timedelta(days=days), time(0))


_EITHER = {
    "anyOf": [{"type": "string", "format": form, "pattern": SINCE_2000} for form in ("date-time", "date")]
}

From = Annotated[datetime, BeforeValidator(_from), WithJsonSchema(_EITHER)]
Until = Annotated[datetime, BeforeValidator(_until), WithJsonSchema(_EITHER)]
Limit = Annotated[int, Field(ge=1, le=MOST_EVENTS), BeforeValidator(_limit)]


class Nothing(Body):
    """No parameter at all."""


class EventsQuery(Body):
    """Which page of the feed."""

    after: Annotated[str, Field(json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"})] | None = None
    limit: Limit = 100


class Period(Body):
    """From one moment until another; a day is meant whole, in London."""

    from_: Annotated[From | None, Field(alias="from")] = None
    to: Until | None = None

    @field_validator("to")
    @classmethod
    def _in_order(cls, to: datetime | None, read: ValidationInfo) -> datetime | None:
        begins = read.data.get("from_")
        if to is not None and begins is not None and to < begins:
            raise PydanticCustomError("invalid", "This is before from.")
        return to


def query_as(model: type[Query]) -> Query:
    """The request's query as a ``model``. Raises InvalidQuery naming every parameter that is wrong."""
    sent = request.args.to_dict(flat=False)
    parsed, faults = read(model, {name: values[0] for name, values in sent.items()})
    faults += [
        FieldError(pointer_to([name]), "invalid", "This is there more than once.")
        for name, values in sent.items()
        if len(values) > 1
    ]
    if parsed is None or faults:
        raise InvalidQuery(in_order(model, faults))
    return parsed


def invalid_parameter(name: str, detail: str) -> InvalidQuery:
    """One parameter that only turned out to be wrong when it was used."""
    return InvalidQuery([FieldError(f"/{name}", "invalid", detail)])
