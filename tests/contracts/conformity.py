"""Whether an answer is one that the OpenAPI document promises: its status, its type, its headers, and what is in it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from werkzeug.test import TestResponse

from provider.web.api.codes import STATUSES
from provider.web.api.openapi import document

Schema = dict[str, Any]

_KINDS: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "null": type(None)}


def conforms(method: str, path: str, answer: TestResponse) -> None:
    """Fails, saying how, where an answer to this request is not as described. ``path`` stands under /api/v1."""
    described = _described(method, path, answer.status_code)
    where = (method, path, answer.status, answer.text[:500])
    assert described is not None, ("this status is not documented", *where)
    missing = {
        name
        for name, header in described.get("headers", {}).items()
        if header.get("required") and name not in answer.headers
    }
    assert not missing, (missing, *where)
    if method == "HEAD" or "content" not in described:
        assert not answer.data, where
        return
    [(kind, content)] = described["content"].items()
    assert answer.mimetype == kind, where
    if kind != "text/csv":
        assert matches(answer.get_json(), content["schema"]), where


def _described(method: str, path: str, status: int) -> Schema | None:
    whole = document()
    operation = _operation("GET" if method == "HEAD" else method, path.partition("?")[0])
    if operation is None:
        # No operation at all: an address that is none, or a method that it does not know.
        found = {"$ref": f"#/components/responses/{status}"} if status in {401, 404, 405, 429, 503} else None
    else:
        found = operation["responses"].get(str(status))
    if found is not None and "$ref" in found:
        assert status in STATUSES
        return dict(whole["components"]["responses"][found["$ref"].rpartition("/")[2]])
    return found


def _operation(method: str, path: str) -> Schema | None:
    for template, operations in document()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return dict(operations[method.lower()]) if method.lower() in operations else None
    return None


def matches(value: object, schema: Schema) -> bool:
    """Whether a value is as the schema says, as far as our own answers use JSON Schema."""
    if "$ref" in schema:
        return matches(value, document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return any(matches(value, kind) for kind in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    if schema["type"] == "array":
        return isinstance(value, list) and all(matches(one, schema["items"]) for one in value)
    if schema["type"] == "object":
        return isinstance(value, dict) and _object_matches(value, schema)
    if isinstance(value, bool) != (schema["type"] == "boolean"):
        return False
    return isinstance(value, _KINDS[schema["type"]]) and _is_formed(value, schema.get("format"))


def _object_matches(value: Schema, schema: Schema) -> bool:
    known = schema["properties"]
    return set(schema["required"]) <= set(value) <= set(known) and all(
        matches(part, known[name]) for name, part in value.items()
    )


def _is_formed(value: object, form: str | None) -> bool:
    if form == "date":
        return date.fromisoformat(str(value)).isoformat() == value
    return form != "date-time" or datetime.fromisoformat(str(value)).tzinfo is not None
