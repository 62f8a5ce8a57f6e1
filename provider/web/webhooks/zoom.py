"""What Zoom tells us of its meetings: kept as it came, and acted on by a job."""

from __future__ import annotations

import hashlib
import hmac
import json

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue

from provider.domain.messaging import inbox
from provider.kernel.database import transaction
from provider.web.context import now, settings
from provider.web.webhooks import webhooks
from provider.web.webhooks.access import from_zoom


@webhooks.post("/zoom")
@from_zoom
def zoom() -> ResponseReturnValue:
    """An event, or Zoom's question whether this address is really ours."""
    raw = request.get_data(as_text=True)
    event = _object(raw)
    if event.get("event") == "endpoint.url_validation":
        return _prove(event)
    once_key = hashlib.sha256(raw.encode()).hexdigest()
    with transaction():
        inbox.store("meeting", once_key=once_key, body={"raw": raw}, now=now())
    return "", 204


def _object(raw: str) -> dict[str, object]:
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        abort(400)
    if not isinstance(event, dict):
        abort(400)
    return event


def _prove(event: dict[str, object]) -> ResponseReturnValue:
    payload = event.get("payload")
    plain = payload.get("plainToken") if isinstance(payload, dict) else None
    secret = settings().zoom_webhook_secret
    if not isinstance(plain, str) or secret is None:
        abort(400)
    key = secret.get_secret_value().encode()
    encrypted = hmac.new(key, plain.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return jsonify(plainToken=plain, encryptedToken=encrypted)
