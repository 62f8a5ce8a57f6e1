"""Chooses what texts go out by."""

from __future__ import annotations

import sqlalchemy as sa

from config import Settings
from provider.domain.messaging.gateways import TextGateway
from provider.domain.messaging.sandbox import Sandbox
from provider.domain.messaging.twilio import Twilio
from provider.kernel.clock import Clock


def text_gateway_for(settings: Settings, *, engine: sa.Engine, clock: Clock) -> TextGateway:
    """Twilio where the settings name an account, else the sandbox."""
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        return Sandbox(engine, clock)
    sender = settings.twilio_messaging_service_sid or settings.twilio_from
    if sender is None:
        return Sandbox(engine, clock)
    return Twilio(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        sender=sender,
        base_url=settings.twilio_api_base_url,
    )
