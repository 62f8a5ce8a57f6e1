"""A force says where its events are to be sent, and where no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provider.domain.accounts.secrets import SecretBox
from provider.domain.audit.trail import record
from provider.domain.compliance.feed import number
from provider.domain.forces import endpoints
from provider.domain.forces.models import WebhookEndpoint
from provider.kernel.actors import Actor


@dataclass(frozen=True)
class Subscribed:
    """A new endpoint and its signing secret, which is shown once."""

    public_id: str
    url: str
    secret: str


def subscribe(
    force_id: int, endpoint: endpoints.NewEndpoint, *, box: SecretBox, by: Actor, now: datetime
) -> Subscribed:
    """Send a force's events there from now on: what happened before is numbered first. Raises TooManyEndpoints."""
    number(force_id)
    secret = endpoints.new_secret()
    made = endpoints.add_endpoint(force_id, url=endpoint.url, sealed_secret=box.seal(secret), now=now)
    record("endpoint.added", "endpoint", made.id, by=by, now=now)
    return Subscribed(made.public_id, made.url, secret)


def unsubscribe(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> None:
    """Send nothing more there; the feed still has everything."""
    endpoints.remove_endpoint(endpoint, now=now)
    record("endpoint.removed", "endpoint", endpoint.id, by=by, now=now)


def ask_for_test(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> None:
    """Have a test notice sent soon; one that gets through makes the endpoint active again."""
    endpoints.ask_for_test(endpoint, now=now)
    record("endpoint.tested", "endpoint", endpoint.id, by=by, now=now)
