"""What the document says of a body is what is refused: field by field, by the schema's own words.

The schema is walked, so that a new field, limit or code is tried without being named here.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from provider.domain.forces.endpoints import parse_endpoint
from provider.domain.referrals.consistency import SchemeFacts
from provider.domain.referrals.requests import parse_eligibility_check
from provider.domain.referrals.submission import parse_submission
from provider.kernel.characters import CONTROLS, CONTROLS_BUT_LINES
from provider.kernel.errors import Invalid
from provider.kernel.fields import Lines, NotBlank, OneLine
from provider.kernel.parsing import cleaned, parse
from provider.web.api.examples import SENT
from provider.web.api.openapi import document
from provider.web.api.operation import Operation
from provider.web.api.operations import OPERATIONS

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SCHEMES = {"divert-adult": SchemeFacts("divert-adult", "Divert", 18, None, agreement_required=True)}
WITH_A_BODY = [one for one in OPERATIONS if one.sent is not None]
Path = tuple[str | int, ...]


def faults(operation: Operation, body: object) -> list[tuple[str, str]]:
    """What the operation's own parser finds wrong with a body."""
    try:
        if operation.id == "send_referral":
            parse_submission(body, schemes=SCHEMES, now=NOW)
        elif operation.id == "ask_eligibility":
            parse_eligibility_check(body, schemes=SCHEMES, now=NOW)
        elif operation.id == "add_webhook_endpoint":
            parse_endpoint(body, public_only=True)
        else:
            assert operation.sent is not None
            parse(operation.sent, body)
    except Invalid as invalid:
        return [(error.pointer, error.code) for error in invalid.errors]
    return []


def schema_of(operation: Operation) -> dict[str, Any]:
    described = document()["paths"][operation.path][operation.method.lower()]["requestBody"]
    return plain(described["content"]["application/json"]["schema"])


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to, and of several kinds the one that is neither null nor empty text."""
    if "$ref" in schema:
        return plain(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema and "properties" not in schema:
        kinds = [kind for kind in schema["anyOf"] if not is_nothing(kind)]
        return plain(kinds[0])
    return schema


def is_nothing(kind: dict[str, Any]) -> bool:
    return kind.get("type") == "null" or kind.get("$ref", "").endswith("/Blank")


def fields(schema: dict[str, Any], at: Path = ()) -> Iterator[tuple[Path, dict[str, Any], bool]]:
    """Every field, however deep, with how it is described and whether it is required."""
    for name, described in schema.get("properties", {}).items():
        yield (*at, name), described, name in schema.get("required", ())
        inner = plain(described)
        if inner.get("type") == "array":
            yield (*at, name, 0), inner["items"], False
            yield from fields(plain(inner["items"]), (*at, name, 0))
        yield from fields(inner, (*at, name))


def whole(operation: Operation) -> Any:
    """The example, with every part that it leaves out there to be written in, and no rule that asks for more."""
    body: Any = copy.deepcopy(SENT[operation.id])
    if "offence" in body:
        body["offence"]["code"] = "linked_offence"
    for path, described, _ in fields(schema_of(operation)):
        inner = plain(described)
        if inner.get("type") in {"object", "array"} and not value_at(body, path):
            body = with_value(body, path, {} if inner["type"] == "object" else [])
    return body


def value_at(body: Any, path: Path) -> Any:
    for step in path:
        if isinstance(body, list):
            body = body[step] if isinstance(step, int) and step < len(body) else None
        else:
            body = body.get(step) if isinstance(body, dict) else None
    return body


def with_value(body: Any, path: Path, value: Any) -> Any:
    step, *rest = path
    changed = copy.deepcopy(body)
    inner = with_value(value_at(body, (step,)) or {}, tuple(rest), value) if rest else value
    if isinstance(changed, list) and isinstance(step, int) and step >= len(changed):
        return [*changed, inner]
    changed[step] = inner
    return changed


def without(body: Any, path: Path) -> Any:
    around = copy.deepcopy(value_at(body, path[:-1]) if path[:-1] else body)
    del around[path[-1]]
    return with_value(body, path[:-1], around) if path[:-1] else around


def pointer(path: Path) -> str:
    return "".join(f"/{step}" for step in path)


@pytest.fixture(params=WITH_A_BODY, ids=lambda one: one.id)
def operation(request: pytest.FixtureRequest) -> Operation:
    found: Operation = request.param
    return found


def test_the_example_is_taken(operation: Operation) -> None:
    assert faults(operation, SENT[operation.id]) == []


def test_what_is_said_to_be_required_is_and_nothing_else(operation: Operation) -> None:
    body, tried = whole(operation), 0
    for path, described, required in fields(schema_of(operation)):
        if isinstance(path[-1], int) or value_at(body, path) in (None, {}, []):
            continue
        found = faults(operation, without(body, path))
        assert ((pointer(path), "required") in found) == required, (path, found)
        nullable = any(is_nothing(kind) for kind in described.get("anyOf", ()))
        nullable = nullable or "" in (re.findall(described.get("pattern", "$^"), "") or ["x"])
        if not nullable and "anyOf" not in described:
            assert faults(operation, with_value(body, path, None)), path
        tried += 1
    assert tried


def test_what_is_longer_than_is_said_is_refused_and_as_long_is_not(operation: Operation) -> None:
    for path, described, _ in fields(schema_of(operation)):
        inner = plain(described)
        if "maxLength" in inner and "format" not in inner:
            most = inner["maxLength"]
            assert (pointer(path), "too_long") in faults(operation, at(operation, path, "x" * (most + 1)))
            assert (pointer(path), "too_long") in faults(operation, at(operation, path, " " + "x" * most))
            assert "too_long" not in dict(faults(operation, at(operation, path, "x" * most))).values()
        if "maxItems" in inner:
            too_many = [(value_at(whole(operation), path) or ["x"])[0]] * (inner["maxItems"] + 1)
            assert (pointer(path), "too_long") in faults(operation, at(operation, path, too_many))


def at(operation: Operation, path: Path, value: Any) -> Any:
    return with_value(whole(operation), path, value)


def test_codes_that_are_said_are_taken_and_no_others(operation: Operation) -> None:
    for path, described, _ in fields(schema_of(operation)):
        codes = plain(described).get("enum")
        if codes is not None:
            refused = dict(faults(operation, at(operation, path, "no-such-code")))
            assert refused[pointer(path)] == "not_in_list", path
            for code in codes:
                assert pointer(path) not in dict(faults(operation, at(operation, path, code))), (path, code)


def test_another_kind_of_value_is_refused_everywhere(operation: Operation) -> None:
    wrong: dict[str, Any] = {"string": 1, "boolean": "true", "object": "x", "array": "x"}
    for path, described, _ in fields(schema_of(operation)):
        inner = plain(described)
        kind = inner.get("type", "string")
        assert pointer(path) in dict(faults(operation, at(operation, path, wrong[kind]))), path


def test_what_may_be_null_may_be_empty_text_and_nothing_else_may(operation: Operation) -> None:
    """Whatever rule looks across fields, null and empty text come to the same."""
    for path, described, _ in fields(schema_of(operation)):
        for empty in ("", " \t", "\u200b"):
            of_null = faults(operation, at(operation, path, None))
            assert faults(operation, at(operation, path, empty)) == of_null, (path, described)


def test_every_object_is_closed(operation: Operation) -> None:
    for path, described, _ in [((), schema_of(operation), True), *fields(schema_of(operation))]:
        inner = plain(described)
        if inner.get("type") == "object":
            assert inner["additionalProperties"] is False
            body = whole(operation)
            around = {**(value_at(body, path) or {}), "no_such_field": None}
            found = faults(operation, with_value(body, path, around) if path else around)
            assert (f"{pointer(path)}/no_such_field", "unknown_field") in found, path


@pytest.mark.parametrize("kind", [OneLine, Lines], ids=["one line", "lines"])
@pytest.mark.parametrize("blank", [True, False])
def test_the_pattern_of_text_is_what_is_taken_of_every_character(kind: Any, blank: bool) -> None:
    """At either end, in the middle and alone; what is taken off or out is so before it is looked at."""
    text = Annotated[str, *([] if blank else [NotBlank]), Field(max_length=10), kind]
    adapter: TypeAdapter[Any] = TypeAdapter(text | None if blank else text)
    pattern = re.compile(
        TypeAdapter(text).json_schema()["pattern"].replace("^", r"\A", 1).removesuffix("$") + r"\Z"
    )
    for number in [*range(0x3000), 0x3000, 0xFEFF, 0xFFFF, 0x1F600, 0x10FFFF]:
        mark = chr(number)
        for sent in (mark, f"a{mark}", f"{mark}a", f"a{mark}b", f"{mark}{mark}"):
            try:
                adapter.validate_python(cleaned(sent))
                taken = True
            except ValidationError:
                taken = False
            assert taken == bool(pattern.match(sent)), (hex(number), sent)


def test_the_characters_that_are_refused_are_those_that_unicode_calls_controls() -> None:
    one_line, lines = re.compile(f"[{CONTROLS}]"), re.compile(f"[{CONTROLS_BUT_LINES}]")
    for mark in map(chr, range(0x110000)):
        control = unicodedata.category(mark) in {"Cc", "Zl", "Zp"}
        assert bool(one_line.match(mark)) == control
        assert bool(lines.match(mark)) == (control and mark not in "\t\n\r")


def holds(schema: dict[str, Any], value: Any) -> bool:
    """Whether what the document adds to an object's fields is so, as far as our bodies use JSON Schema."""
    kinds: dict[str, type] = {"string": str, "array": list, "object": dict}
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return False
    if "anyOf" in schema and not any(holds(kind, value) for kind in schema["anyOf"]):
        return False
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if len(value or "") < schema.get("minItems", 0):
        return False
    if any(name not in value for name in schema.get("required", ())):
        return False
    parts = schema.get("properties", {})
    return all(holds(part, value[name]) for name, part in parts.items() if name in value)


def test_a_way_to_be_reached_is_needed_just_as_the_document_says() -> None:
    said = {"anyOf": document()["components"]["schemas"]["SubmittedPerson"]["anyOf"]}
    addresses: tuple[Any, ...] = (
        None,
        {},
        {"town": None},
        {"town": " "},
        {"line_1": "1 Example Street", "town": None},
    )
    for mobile, email, address in product((None, "\u200b", "x"), (None, "", "a@b.example"), addresses):
        ways = {"mobile": mobile, "email": email, "address": address}
        person = {**SENT["send_referral"]["person"], **ways}
        found = faults(WITH_A_BODY[0], {**SENT["send_referral"], "person": person})
        assert (found == [("/person", "contact_required")]) == (not holds(said, person)), ways


def test_possession_names_a_drug_just_as_the_document_says() -> None:
    said = {"anyOf": document()["components"]["schemas"]["Offence"]["anyOf"]}
    codes = document()["components"]["schemas"]["OffenceCode"]["enum"]
    for code, drugs in product(codes, (None, [], [{"substance": "cannabis"}])):
        offence = {"code": code, "drugs": drugs}
        found = faults(WITH_A_BODY[0], {**SENT["send_referral"], "offence": offence})
        assert (found == [("/offence/drugs", "required")]) == (not holds(said, offence)), offence
