"""Where a force wants its events sent: added, listed, tested, moved back, removed. Delivery is compliance's work."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import Field

from provider.domain.forces.models import Force, WebhookEndpoint
from provider.kernel.addresses import is_host, may_be_public
from provider.kernel.database import db
from provider.kernel.errors import FieldError, Invalid, Refusal
from provider.kernel.fields import NotBlank, OneLine
from provider.kernel.parsing import Body, parse

MOST = 10
HTTPS, FIRST_FREE_PORT = 443, 1024
"""Ports below belong to other services, that a posted body could be mistaken for a command by."""

_PLAIN = re.compile(r"[!-\[\]-~]+", re.ASCII)
"""Visible ASCII without the backslash, which some read as a slash."""


class TooManyEndpoints(Refusal):
    code = "too_many_endpoints"
    sentence = f"There are {MOST} endpoints already. Remove one before you add another."


class NewEndpoint(Body):
    """An address that a force's events are to be sent to."""

    url: Annotated[str, NotBlank, Field(max_length=2000, json_schema_extra={"format": "uri"}), OneLine]


def parse_endpoint(body: object, *, public_only: bool) -> NewEndpoint:
    """``body`` as a new endpoint. ``public_only``: https alone, and no address that is known not to be public.

    Raises Invalid. What a name resolves to is looked at whenever something is sent, not here.
    """
    endpoint = parse(NewEndpoint, body)
    fault = _fault(endpoint.url, public_only=public_only)
    if fault:
        raise Invalid([FieldError("/url", "invalid", fault)])
    return endpoint


def _fault(url: str, *, public_only: bool) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "This is no address that can be sent to."
    if parts.scheme not in ({"https"} if public_only else {"https", "http"}):
        return "This must be an https address."
    if "@" in parts.netloc or parts.fragment or not _PLAIN.fullmatch(url) or not is_host(host):
        return "This must be a plain address: a host, perhaps a port, a path and a query."
    if public_only and not may_be_public(host):
        return "This must be an address on the public network."
    if port is not None and not (port == HTTPS or port >= FIRST_FREE_PORT or (port > 0 and not public_only)):
        return f"This must be port {HTTPS}, or one from {FIRST_FREE_PORT} on."
    return None


def new_secret() -> str:
    """A signing secret as Standard Webhooks writes it: 256 bits in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def add_endpoint(force_id: int, *, url: str, sealed_secret: str, now: datetime) -> WebhookEndpoint:
    """Add an endpoint: it is sent what happens from now on. Raises TooManyEndpoints."""
    next_sequence = db.session.scalars(
        sa.select(Force.next_sequence).where(Force.id == force_id).with_for_update(key_share=True)
    ).one()
    if len(endpoints_of(force_id)) >= MOST:
        raise TooManyEndpoints
    endpoint = WebhookEndpoint(
        public_id="whe_" + secrets.token_hex(12),
        force_id=force_id,
        url=url,
        secret=sealed_secret,
        state="active",
        delivered_through=next_sequence - 1,
        created_at=now,
    )
    db.session.add(endpoint)
    db.session.flush()
    return endpoint


def endpoints_of(force_id: int) -> Sequence[WebhookEndpoint]:
    """A force's endpoints, oldest first."""
    return db.session.scalars(
        sa.select(WebhookEndpoint)
        .where(WebhookEndpoint.force_id == force_id, WebhookEndpoint.removed_at.is_(None))
        .order_by(WebhookEndpoint.id)
    ).all()


def find_endpoint(public_id: str, *, force_id: int) -> WebhookEndpoint | None:
    return db.session.scalars(
        sa.select(WebhookEndpoint).where(
            WebhookEndpoint.public_id == public_id,
            WebhookEndpoint.force_id == force_id,
            WebhookEndpoint.removed_at.is_(None),
        )
    ).one_or_none()


def remove_endpoint(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Nothing more is sent there; what was sent stays on record."""
    endpoint.removed_at = now


def ask_for_test(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Have a test notice sent by the next run of the delivery job. One that gets through makes the endpoint active."""
    endpoint.test_asked_at = now


def send_from(endpoint: WebhookEndpoint, sequence: int | None, *, now: datetime) -> None:
    """Send from this sequence on, or from the oldest that was not taken, at once and whatever the endpoint's state.

    What was not taken yet is never skipped. Whoever is sending to it just now ends their turn when they see that it
    was moved.
    """
    db.session.refresh(endpoint, with_for_update=True)
    if sequence is not None:
        endpoint.delivered_through = min(endpoint.delivered_through, sequence - 1)
    endpoint.state, endpoint.tries, endpoint.next_try_at = "active", 0, now
