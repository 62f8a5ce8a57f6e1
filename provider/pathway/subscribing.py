"""A force says where its events are to be sent, from which on again, signed by what secret, and where no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provider.domain.accounts.secrets import SecretBox
from provider.domain.audit.trail import record
from provider.domain.compliance import replaying
from provider.domain.compliance.feed import number
from provider.domain.compliance.replaying import Start
from provider.domain.forces import endpoints, rotating
from provider.domain.forces.models import WebhookEndpoint
from provider.kernel.actors import Actor


@dataclass(frozen=True)
class Subscribed:
    """An endpoint and its new signing secret, which is shown once."""

    public_id: str
    url: str
    state: str
    secret: str


def subscribe(
    force_id: int, endpoint: endpoints.NewEndpoint, *, box: SecretBox, by: Actor, now: datetime
) -> Subscribed:
    """Send a force's events there from now on: what happened before is numbered first. Raises TooManyEndpoints."""
    number(force_id)
    secret = endpoints.new_secret()
    made = endpoints.add_endpoint(force_id, url=endpoint.url, sealed_secret=box.seal(secret), now=now)
    record("endpoint.added", "endpoint", made.id, by=by, now=now)
    return _shown(made, secret)


def unsubscribe(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> None:
    """Send nothing more there; the feed still has everything."""
    endpoints.remove_endpoint(endpoint, now=now)
    record("endpoint.removed", "endpoint", endpoint.id, by=by, now=now)


def ask_for_test(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> None:
    """Have a test notice sent soon; one that gets through makes the endpoint active again."""
    endpoints.ask_for_test(endpoint, now=now)
    record("endpoint.tested", "endpoint", endpoint.id, by=by, now=now)


def change_secret(endpoint: WebhookEndpoint, *, box: SecretBox, by: Actor, now: datetime) -> Subscribed:
    """Give an endpoint a new secret; the old one signs beside it for 24 hours. Raises SecretChangedAlready."""
    secret = endpoints.new_secret()
    rotating.change_secret(endpoint, box.seal(secret), now=now)
    record("endpoint.secret_changed", "endpoint", endpoint.id, by=by, now=now)
    return _shown(endpoint, secret)


def end_old_secret(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> None:
    """Sign with the new secret alone, at once."""
    rotating.end_old_secret(endpoint)
    record("endpoint.old_secret_ended", "endpoint", endpoint.id, by=by, now=now)


def place_of(start: Start, *, endpoint: WebhookEndpoint) -> int | None:
    """The place in the feed that a replay begins at; None where the force has no such event.

    What was not taken yet is never skipped: a later start means the oldest of those.
    """
    waiting = endpoint.delivered_through + 1
    if start.event is not None:
        found = replaying.sequence_of(start.event, force_id=endpoint.force_id)
        return None if found is None else min(found, waiting)
    if start.moment is not None:
        return min(replaying.first_since(start.moment, force_id=endpoint.force_id), waiting)
    return replaying.FIRST


def events_from(place: int, *, endpoint: WebhookEndpoint) -> int:
    """How many events are sent when an endpoint is sent everything from there on."""
    return replaying.next_sequence(endpoint.force_id) - place


def replay(endpoint: WebhookEndpoint, place: int, *, by: Actor, now: datetime) -> None:
    """Send everything from a place in the feed on again, in order, under the ids that it had; also where the endpoint
    is failing or disabled."""
    endpoints.send_from(endpoint, place, now=now)
    record("endpoint.replayed", "endpoint", endpoint.id, by=by, now=now, sequence=place)


def try_again(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> None:
    """Send what waits at once, as if nothing had failed before."""
    endpoints.send_from(endpoint, None, now=now)
    record("endpoint.tried_again", "endpoint", endpoint.id, by=by, now=now)


def _shown(endpoint: WebhookEndpoint, secret: str) -> Subscribed:
    return Subscribed(endpoint.public_id, endpoint.url, endpoint.state, secret)
