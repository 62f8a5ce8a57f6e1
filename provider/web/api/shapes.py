"""The models that are read and written, as JSON Schema."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from provider.domain.compliance.wire import Event
from provider.kernel.answers import Answer
from provider.kernel.parsing import Body
from provider.web.api.operations import OPERATIONS

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"


class FieldProblem(BaseModel):
    """One fault: at a pointer into the body, or at a parameter of the query."""

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 with a stable code.

    ``errors`` stands beside ``invalid_request``, ``reference`` beside ``duplicate_referral``.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
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
    references, definitions = models_json_schema(wanted, ref_template=REFERENCE)
    return {model: references[model, _mode(model)] for model in models}, definitions["$defs"]


def _mode(model: type[BaseModel]) -> Literal["validation", "serialization"]:
    """What is sent to us is described as it is read; what we send, as it is written."""
    return "validation" if issubclass(model, Body) or not issubclass(model, Answer) else "serialization"
