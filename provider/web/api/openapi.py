"""The OpenAPI 3.1 document: written from the table of operations and the models that read and write."""

from __future__ import annotations

import re
from functools import cache

from flask import Response

from provider.domain.compliance.wire import Event
from provider.kernel.answers import json_bytes
from provider.web.api.access import PREFIX
from provider.web.api.operation import Operation
from provider.web.api.operations import OPERATIONS
from provider.web.api.replies import tagged
from provider.web.api.shapes import Problem, Schema, definitions, reference_to

_PATH_PART = re.compile(r"\{(\w+)\}")


def show_document() -> Response:
    return tagged(Response(_document_bytes(), content_type="application/json"))


@cache
def _document_bytes() -> bytes:
    return json_bytes(document())


def document() -> Schema:
    """The whole document."""
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Force API", "version": "1", "description": "Referrals in, compliance back."},
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "paths": paths,
        "webhooks": {"event": {"post": _webhook()}},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": definitions(),
            "responses": {str(status): _problem_answer(why) for status, why in PROBLEMS.items()},
        },
    }


PROBLEMS = {
    400: "The body is not well-formed JSON, or the Idempotency-Key is missing",
    401: "No key, or one that is not live",
    403: "The key lacks the scope",
    404: "There is no such record of yours",
    409: "That cannot be done now",
    413: "The body is larger than 64 KiB",
    415: "The body is not application/json",
    422: "Something sent is not valid: every fault at once",
    429: "Too many requests: see Retry-After",
    503: "Unavailable just now: see Retry-After",
}


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


def _operation(operation: Operation) -> Schema:
    described: Schema = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Needs the scope `{operation.scope}`.",
        "parameters": _parameters(operation),
        "responses": {
            str(operation.status): _answer(operation),
            **({"304": {"description": "As the ETag sent"}} if operation.method == "GET" else {}),
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _statuses(operation)},
        },
    }
    if operation.sent is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": reference_to(operation.sent)},
        }
    return described


def _answer(operation: Operation) -> Schema:
    headers = {name: {"schema": {"type": "string"}} for name in _headers(operation)}
    answer: Schema = {"description": operation.summary, "headers": headers}
    if operation.answer is not None:
        answer["content"] = {"application/json": reference_to(operation.answer)}
    elif operation.method == "GET":
        answer["content"] = {"text/csv": {"schema": {"type": "string"}}}
    return answer


def _headers(operation: Operation) -> list[str]:
    if operation.method == "GET":
        return ["ETag"]
    return ["Location", "Idempotent-Replay"] if operation.once else []


def _parameters(operation: Operation) -> list[Schema]:
    parts = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_PART.findall(operation.path)
    ]
    asked = operation.asked.model_json_schema()["properties"] if operation.asked.model_fields else {}
    query = [{"name": name, "in": "query", "schema": _never_null(schema)} for name, schema in asked.items()]
    key: Schema = {"name": "Idempotency-Key", "in": "header", "required": True}
    return [
        *parts,
        *query,
        *([key | {"schema": {"type": "string", "format": "uuid"}}] if operation.once else []),
    ]


def _never_null(schema: Schema) -> Schema:
    """A parameter that is left out is not null: it is not there."""
    rest = {name: part for name, part in schema.items() if name not in {"anyOf", "title"}}
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if rest.get("default", ...) is None:
        del rest["default"]
    return rest | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


def _problem_answer(why: str) -> Schema:
    return {"description": why, "content": {"application/problem+json": reference_to(Problem)}}


def _webhook() -> Schema:
    return {
        "summary": "An event, sent to your endpoint by Standard Webhooks 1.0",
        "requestBody": {"content": {"application/json": reference_to(Event)}},
        "responses": {"2XX": {"description": "Taken"}, "410": {"description": "Send nothing here any more"}},
    }
