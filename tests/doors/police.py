"""A police system, as a test plays it: one force's key, JSON out, JSON back.

Whatever it is answered, in any test, is held to the OpenAPI document.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.contracts.conformity import conforms

API = "/api/v1"


@dataclass(frozen=True)
class Police:
    client: FlaskClient
    key: str

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._ask("GET", path, **more)

    def post(self, path: str, sent: object = None, *, once: str | None = None, **more: Any) -> TestResponse:
        headers = {"Idempotency-Key": once or str(uuid.uuid4()), **more.pop("headers", {})}
        return self._ask(
            "POST", path, headers=headers, **({"json": sent} if sent is not None else {}), **more
        )

    def patch(self, path: str, sent: object) -> TestResponse:
        return self._ask("PATCH", path, json=sent)

    def delete(self, path: str) -> TestResponse:
        return self._ask("DELETE", path)

    def refer(self, sent: object, *, once: str | None = None) -> TestResponse:
        return self.post("/referrals", sent, once=once)

    def _ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        answer = self.client.open(API + path, method=method, headers=headers, **more)
        # A bug is described nowhere: a test that plays one says itself what it expects.
        if answer.status_code != 500:
            conforms(method, path, answer)
        return answer


def faults(answer: TestResponse) -> list[tuple[str, str]]:
    """Where and what, of a 422."""
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["code"] == "invalid_request"
    return [(fault.get("pointer", fault.get("parameter")), fault["code"]) for fault in problem["errors"]]


def code_of(answer: TestResponse, status: int) -> str:
    """The stable code of a problem that came with this status."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    assert {"type", "title", "detail"} <= problem.keys()
    return str(problem["code"])
