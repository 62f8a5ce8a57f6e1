"""A signing secret is changed without an hour in which nobody can check a notice: for a day both sign."""

from __future__ import annotations

from datetime import datetime, timedelta

from provider.domain.forces.models import WebhookEndpoint
from provider.kernel.database import db
from provider.kernel.errors import Refusal

BOTH_SIGN = timedelta(hours=24)


class SecretChangedAlready(Refusal):
    code = "secret_changed_already"
    sentence = "The secret was changed less than 24 hours ago, and the old one still signs. End the old one, or wait."


def change_secret(endpoint: WebhookEndpoint, sealed_secret: str, *, now: datetime) -> None:
    """Sign with this secret from now on, and for 24 hours with the old one too. Raises SecretChangedAlready."""
    db.session.refresh(endpoint, with_for_update=True)
    if old_secret_until(endpoint, now=now) is not None:
        raise SecretChangedAlready
    endpoint.previous_secret, endpoint.previous_secret_until = endpoint.secret, now + BOTH_SIGN
    endpoint.secret = sealed_secret


def end_old_secret(endpoint: WebhookEndpoint) -> None:
    """Sign with the newest secret alone, from the next notice on."""
    endpoint.previous_secret = endpoint.previous_secret_until = None


def old_secret_until(endpoint: WebhookEndpoint, *, now: datetime) -> datetime | None:
    """Until when the old secret signs too; None where only one does."""
    until = endpoint.previous_secret_until
    return until if until is not None and until > now else None
