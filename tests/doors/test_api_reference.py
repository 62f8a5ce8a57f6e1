"""The reference page at /api: for everybody, and as complete as the document it is made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from provider.web.api.codes import CODES, FAULTS, WARNINGS
from provider.web.api.manual import EVENTS
from provider.web.api.openapi import document
from provider.web.api.operations import OPERATIONS
from tests.builders import build_world


@pytest.fixture
def page(client: FlaskClient) -> BeautifulSoup:
    answer = client.get("/api")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "Set-Cookie" not in answer.headers
    return BeautifulSoup(answer.data, "html.parser")


def test_every_operation_has_its_place_and_a_link_to_it(page: BeautifulSoup) -> None:
    linked = {str(link["href"]) for link in page.select("nav a")}
    for operation in OPERATIONS:
        anchor = operation.id.replace("_", "-")
        [section] = page.select(f'section[aria-labelledby="{anchor}"]')
        assert f"#{anchor}" in linked
        assert operation.method in section.text
        assert operation.path in section.text
        assert operation.scope in section.text


def test_every_link_on_the_page_leads_somewhere(page: BeautifulSoup, client: FlaskClient) -> None:
    ids = [str(element["id"]) for element in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for link in page.select("a[href]"):
        href = str(link["href"])
        assert href.removeprefix("#") in ids if href.startswith("#") else client.get(href).status_code < 400


def leaves(schema: dict[str, Any]) -> Iterator[str]:
    """The names of all fields in a body, however deep."""
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from leaves(part)
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        yield from leaves(inner)
    if "$ref" in schema:
        yield from leaves(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])


def test_every_field_of_every_body_is_on_the_page_with_its_limits_and_codes(page: BeautifulSoup) -> None:
    for operation in OPERATIONS:
        if operation.sent is None:
            continue
        described = document()["paths"][operation.path][operation.method.lower()]["requestBody"]
        [section] = page.select(f'section[aria-labelledby="{operation.id.replace("_", "-")}"]')
        shown = {cell.text.replace("[]", "").rpartition(".")[2] for cell in section.select("th[scope=row]")}
        assert set(leaves(described["content"]["application/json"]["schema"])) <= shown, operation.id
    [sent] = page.select('section[aria-labelledby="send-referral"]')
    rows = {row.th.text.strip(): row.text for row in sent.select("tbody tr") if row.th}
    assert "at most 100 characters" in rows["person.given_name"]
    assert "yes" in rows["person.given_name"]
    assert "crack_cocaine" in rows["offence.drugs[].substance"]
    assert "list of code, at most 20" not in rows["offence.drugs[]"]
    assert "list of object, at most 20" in rows["offence.drugs[]"]


def test_every_code_and_event_is_on_the_page(page: BeautifulSoup) -> None:
    shown = {code.text for code in page.select("th code")}
    assert {code for codes in CODES.values() for code in codes} <= shown
    assert {*FAULTS, *WARNINGS, *EVENTS} <= shown


def test_the_page_knows_no_force_and_nobody(app: Flask, client: FlaskClient) -> None:
    before = client.get("/api").data
    build_world(app)
    assert client.get("/api").data == before
    assert client.get("/api/").data == before
    assert client.post("/api").status_code == 405
