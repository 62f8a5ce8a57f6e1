"""The models that are read and written, as JSON Schema."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from provider.domain.compliance.wire import Event
from provider.kernel.answers import Answer
from provider.kernel.characters import BLANK
from provider.kernel.parsing import Body
from provider.web.api.codes import CODES, FAULTS
from provider.web.api.operations import OPERATIONS

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
BLANK_TEXT: Schema = {"type": "string", "pattern": BLANK, "description": "Empty text counts as null."}


class FieldProblem(BaseModel):
    """One fault: at a pointer into the body, or at a parameter of the query."""

    pointer: str | None = None
    parameter: str | None = None
    code: Annotated[str, Field(json_schema_extra={"enum": list(FAULTS)})]
    detail: str


class Problem(BaseModel):
    """RFC 9457 with a stable code.

    ``errors`` stands beside ``invalid_request``, ``reference`` beside ``duplicate_referral``.
    """

    type: str
    title: str
    status: int
    detail: str
    code: Annotated[
        str, Field(json_schema_extra={"enum": [code for codes in CODES.values() for code in codes]})
    ]
    errors: list[FieldProblem] | None = None
    reference: str | None = None


def reference_to(model: type[BaseModel]) -> Schema:
    """What stands in the document where a model is meant."""
    return {"schema": _written()[0][model]}


def definitions() -> Schema:
    """Every model that something refers to, by its name."""
    return _written()[1]


@cache
def _written() -> tuple[dict[type[BaseModel], Schema], Schema]:
    """A reference for each model, and what the references lead to."""
    models: set[type[BaseModel]] = {Problem, Event}
    for operation in OPERATIONS:
        models |= {model for model in (operation.sent, operation.answer) if model is not None}
    wanted = [(model, _mode(model)) for model in sorted(models, key=lambda model: model.__name__)]
    references, written = models_json_schema(wanted, ref_template=REFERENCE)
    definitions = {name: _with_blanks(schema) for name, schema in written["$defs"].items()}
    return {model: references[model, _mode(model)] for model in models}, {**definitions, "Blank": BLANK_TEXT}


def _with_blanks(schema: Schema) -> Schema:
    """A body, with empty text wherever null may stand: ``parsing.cleaned`` makes one into the other."""
    if schema.get("additionalProperties") is not False:
        return schema
    fields = {name: _or_blank(part) for name, part in schema["properties"].items()}
    return schema | {"properties": fields}


def _or_blank(field: Schema) -> Schema:
    kinds = field.get("anyOf", [])
    takes_it = any("pattern" in kind and "minLength" not in kind for kind in kinds)
    if {"type": "null"} not in kinds or takes_it:
        return field
    return field | {"anyOf": [*kinds, {"$ref": REFERENCE.format(model="Blank")}]}


def _mode(model: type[BaseModel]) -> Literal["validation", "serialization"]:
    """What is sent to us is described as it is read; what we send, as it is written."""
    return "validation" if issubclass(model, Body) or not issubclass(model, Answer) else "serialization"
