"""One operation as OpenAPI describes it: its parameters, its body, and every answer it can give."""

from __future__ import annotations

import re
from collections.abc import Iterable

from provider.web.api.examples import ANSWERED, SENT
from provider.web.api.manual import GROUPS, PARAMETERS, WORDS
from provider.web.api.operation import Operation
from provider.web.api.shapes import Schema, reference_to

_PATH_PART = re.compile(r"\{(\w+)\}")


def described(operation: Operation) -> Schema:
    """The operation, as it stands under its path and method."""
    whole: Schema = {
        "operationId": operation.id,
        "tags": [GROUPS[operation.path.split("/")[1]]],
        "summary": operation.summary,
        "description": f"{WORDS[operation.id]} Needs the scope `{operation.scope}`.",
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.sent is not None:
        content = reference_to(operation.sent) | {"example": SENT[operation.id]}
        whole["requestBody"] = {"required": True, "content": {"application/json": content}}
    return whole


def headers(names: Iterable[str]) -> Schema:
    """Headers that always stand in an answer."""
    return {name: {"required": True, "schema": {"type": "string"}} for name in names}


def _responses(operation: Operation) -> Schema:
    unchanged: Schema = {}
    if operation.method == "GET":
        unchanged["304"] = {"description": "As the ETag sent", "headers": headers(["ETag"])}
    problems = {str(status): {"$ref": f"#/components/responses/{status}"} for status in _statuses(operation)}
    return {str(operation.status): _answer(operation), **unchanged, **problems}


def _statuses(operation: Operation) -> list[int]:
    """Every problem that an operation can answer with."""
    can = {401, 403, 413, 422, 429, 503}
    if operation.sent is not None:
        can |= {400, 415}
    if _PATH_PART.search(operation.path):
        can.add(404)
    if operation.conflicts:
        can.add(409)
    return sorted(can)


def _answer(operation: Operation) -> Schema:
    answer: Schema = {"description": operation.summary, "headers": _headers(operation)}
    if operation.answer is not None:
        content = reference_to(operation.answer) | {"example": ANSWERED[operation.id]}
        answer["content"] = {"application/json": content}
    elif operation.method == "GET":
        answer["content"] = {"text/csv": {"schema": {"type": "string"}}}
    return answer


def _headers(operation: Operation) -> Schema:
    if operation.method == "GET":
        return headers(["ETag"])
    if not operation.once:
        return {}
    replay = {"description": "There where this is the first answer again", "schema": {"const": "true"}}
    return {**headers(["Location"]), "Idempotent-Replay": replay}


def _parameters(operation: Operation) -> list[Schema]:
    text: Schema = {"type": "string"}
    parts = [_parameter(name, "path", text, required=True) for name in _PATH_PART.findall(operation.path)]
    asked = operation.asked.model_json_schema()["properties"] if operation.asked.model_fields else {}
    query = [_parameter(name, "query", _never_null(schema)) for name, schema in asked.items()]
    uuid = {"type": "string", "format": "uuid"}
    key = [_parameter("Idempotency-Key", "header", uuid, required=True)] if operation.once else []
    return [*parts, *query, *key]


def _parameter(name: str, place: str, schema: Schema, *, required: bool = False) -> Schema:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": PARAMETERS[name],
        "schema": schema,
    }


def _never_null(schema: Schema) -> Schema:
    """A parameter that is left out is not null: it is not there."""
    rest = {name: part for name, part in schema.items() if name not in {"anyOf", "title", "description"}}
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if rest.get("default", ...) is None:
        del rest["default"]
    return rest | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})
