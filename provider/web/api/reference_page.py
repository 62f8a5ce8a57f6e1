"""The reference page of the Force API, made from the OpenAPI document: what it says is what the document says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from provider.domain.compliance.retrying import RETRIES
from provider.web.api.codes import CODES, FAULTS, STATUSES, WARNINGS
from provider.web.api.examples import PROBLEM
from provider.web.api.fields_shown import FieldShown, fields_shown, parameter_shown
from provider.web.api.manual import EVENTS, OVERVIEW, PERMISSION
from provider.web.api.shapes import Schema
from provider.web.words import count

_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class OperationShown:
    id: str
    method: str
    path: str
    summary: str
    words: str
    parameters: tuple[tuple[str, FieldShown, str], ...]
    sent: tuple[FieldShown, ...]
    sent_example: str | None
    status: str
    model: str | None
    answered: tuple[FieldShown, ...]
    answer_example: str | None
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    name: str
    operations: tuple[OperationShown, ...]


@dataclass(frozen=True)
class ReferencePage:
    """Tables are pairs of a code and its words. ``first``: by what is answered, where its fields are listed."""

    base: str
    overview: str
    limit: int
    scopes: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    first: Mapping[str | None, str]
    problems: tuple[tuple[int, str, str], ...]
    problem_example: str
    faults: tuple[tuple[str, str], ...]
    warnings: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, str], ...]
    event: tuple[FieldShown, ...]
    retries: tuple[str, ...]


def reference_page(document: Schema, *, base: str, limit: int) -> ReferencePage:
    """``base``: the address the operations stand under; ``limit``: requests a minute of one key."""
    schemas = document["components"]["schemas"]
    groups = tuple(_group(tag["name"], document) for tag in document["tags"])
    shown = [operation for group in groups for operation in group.operations]
    return ReferencePage(
        base=base,
        overview=OVERVIEW,
        limit=limit,
        scopes=tuple(PERMISSION.items()),
        groups=groups,
        first={operation.model: operation.id for operation in reversed(shown)},
        problems=_problems(),
        problem_example=_written(PROBLEM) or "",
        faults=tuple(FAULTS.items()),
        warnings=tuple(WARNINGS.items()),
        events=tuple(EVENTS.items()),
        event=tuple(fields_shown(schemas["Event"], schemas)),
        retries=tuple(_wait(after) for after in RETRIES),
    )


def _wait(after: timedelta) -> str:
    seconds = int(after.total_seconds())
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size)
    return count(seconds // size, unit)


def _problems() -> tuple[tuple[int, str, str], ...]:
    return tuple((status, code, words) for status in STATUSES for code, words in CODES[status].items())


def _group(name: str, document: Schema) -> Group:
    schemas = document["components"]["schemas"]
    found = (
        _operation(method.upper(), path, operation, schemas)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if name in operation["tags"]
    )
    return Group(name, tuple(found))


def _operation(method: str, path: str, operation: Schema, schemas: Schema) -> OperationShown:
    sent = _content(operation.get("requestBody", {}))
    status, answer = next(iter(operation["responses"].items()))
    answered = _content(answer)
    return OperationShown(
        id=operation["operationId"].replace("_", "-"),
        method=method,
        path=path,
        summary=operation["summary"],
        words=operation["description"],
        parameters=tuple(
            (one["in"], parameter_shown(one, schemas), one["description"]) for one in operation["parameters"]
        ),
        sent=tuple(fields_shown(sent.get("schema", {}), schemas)),
        sent_example=_written(sent.get("example")),
        status=status,
        model=answered.get("schema", {}).get("$ref", "").rpartition("/")[2] or None,
        answered=tuple(fields_shown(answered.get("schema", {}), schemas)),
        answer_example=_written(answered.get("example")),
        problems=tuple(status for status in operation["responses"] if status >= "400"),
    )


def _content(part: Schema) -> Schema:
    found: Schema = next(iter(part.get("content", {}).values()), {})
    return found


def _written(example: Mapping[str, object] | None) -> str | None:
    return None if example is None else json.dumps(example, indent=2, ensure_ascii=False)
