"""The OpenAPI document says what the doors do: the same routes, and answers that are as it describes them."""

from __future__ import annotations

import re
import uuid
from typing import Any, get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import ROOT
from provider.domain.compliance.wire import EventType
from provider.domain.forces.keys import SCOPES
from provider.web.api.codes import CODES, FAULTS, HEADERS, STATUSES, WARNINGS
from provider.web.api.examples import ANSWERED, SENT
from provider.web.api.manual import EVENTS, PARAMETERS, PERMISSION, WORDS
from provider.web.api.operation import Operation
from provider.web.api.operations import OPERATIONS
from tests.contracts.conformity import matches
from tests.contracts.tester_world import world_for_the_tester
from tests.doors.police import API, Police


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"{API}/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found: dict[str, Any] = answer.get_json()
    return found


def test_every_route_is_described_and_every_description_is_a_route(
    app: Flask, document: dict[str, Any]
) -> None:
    routes = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix(API)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{API}/") and rule.endpoint != "api.openapi"
        for method in (rule.methods or set()) - {"HEAD"}
    }
    described = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
    }
    assert routes == described
    assert len(routes) == len(OPERATIONS)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: object) -> set[str]:
        if isinstance(part, dict):
            own = {str(part["$ref"])} if "$ref" in part else set()
            return own.union(*(references(value) for value in part.values()))
        return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()

    for reference in references(document):
        where: Any = document
        for step in reference.removeprefix("#/").split("/"):
            where = where[step]


def test_what_is_sent_is_closed_and_what_is_required_is_said(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["ReferralSubmission"]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {
        "scheme",
        "occurred_at",
        "setting",
        "disposal",
        "officer",
        "person",
        "offence",
    }
    key = document["paths"]["/referrals"]["post"]["parameters"][0]
    assert (key["name"], key["in"], key["required"]) == ("Idempotency-Key", "header", True)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_the_example_of_every_operation_is_carried_out_and_answered_as_described(
    app: Flask, client: FlaskClient, operation: Operation
) -> None:
    """``Police`` holds every answer to the document."""
    world = world_for_the_tester(app)
    known = world["operations"].get(operation.id, {})
    path = operation.path.format(**{name: ids[0] for name, ids in known.items()})
    headers = {"Idempotency-Key": str(uuid.uuid4())} if operation.once else {}
    more = {"json": SENT[operation.id]} if operation.sent else {}
    answer = Police(client, world["key"])._ask(operation.method, path, headers=headers, **more)
    assert answer.status_code == operation.status, answer.text


def test_examples_of_answers_are_as_described(document: dict[str, Any]) -> None:
    assert set(ANSWERED) == {one.id for one in OPERATIONS if one.answer is not None}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answer = next(iter(operation["responses"].values()))
            for content in answer.get("content", {}).values():
                assert "example" not in content or matches(content["example"], content["schema"]), (
                    method,
                    path,
                )
    [content] = document["components"]["responses"]["422"]["content"].values()
    assert matches(content["example"], content["schema"])


def test_every_operation_body_and_event_is_written_about(document: dict[str, Any]) -> None:
    assert set(WORDS) == {one.id for one in OPERATIONS}
    assert set(SENT) == {one.id for one in OPERATIONS if one.sent is not None}
    assert set(EVENTS) == set(get_args(EventType))
    assert set(PERMISSION) == set(SCOPES) == {one.scope for one in OPERATIONS}
    assert set(CODES) == set(STATUSES) >= set(HEADERS)
    described = {name for one in OPERATIONS for name in names_of(document["paths"], one)}
    assert described == set(PARAMETERS)


def names_of(paths: dict[str, Any], operation: Operation) -> set[str]:
    return {one["name"] for one in paths[operation.path][operation.method.lower()]["parameters"]}


def test_every_fault_and_warning_that_rules_give_is_written_about() -> None:
    """Codes stand in the rules as text: whatever is written as one there is in the lists."""
    rules = [*(ROOT / "provider" / "domain" / "referrals").glob("*.py"), ROOT / "provider/kernel/parsing.py"]
    written = "\n".join(path.read_text() for path in rules)
    given = set(re.findall(r"(?:FieldError|Doubt)\(\s*[^,()]+,\s*\"([a-z_]+)\"", written))
    assert given <= set(FAULTS) | set(WARNINGS)
    assert len(given) > 8
