"""The OpenAPI document says what the doors do: the same routes, and answers that are as it describes them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import World, build_world, referral_body
from tests.doors.police import API, Police


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


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
    assert len(routes) == 16


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


def matches(value: object, schema: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether a value is as the schema says, as far as our own answers use JSON Schema."""
    if "$ref" in schema:
        return matches(value, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "anyOf" in schema:
        return any(matches(value, kind, document) for kind in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    kinds: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    if schema["type"] == "array":
        return isinstance(value, list) and all(matches(one, schema["items"], document) for one in value)
    if schema["type"] != "object":
        return isinstance(value, kinds[schema["type"]])
    if not isinstance(value, dict):
        return False
    known = schema["properties"]
    return set(schema["required"]) <= set(value) <= set(known) and all(
        matches(part, known[name], document) for name, part in value.items()
    )


def test_answers_are_as_described(world: World, client: FlaskClient, document: dict[str, Any]) -> None:
    police = Police(client, world.keys["midshire"])
    sent = police.refer(referral_body())
    reference, event = (
        sent.get_json()["reference"],
        police.get("/compliance-events").get_json()["events"][0]["id"],
    )
    asked = {"given_name": "A", "family_name": "B", "date_of_birth": "1990-01-01"}
    endpoint = police.post("/webhook-endpoints", {"url": "https://force.example/in"})
    declined = police.refer(
        referral_body(area="Penzance", person={"given_name": "Robin", "mobile": "07700 900321"})
    )
    assert declined.get_json()["status"] == "declined"
    answers = (
        ("/referrals", "post", sent),
        ("/referrals", "post", declined),
        ("/referrals/{reference}", "get", police.get(f"/referrals/{reference}")),
        ("/referrals/{reference}", "patch", police.patch(f"/referrals/{reference}", {})),
        ("/referrals/{reference}", "get", police.get("/referrals/K7QM-2X4D")),
        ("/schemes", "get", police.get("/schemes")),
        ("/schemes", "get", police.get("/schemes?x=1")),
        ("/schemes/{code}/assessment-slots", "get", police.get("/schemes/divert-adult/assessment-slots")),
        (
            "/eligibility-checks",
            "post",
            police.post("/eligibility-checks", {"scheme": "divert-adult", "person": asked}),
        ),
        ("/compliance-events", "get", police.get("/compliance-events")),
        ("/compliance-events/{id}", "get", police.get(f"/compliance-events/{event}")),
        ("/webhook-endpoints", "post", endpoint),
        ("/webhook-endpoints", "get", police.get("/webhook-endpoints")),
        (
            "/webhook-endpoints/{id}/test",
            "post",
            police.post(f"/webhook-endpoints/{endpoint.get_json()['id']}/test"),
        ),
        ("/referrals/{reference}/withdrawal", "post", police.post(f"/referrals/{reference}/withdrawal", {})),
        ("/referrals", "post", police.post("/referrals", data=b"{", content_type="application/json")),
        ("/referrals", "post", police.post("/referrals", data=b"{", content_type="text/plain")),
    )
    for path, method, answer in answers:
        described = document["paths"][path][method]["responses"][str(answer.status_code)]
        if "$ref" in described:
            described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
        [(kind, content)] = described["content"].items()
        assert answer.content_type == kind
        assert matches(answer.get_json(), content["schema"], document), (path, method, answer.text)
