"""What Zoom tells us: signed and fresh, kept once; and its question whether we are who we say."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import count
from tests.fakes import A_TUESDAY

STARTED = {"event": "meeting.started", "payload": {"object": {"id": "123456789"}}}


def request(body: Any, *, age: timedelta = timedelta(0), secret: str = "zoom") -> dict[str, Any]:
    raw = body if isinstance(body, str) else json.dumps(body)
    stamp = str(int((A_TUESDAY - age).timestamp()))
    signature = hmac.new(secret.encode(), f"v0:{stamp}:{raw}".encode(), hashlib.sha256).hexdigest()
    return {
        "path": "/webhooks/zoom",
        "data": raw,
        "content_type": "application/json",
        "headers": {"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={signature}"},
    }


def test_an_event_is_kept_once(app: Flask, client: FlaskClient) -> None:
    for _ in range(3):
        assert client.post(**request(STARTED)).status_code == 204
    with app.app_context():
        assert count("callbacks", kind="meeting") == 1


def test_the_question_is_answered(client: FlaskClient) -> None:
    question = {"event": "endpoint.url_validation", "payload": {"plainToken": "abc"}}
    answer = client.post(**request(question))
    assert answer.status_code == 200
    expected = hmac.new(b"zoom", b"abc", hashlib.sha256).hexdigest()
    assert answer.get_json() == {"plainToken": "abc", "encryptedToken": expected}


@pytest.mark.parametrize(
    "asked",
    [
        request(STARTED, secret="another"),
        request(STARTED, age=timedelta(minutes=6)),
        request(STARTED, age=timedelta(minutes=-6)),
        {**request(STARTED), "data": "{}"},
        {**request(STARTED), "headers": {}},
        {**request(STARTED), "headers": {"x-zm-request-timestamp": "soon", "x-zm-signature": "v0="}},
        {**request(STARTED), "headers": {"x-zm-request-timestamp": "9" * 40, "x-zm-signature": "v0=é"}},
    ],
)
def test_what_is_forged_or_stale_is_not_heard(app: Flask, client: FlaskClient, asked: dict[str, Any]) -> None:
    assert client.post(**asked).status_code == 403
    with app.app_context():
        assert count("callbacks") == 0


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"event": "endpoint.url_validation"}'])
def test_what_is_signed_and_makes_no_sense_is_a_400(client: FlaskClient, body: str) -> None:
    assert client.post(**request(body)).status_code == 400
