"""Who may tell us something: whoever signs it with the secret that Twilio or Zoom shares with us."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from flask import abort, request
from twilio.request_validator import RequestValidator

from provider.web.context import now, settings
from provider.web.guard import door

FRESH = timedelta(minutes=5)
NEVER_INSIDE = ("MessageStatus", "ErrorCode")
WRITTEN = "Body"


def _from_twilio() -> None:
    """Twilio signs the address it was given, which is ours as the world sees it, and every parameter.

    What it signs is run together without anything between, and sorted. So each is said once, and none that matters
    stands inside another: of a recording, a parameter could be hidden in its neighbour.
    """
    token = settings().twilio_auth_token
    if token is None or any(len(said) > 1 or _hides(name, said[0]) for name, said in request.form.lists()):
        abort(403)
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    address = f"{settings().public_url.rstrip('/')}{request.path}{query}"
    validator = RequestValidator(token.get_secret_value())
    if not validator.validate(address, request.form, request.headers.get("X-Twilio-Signature", "")):
        abort(403)


def _hides(name: str, value: str) -> bool:
    """Whether a parameter has swallowed another. What somebody wrote may say anything."""
    return any(other != name and other in name + ("" if name == WRITTEN else value) for other in NEVER_INSIDE)


def _from_zoom() -> None:
    """Signed, and not long ago: a recording of it is worth nothing."""
    secret = settings().zoom_webhook_secret
    stamp = request.headers.get("x-zm-request-timestamp", "")
    if secret is None or not _is_fresh(stamp):
        abort(403)
    signed = b"v0:" + stamp.encode() + b":" + request.get_data(cache=True)
    expected = "v0=" + hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
    given = request.headers.get("x-zm-signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        abort(403)


def _is_fresh(stamp: str) -> bool:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 13):
        return False
    seconds = int(stamp) / (1000 if len(stamp) == 13 else 1)
    return abs(now() - datetime.fromtimestamp(seconds, UTC)) <= FRESH


from_twilio = door(_from_twilio)
from_zoom = door(_from_zoom)
