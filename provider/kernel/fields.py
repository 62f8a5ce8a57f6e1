"""What may stand in a field of a JSON body: text of a length, a date, a moment, an e-mail address.

Each refuses what is merely convertible: a number is never text, a date or a yes. Text has been stripped by
``parsing.cleaned``, where empty text has become null.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from provider.kernel.characters import CONTROLS, CONTROLS_BUT_LINES, Cleaned, text_without

EARLIEST_YEAR = 2000
SINCE_2000 = "^[2-9]"
"""The pattern of a date, or a moment, that is not before ``EARLIEST_YEAR``."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(\d{1,12}))?([Zz]|[+-]\d{2}:[0-5]\d)?", re.ASCII
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def read_date(value: object) -> date:
    """An ISO date, ``2003-05-14``, and nothing else; the fault ``invalid`` for a day that there is not."""
    if value is None:
        raise PydanticCustomError("required", "This is needed.")
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("invalid", "There is no such date.") from None
    raise PydanticCustomError("invalid", "This must be a date, as YYYY-MM-DD.")


def read_moment(value: object) -> datetime:
    """An RFC 3339 time with its offset, in UTC, to the microsecond.

    Faults: ``offset_required`` where only the offset is missing; ``invalid`` for anything else, a leap second
    and a year before 2000 among them.
    """
    if value is None:
        raise PydanticCustomError("required", "This is needed.")
    parts = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        raise PydanticCustomError("invalid", "This must be a time, as 2026-11-20T21:40:00+00:00.")
    if not parts[3]:
        raise PydanticCustomError("offset_required", "This time needs its offset from UTC, as +00:00.")
    try:
        moment = _moment(parts[1].upper(), parts[2] or "0", parts[3].upper())
    except (ValueError, OverflowError):
        raise PydanticCustomError("invalid", "There is no such time.") from None
    if int(parts[1][:4]) < EARLIEST_YEAR:
        raise PydanticCustomError("invalid", "This is too long ago.")
    return moment


def _moment(second: str, fraction: str, offset: str) -> datetime:
    return datetime.fromisoformat(f"{second}.{fraction:0<6.6}{offset.replace('Z', '+00:00')}").astimezone(UTC)


@dataclass(frozen=True)
class _Without:
    """Text without certain characters, and a description that says so of text before it is cleaned."""

    refused: str

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler(kind)
        longest = inner["max_length"] if inner["type"] == "str" else None

        def checked(text: Any, read: ValidatorFunctionWrapHandler) -> Any:
            # What is described is the text as it is sent, with the space around it.
            if longest is not None and isinstance(text, Cleaned) and text.sent > longest:
                raise PydanticKnownError("string_too_long", {"max_length": longest})
            return self._without(read(text))

        return core_schema.no_info_wrap_validator_function(checked, inner)

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(core)
        if not described.keys() & {"format", "pattern"}:
            described["pattern"] = text_without(self.refused, blank="minLength" not in described)
        return described

    def _without(self, text: str) -> str:
        if re.search(f"[{self.refused}]", text):
            raise PydanticCustomError("invalid", "This has characters that cannot be kept.")
        return text


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise PydanticCustomError("invalid", "This must be an e-mail address, as name@mail.example.")
    return text


def _nothing(value: Any) -> Any:
    return {} if value is None else value


def _none_at_all(value: Any) -> Any:
    return () if value is None else value


OneLine = _Without(CONTROLS)
Lines = _Without(CONTROLS_BUT_LINES)
NotBlank = Field(min_length=1)

IsoDate = Annotated[date, BeforeValidator(read_date, json_schema_input_type=date)]
Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": SINCE_2000}),
]
Email = Annotated[
    str, Field(max_length=254, json_schema_extra={"format": "email"}), OneLine, AfterValidator(_email)
]


def null_is_empty(kind: Any) -> BeforeValidator:
    """For a part of its own that may be null or left out: null is read as the part with nothing in it."""
    return BeforeValidator(_nothing, json_schema_input_type=kind | None)


def null_is_none(kind: Any) -> BeforeValidator:
    """For a list that may be null or left out: null is read as the empty list."""
    return BeforeValidator(_none_at_all, json_schema_input_type=kind | None)
