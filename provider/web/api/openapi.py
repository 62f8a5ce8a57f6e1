"""The OpenAPI 3.1 document: written from the table of operations and the models that read and write."""

from __future__ import annotations

from functools import cache

from flask import Response

from provider.domain.compliance.wire import Event
from provider.kernel.answers import json_bytes
from provider.web.api.access import PREFIX
from provider.web.api.codes import CODES, HEADERS, STATUSES
from provider.web.api.described import described, headers
from provider.web.api.examples import ANSWERED, PROBLEM
from provider.web.api.manual import GROUPS, OVERVIEW
from provider.web.api.operations import OPERATIONS
from provider.web.api.replies import tagged
from provider.web.api.shapes import Problem, Schema, definitions, reference_to


def show_document() -> Response:
    return tagged(Response(_document_bytes(), content_type="application/json"))


@cache
def _document_bytes() -> bytes:
    return json_bytes(document())


@cache
def document() -> Schema:
    """The whole document: made once, so not to be changed."""
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Force API", "version": "1", "description": OVERVIEW},
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in GROUPS.values()],
        "paths": paths,
        "webhooks": {"event": {"post": _webhook()}},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": definitions(),
            "responses": {str(status): _problem(status) for status in STATUSES},
        },
    }


def _problem(status: int) -> Schema:
    codes = "\n".join(f"- `{code}`: {words}" for code, words in CODES[status].items())
    content = reference_to(Problem) | ({"example": PROBLEM} if status == PROBLEM["status"] else {})
    return {
        "description": f"{STATUSES[status]}.\n\n{codes}",
        "headers": headers(HEADERS.get(status, ())),
        "content": {"application/problem+json": content},
    }


def _webhook() -> Schema:
    signed = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {
        "summary": "An event, sent to your endpoint by Standard Webhooks 1.0",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in signed
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": reference_to(Event) | {"example": ANSWERED["read_event"]}},
        },
        "responses": {"2XX": {"description": "Taken"}, "410": {"description": "Send nothing here any more"}},
    }
