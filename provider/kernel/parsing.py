"""How a JSON body becomes a frozen object, or every fault in it at once, each at its field.

A door hands in what ``json.loads`` gave; nothing that can be sent makes this raise anything but ``Invalid``.
No fault repeats what was sent; an unknown field is named, because its pointer has to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from provider.kernel.characters import Cleaned
from provider.kernel.errors import FieldError, Invalid

DEEPEST = 8
LONGEST_NAME = 100

# Codes that the validators of ``fields`` give themselves, with their own sentence.
OWN_CODES = frozenset({"required", "invalid", "offset_required"})
_CODES = {
    "missing": ("required", "This is needed."),
    "extra_forbidden": ("unknown_field", "There is no such field."),
    "string_too_long": ("too_long", "This is too long: at most {max_length} characters."),
    "too_long": ("too_long", "There are too many: at most {max_length}."),
    "too_short": ("required", "At least one is needed."),
    "enum": ("not_in_list", "This must be one of {expected}."),
    "literal_error": ("not_in_list", "This must be one of {expected}."),
    "string_type": ("invalid", "This must be text."),
    "string_unicode": ("invalid", "This has characters that cannot be kept."),
    "bool_type": ("invalid", "This must be true or false."),
    "tuple_type": ("invalid", "This must be a list."),
    "model_type": ("invalid", "This must be an object."),
}


class Body(BaseModel):
    """Base of everything that is sent to us: frozen, and a field that is not known is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=Body)


def parse(model: type[Model], body: object) -> Model:
    """``body`` as a ``model``; raises Invalid with every fault, in the order of the model's fields."""
    parsed, faults = read(model, cleaned(body))
    if parsed is None:
        raise Invalid(in_order(model, faults))
    return parsed


def read(model: type[Model], body: object) -> tuple[Model | None, list[FieldError]]:
    """The parsed ``body`` and no faults, or None and its faults: for rules that go on to look across fields.

    ``body`` has been ``cleaned``. A pointer has at most one fault.
    """
    if not isinstance(body, dict):
        return None, [FieldError("", "invalid", "This must be a JSON object.")]
    try:
        return model.model_validate(body), []
    except ValidationError as error:
        found = (_fault(detail) for detail in error.errors(include_url=False))
        return None, list({fault.pointer: fault for fault in found}.values())


def cleaned(value: object, *, depth: int = 0) -> object:
    """``value`` with text stripped of space around it and of unseen marks, and nothing (None) for empty text.

    Deeper than any body goes, it is left as it is.
    """
    if isinstance(value, str):
        return Cleaned.of(value) or None
    if depth > DEEPEST:
        return value
    if isinstance(value, dict):
        return {_storable(key): cleaned(part, depth=depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [cleaned(part, depth=depth + 1) for part in value]
    return value


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path; a name longer than any of ours is cut."""
    return "".join("/" + str(step)[:LONGEST_NAME].replace("~", "~0").replace("/", "~1") for step in path)


def in_order(model: type[Body], faults: Iterable[FieldError]) -> list[FieldError]:
    """``faults`` in the order in which the model names its fields, as they stand on a form."""
    return sorted(faults, key=lambda fault: _place(model, fault.pointer.split("/")[1:]))


def _place(model: Any, steps: list[str]) -> list[int]:
    if not steps:
        return []
    if steps[0].isdecimal():
        return [int(steps[0][:6]), *_place(model, steps[1:])]
    fields: Mapping[str, Any] = getattr(model, "model_fields", {})
    names = [field.alias or name for name, field in fields.items()]
    if steps[0] not in names:
        return [len(names)]
    at = names.index(steps[0])
    return [at, *_place(_inner_model(list(fields.values())[at].annotation), steps[1:])]


def _inner_model(annotation: Any) -> Any:
    """The model in ``Model | None`` or ``tuple[Model, ...]``."""
    if hasattr(annotation, "model_fields"):
        return annotation
    inner = (_inner_model(part) for part in get_args(annotation))
    return next((part for part in inner if part is not None), None)


def _storable(key: object) -> str:
    return str(key).encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _fault(detail: Mapping[str, Any]) -> FieldError:
    kind, sent = detail["type"], detail.get("input")
    pointer = pointer_to(detail["loc"])
    if sent is None and kind.endswith(("_type", "enum", "literal_error")):
        kind = "missing"
    elif kind in ("enum", "literal_error") and not isinstance(sent, str):
        kind = "string_type"
    if kind in OWN_CODES:
        return FieldError(pointer, kind, detail["msg"])
    code, sentence = _CODES.get(kind, ("invalid", "This cannot be right."))
    return FieldError(pointer, code, sentence.format(**detail.get("ctx", {})))
