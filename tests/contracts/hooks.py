"""What schemathesis cannot know: which records there are, and what a referral must be beyond its shape.

It runs in .venv-contract, apart from our code; CONTRACT_WORLD holds what ``world_for_the_tester`` made. Only data that
is meant to be taken is touched: what is meant to be refused is sent as it was made.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

WORLD: dict[str, Any] = json.loads(os.environ["CONTRACT_WORLD"])
MOMENT = "2026-11-23T21:40:00+00:00"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Send what exists where chance would have made something up."""
    known = WORLD["operations"].get(case.operation.definition.raw["operationId"], {})
    if _is_meant(case, ParameterLocation.PATH):
        case.path_parameters = {
            name: _next(known.get(name), value) for name, value in (case.path_parameters or {}).items()
        }
    if _is_meant(case, ParameterLocation.QUERY) and case.query:
        _mend_query(case.query)
    if _is_meant(case, ParameterLocation.HEADER) and "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if _is_meant(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        _mend_body(case.body)


def _is_meant(case: Any, place: ParameterLocation) -> bool:
    return case.meta is None or not case.meta.is_negative_at(place)


def _next(ids: list[str] | None, value: Any) -> Any:
    """One of the ids in turn, the last one again and again."""
    if not ids:
        return value
    return ids.pop(0) if len(ids) > 1 else ids[0]


def _mend_query(query: dict[str, Any]) -> None:
    if "after" in query:
        query["after"] = WORLD["cursor"]
    if "from" in query and "to" in query:
        query["from"], query["to"] = "2026-11-24", "2026-12-24"


def _mend_body(body: dict[str, Any]) -> None:
    """The scheme is one that there is, and nothing is still to come."""
    if "scheme" in body:
        body["scheme"] = "divert-adult"
        body["person"]["date_of_birth"] = "1990-05-14"
    if "occurred_at" in body:
        body["occurred_at"] = MOMENT
        body["disposal"]["outcome"] = "8"
        body["agreement"] = {"given": True, "at": MOMENT, "notice_version": "2026-1"}
        body["assessment_slot_id"] = None
    if "from" in body:
        body["from"] = "beginning"
