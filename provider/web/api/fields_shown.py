"""A schema of the document as rows that people read: the field, what stands in it, whether it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provider.web.api.shapes import Schema

_WORDS = {
    "date": "date, as 2026-11-20",
    "date-time": "time with its offset, as 2026-11-20T21:40:00+00:00",
    "email": "e-mail address",
    "uri": "web address",
    "uuid": "UUID",
}
_KINDS = {"boolean": "true or false", "integer": "whole number", "string": "text", "object": "object"}


@dataclass(frozen=True)
class FieldShown:
    """``name`` as a path: ``person.given_name``, ``offence.drugs[].class``. ``codes``: all that may stand there."""

    name: str
    kind: str
    needed: bool
    codes: tuple[str, ...] = ()


def fields_shown(schema: Schema, schemas: Schema, *, within: str = "") -> Iterator[FieldShown]:
    """The fields of an object and of what is in it, in their order. ``schemas`` are the document's components."""
    plain = _plain(schema, schemas)
    needed = set(plain.get("required", ()))
    for name, part in plain.get("properties", {}).items():
        yield from _shown(f"{within}{name}", _plain(part, schemas), schemas, needed=name in needed)


def parameter_shown(parameter: Schema, schemas: Schema) -> FieldShown:
    """A parameter in a path, a query or a header."""
    schema = _plain(parameter["schema"], schemas)
    return FieldShown(parameter["name"], _kind(schema), parameter["required"], _codes(schema))


def _shown(name: str, schema: Schema, schemas: Schema, *, needed: bool) -> Iterator[FieldShown]:
    if schema.get("type") == "array":
        inner = _plain(schema["items"], schemas)
        most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        yield FieldShown(f"{name}[]", f"list of {_kind(inner)}{most}", needed, _codes(inner))
        yield from fields_shown(inner, schemas, within=f"{name}[].")
        return
    yield FieldShown(name, _kind(schema), needed, _codes(schema))
    yield from fields_shown(schema, schemas, within=f"{name}.")


def _plain(schema: Schema, schemas: Schema) -> Schema:
    """What may stand there beside null and empty text, with what a reference leads to."""
    if "$ref" in schema:
        return _plain(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "properties" in schema or "anyOf" not in schema:
        return schema
    kinds = [kind for kind in schema["anyOf"] if not _is_nothing(kind)]
    return _plain(kinds[0], schemas) if len(kinds) == 1 else {"either": kinds}


def _is_nothing(kind: Schema) -> bool:
    return kind == {"type": "null"} or kind.get("$ref", "").endswith("/Blank")


def _kind(schema: Schema) -> str:
    if "either" in schema:
        return " or ".join(_kind(kind) for kind in schema["either"])
    if "const" in schema:
        return "one code"
    if "enum" in schema:
        return "code"
    kind = _WORDS.get(schema.get("format", "")) or _KINDS[schema["type"]]
    if "maxLength" in schema:
        kind += f", at most {schema['maxLength']} characters"
    if "maximum" in schema:
        kind += f" from {schema['minimum']} to {schema['maximum']}"
    return kind


def _codes(schema: Schema) -> tuple[str, ...]:
    return tuple(schema.get("enum", ())) or tuple([schema["const"]] if "const" in schema else ())
