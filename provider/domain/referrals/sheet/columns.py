"""The columns of a sheet, read off ``ReferralSubmission``: a field that is added there has a column here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from provider.domain.referrals.submission import ReferralSubmission
from provider.kernel.codes import Coded
from provider.kernel.parsing import Body

DRUGS = 5

LEFT_OUT: Mapping[str, str] = {
    "/assessment_slot_id": "A first call is booked at the roadside, and a sheet comes later.",
}
"""What a force may send and a sheet has no column for, and why."""


class Kind(StrEnum):
    """How a cell is written."""

    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CODE = "code"
    PHONE = "phone"
    SEVERAL = "several"


@dataclass(frozen=True)
class Column:
    """A column and the field it fills: ``pointer`` leads there in a body. ``needed`` in every row of every sheet."""

    name: str
    pointer: str
    kind: Kind
    needed: bool
    longest: int | None
    codes: type[Coded] | None


@dataclass(frozen=True)
class _Said:
    """What an annotation says, less *or nothing*: its plain type, its longest text, and if there may be several."""

    plain: Any
    longest: int | None
    several: bool


def _columns(
    model: type[Body], *, pointer: str = "", name: str = "", needed: bool = True
) -> Iterator[Column]:
    for field, info in model.model_fields.items():
        sent_as = info.alias or field
        at, called = f"{pointer}/{sent_as}", f"{name}{sent_as}_"
        if at in LEFT_OUT:
            continue
        said = _said(info.annotation, info.metadata)
        must = needed and info.is_required()
        if not (isinstance(said.plain, type) and issubclass(said.plain, Body)):
            yield _column(called[:-1], at, said, needed=must)
        elif said.several:
            for place in range(DRUGS):
                one = f"drug_{place + 1}_"
                yield from _columns(said.plain, pointer=f"{at}/{place}", name=one, needed=False)
        else:
            # What is said of the person needs no name before it: they are whom the row is about.
            called = "" if at in ("/person", "/person/contact") else called
            yield from _columns(said.plain, pointer=at, name=called, needed=must)


def _column(name: str, pointer: str, said: _Said, *, needed: bool) -> Column:
    kinds = {bool: Kind.YES_NO, date: Kind.DAY, datetime: Kind.MOMENT}
    codes = said.plain if issubclass(said.plain, Coded) else None
    kind = kinds.get(said.plain, Kind.CODE if codes else Kind.TEXT)
    if kind is Kind.TEXT:
        kind = Kind.SEVERAL if said.several else Kind.PHONE if name.endswith("mobile") else Kind.TEXT
    return Column(name, pointer, kind, needed, said.longest, codes)


def _said(annotation: Any, metadata: Any = ()) -> _Said:
    longest = next((found.max_length for found in _flat(metadata) if hasattr(found, "max_length")), None)
    origin = get_origin(annotation)
    if origin is Annotated:
        inner = _said(*_unwrapped(annotation))
    elif origin in (Union, UnionType):
        inner = _said(next(part for part in get_args(annotation) if part is not type(None)))
    elif origin is tuple:
        return _Said(_said(get_args(annotation)[0]).plain, None, several=True)
    else:
        return _Said(annotation, longest, several=False)
    return inner if inner.longest is not None else _Said(inner.plain, longest, inner.several)


def _unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    plain, *metadata = get_args(annotation)
    return plain, tuple(metadata)


def _flat(metadata: Any) -> Iterator[Any]:
    """Constraints, also those that a ``Field`` inside an annotation holds."""
    for found in metadata:
        yield from getattr(found, "metadata", (found,))


COLUMNS: tuple[Column, ...] = tuple(_columns(ReferralSubmission))
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
NEEDED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.needed)
