"""A request that is carried out once, however often it is sent: the same key gives the first answer again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Response, request

from provider.domain.forces.idempotency import (
    PATIENCE,
    FirstAnswer,
    Request,
    claim,
    first_answer,
    keep,
    request_hash,
)
from provider.kernel.answers import Answer, json_bytes
from provider.kernel.database import transaction
from provider.kernel.errors import Invalid
from provider.web.api.access import force_id
from provider.web.api.problems import Problem
from provider.web.api.replies import reply
from provider.web.context import now

Parsed = TypeVar("Parsed")
SHOWN_ONCE = frozenset({"secret"})
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True)
class Made:
    """What a request made, and where it can be read."""

    answer: Answer
    location: str


def once(
    operation: str, sent: object, *, parse: Callable[[object], Parsed], act: Callable[[Parsed], Made]
) -> Response:
    """201 with what ``act`` made, in one transaction with the key; or, for a key seen before, its first answer.

    ``parse`` runs before the transaction, so that nobody waits for a body that is refused.
    """
    asked = Request(force_id(), _key(), request_hash(operation, sent))
    try:
        parsed = parse(sent)
    except Invalid:
        first = first_answer(asked, now=now())
        if first is None:
            raise
        return _replay(first)
    with transaction(wait=PATIENCE):
        first = claim(asked, now=now())
        if first is None:
            made = act(parsed)
            keep(asked, _kept(made))
            return reply(made.answer, 201, location=made.location)
    return _replay(first)


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "").lower()
    if not _UUID.fullmatch(key):
        detail = "Send an Idempotency-Key header: a new UUID for a new request, the same one when you send it again."
        raise Problem(400, "idempotency_key_required", "Bad Request", detail)
    return key


def _kept(made: Made) -> FirstAnswer:
    """A secret is shown once: it is not kept, and a replay says null."""
    body = made.answer.model_dump(mode="json", by_alias=True)
    return FirstAnswer(201, body | dict.fromkeys(SHOWN_ONCE & body.keys()), made.location)


def _replay(first: FirstAnswer) -> Response:
    response = Response(json_bytes(first.body), first.status, content_type="application/json")
    response.headers["Idempotent-Replay"] = "true"
    if first.location:
        response.headers["Location"] = first.location
    return response
