"""Settings that a clinician edits, read into a frozen model with every fault at its place."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from provider.kernel.errors import FieldError, Invalid

Model = TypeVar("Model", bound=BaseModel)


def read_settings(model: type[Model], data: object, *, at: str = "") -> Model:
    """``data`` as a ``model``. Raises Invalid: every fault at once, by JSON pointer under ``at``."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
    raise Invalid(
        FieldError(
            "".join([at, *(f"/{step}" for step in fault["loc"])]) or "/",
            "required" if fault["type"] == "missing" else "invalid",
            fault["msg"].removeprefix("Value error, "),
        )
        for fault in faults
    )
