"""Who may read the measures: whoever asks from this very machine, or holds the token."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from flask import Response, request
from flask.typing import ResponseReturnValue

from provider.web.context import settings

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


def monitors() -> ResponseReturnValue | None:
    """A door: loopback, or the bearer token of METRICS_TOKEN."""
    if _by_token() or _from_here():
        return None
    return Response("Not for you.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")


def _by_token() -> bool:
    token = settings().metrics_token
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    if token is None or kind.lower() != "bearer":
        return False
    return hmac.compare_digest(sent.strip().encode(), token.get_secret_value().encode())


def _from_here() -> bool:
    """Asked on this machine, by nobody's proxy: behind one that is not trusted everybody comes from loopback."""
    if settings().trusted_proxies == 0 and any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
