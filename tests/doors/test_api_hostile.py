"""Whatever is sent to whichever operation: an answer that is described, never a 5xx, and never an echo.

Every operation in the table is walked, by what is wrong with the body, the query, the headers and the method.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.web.api.examples import SENT
from provider.web.api.operation import Operation
from provider.web.api.operations import OPERATIONS
from tests.contracts.tester_world import world_for_the_tester
from tests.doors.police import API, Police, code_of

CANARY = "canary-7f3a"
JSON = "application/json"


class Endless:
    """A body without a length that never ends."""

    def read(self, size: int = -1) -> bytes:
        return b" " * max(size, 1)

    readline = read


MALFORMED: Mapping[str, bytes] = {
    "nothing": b"",
    "cut off": b'{"scheme": "canary-7f3a',
    "two values": b'{"scheme": "canary-7f3a"} {}',
    "a name twice": b'{"scheme": "canary-7f3a", "scheme": "canary-7f3a"}',
    "a name twice, escaped": b'{"scheme": "canary-7f3a", "\\u0073cheme": "canary-7f3a"}',
    "NUL": b'{"scheme": "canary-7f3a\x00"}',
    "only NULs": b"\x00" * 100,
    "half a surrogate pair, escaped": b'{"scheme": "canary-7f3a\\ud800"}',
    "half a surrogate pair for a name": b'{"canary-7f3a\\udfff": 1}',
    "half a surrogate pair, as bytes": b'{"scheme": "canary-7f3a\xed\xa0\x80"}',
    "not UTF-8": b'{"scheme": "canary-7f3a\xff"}',
    "overlong UTF-8": b'{"scheme": "canary-7f3a\xc0\x80"}',
    "UTF-16": json.dumps({"scheme": CANARY}).encode("utf-16"),
    "a mark of byte order": b'\xef\xbb\xbf{"scheme": "canary-7f3a"}',
    "NaN": b'{"scheme": NaN}',
    "Infinity": b'{"scheme": -Infinity}',
    "beyond all numbers": b'{"scheme": 1e999}',
    "more digits than are read": b'{"scheme": ' + b"9" * 5000 + b"}",
    "lists 10,000 deep": b"[" * 10_000 + b"]" * 10_000,
    "objects 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "lists never closed": b"[" * 60_000,
}
"""What is no JSON as we take it: 400."""

INVALID: Mapping[str, Any] = {
    "null": None,
    "a list": [CANARY],
    "text": CANARY,
    "a number": 10**30,
    "a fraction": 1.5e300,
    "NUL in every field": "\x00",
    "marks that steer": "\u202e" + CANARY,
    "a very long text": CANARY * 1000,
    "an object in every field": {CANARY: {CANARY: CANARY}},
    "lists of lists": [[[[CANARY]]]],
    "a huge number": 10**400,
}
"""JSON that stands in every field of the example, and is not what belongs there."""


@pytest.fixture
def world(app: Flask) -> dict[str, Any]:
    return world_for_the_tester(app)


@pytest.fixture
def hostile(world: dict[str, Any], client: FlaskClient) -> Police:
    return Police(client, world["key"])


def path_of(operation: Operation, world: Mapping[str, Any]) -> str:
    known = world["operations"].get(operation.id, {})
    return operation.path.format(**{name: ids[0] for name, ids in known.items()})


def ask(
    police: Police, operation: Operation, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> TestResponse:
    """What is answered; held to the document by ``Police``. The clock moves, so that no limit is in the way."""
    police.client.application.extensions["clock"].advance(seconds=5)
    once = {"Idempotency-Key": str(uuid.uuid4())} if operation.once else {}
    answer = police._ask(operation.method, path, headers={**once, **(headers or {})}, **more)
    assert answer.status_code < 500, answer.text
    assert answer.status_code < 400 or CANARY not in answer.text, answer.text
    assert all(CANARY not in value for _, value in answer.headers)
    return answer


def test_what_is_no_json_is_malformed_wherever_a_body_belongs(hostile: Police, world: dict[str, Any]) -> None:
    for operation, (what, data) in product(OPERATIONS, MALFORMED.items()):
        answer = ask(hostile, operation, path_of(operation, world), data=data, content_type=JSON)
        if operation.sent is not None:
            assert code_of(answer, 400) == "malformed_json", (operation.id, what)


def test_what_is_another_kind_of_value_is_refused_or_empties(hostile: Police, world: dict[str, Any]) -> None:
    for operation in OPERATIONS:
        if operation.sent is None:
            continue
        for value in INVALID.values():
            for body in (value, *({**SENT[operation.id], field: value} for field in SENT[operation.id])):
                # A name is repeated, because its pointer has to: so none of ours is the canary.
                data = json.dumps(body).replace(f'"{CANARY}":', '"x":')
                answer = ask(hostile, operation, path_of(operation, world), data=data, content_type=JSON)
                # Text and null have their places; nothing else is ever taken.
                taken = isinstance(body, dict) and (value is None or isinstance(value, str))
                assert answer.status_code == 422 or taken, data[:200]


def test_a_megabyte_is_too_large_with_and_without_a_length(hostile: Police, world: dict[str, Any]) -> None:
    body = json.dumps({"scheme": "x" * 2**20})
    for operation in OPERATIONS:
        path = path_of(operation, world)
        for kind in (JSON, "text/plain", "multipart/form-data; boundary=x"):
            answer = ask(hostile, operation, path, data=body, content_type=kind)
            assert code_of(answer, 413) == "content_too_large"
        if operation.sent is not None:
            unending = {"wsgi.input": Endless(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
            answer = ask(hostile, operation, path, content_type=JSON, environ_overrides=unending)
            assert code_of(answer, 413) == "content_too_large"


TYPES: tuple[dict[str, str], ...] = (
    {"Content-Type": "text/plain"},
    {"Content-Type": ""},
    {"Content-Type": "application/jsonp"},
    {"Content-Type": "application/xml"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Type": "\x7f;;;=canary-7f3a"},
    {"Content-Type": JSON, "Content-Encoding": "gzip"},
    {"Content-Type": JSON, "Content-Encoding": "canary-7f3a"},
)


def test_another_type_or_coding_is_not_taken(hostile: Police, world: dict[str, Any]) -> None:
    for operation, headers in product(OPERATIONS, TYPES):
        data = json.dumps(SENT.get(operation.id, {}))
        answer = ask(hostile, operation, path_of(operation, world), data=data, headers=headers)
        if operation.sent is not None:
            assert code_of(answer, 415) == "unsupported_media_type"


HEADERS: Mapping[str, str] = {
    "Accept": "image/png;q=canary-7f3a",
    "Accept-Encoding": "canary-7f3a, *;q=0",
    "Accept-Language": "xx-canary-7f3a",
    "Content-Length": "canary-7f3a",
    "Content-Type": "application/json; charset=canary-7f3a",
    "Cookie": "provider=canary-7f3a; \x7f; =; a",
    "Expect": "canary-7f3a",
    "Forwarded": "for=canary-7f3a",
    "Host": "canary-7f3a.example",
    "Idempotency-Key": "canary-7f3a",
    "If-Match": '"canary-7f3a"',
    "If-Modified-Since": "canary-7f3a",
    "If-None-Match": 'W/"canary-7f3a", *x',
    "If-Range": "canary-7f3a",
    "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Origin": "https://canary-7f3a.example",
    "Range": "bytes=0-0,5-99999999999999999999",
    "Referer": "https://canary-7f3a.example",
    "Transfer-Encoding": "canary-7f3a",
    "User-Agent": "\xff\xfe canary-7f3a " * 100,
    "X-Forwarded-For": "canary-7f3a",
    "X-HTTP-Method-Override": "DELETE",
}


def test_odd_headers_change_nothing_or_are_refused(hostile: Police, world: dict[str, Any]) -> None:
    for operation, (name, value) in product(OPERATIONS, HEADERS.items()):
        more = {"data": json.dumps(SENT[operation.id])} if operation.sent is not None else {}
        headers = {"Content-Type": JSON, name: value}
        answer = ask(hostile, operation, path_of(operation, world), headers=headers, **more)
        assert operation.method != "GET" or answer.status_code == 200, (operation.id, name)


QUERIES = (
    "canary=canary-7f3a",
    "limit=canary-7f3a&limit=1",
    "from=canary-7f3a&to=%00",
    "after=%FF%FEcanary-7f3a",
    "limit=%00",
    "limit=1e309",
    "%00=%00",
    "%ED%A0%80=1",
    "a" * 2000 + "=1",
    "&".join(f"a{number}=1" for number in range(2000)),
    ";limit=1",
    "from=0000-00-00&to=99999-01-01",
    "from=2026-02-30",
)


def test_an_odd_query_is_refused_parameter_by_parameter(hostile: Police, world: dict[str, Any]) -> None:
    for operation, query in product(OPERATIONS, QUERIES):
        more = {"json": SENT[operation.id]} if operation.sent is not None else {}
        answer = ask(hostile, operation, f"{path_of(operation, world)}?{query}", **more)
        assert answer.status_code == 422, (operation.id, query)
        assert all("parameter" in fault for fault in answer.get_json()["errors"])


def strange_ids() -> Iterator[str]:
    yield from ("%00", "%FF%FE", "%ED%A0%80", "..", "%2e%2e%2f", "a%2Fb", "'", "%F0%9F%98%80", CANARY)
    yield from ("A" * 3000, "0", "-1", "null", "%0d%0aX-Canary:%201", "{id}", "*", "%25")


def test_what_is_no_identifier_is_not_found(hostile: Police) -> None:
    for operation, strange in product(OPERATIONS, strange_ids()):
        path = strange.join(re.split(r"\{\w+\}", operation.path))
        if path != operation.path:
            more = {"json": SENT[operation.id]} if operation.sent is not None else {}
            answer = ask(hostile, operation, path, **more)
            assert answer.status_code == 404, (operation.id, strange)
            assert "X-Canary" not in answer.headers


def test_a_method_that_is_none_is_answered_with_those_there_are(
    hostile: Police, world: dict[str, Any]
) -> None:
    methods = ("HEAD", "OPTIONS", "TRACE", "CONNECT", "PUT", "PROPFIND", "CANARY")
    for operation, method in product(OPERATIONS, methods):
        path = path_of(operation, world)
        there = {one.method for one in OPERATIONS if one.path == operation.path}
        answer = hostile._ask(method, path)
        if method == "HEAD" and "GET" in there:
            assert answer.status_code == 200, operation.id
            continue
        assert answer.status_code == 405, (operation.id, method)
        assert there <= set(answer.headers["Allow"].split(", "))
        assert hostile.client.open(API + path, method=method).status_code == 401
