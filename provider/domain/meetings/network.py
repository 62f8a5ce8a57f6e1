"""Chooses where people join."""

from __future__ import annotations

from config import Settings
from provider.domain.meetings.gateways import MeetingGateway, PlainLink
from provider.domain.meetings.zoom import Zoom


def meeting_gateway_for(settings: Settings) -> MeetingGateway:
    """Zoom where the settings name an application of its, else the link that is typed for a session."""
    secret = settings.zoom_client_secret
    if settings.zoom_account_id is None or settings.zoom_client_id is None or secret is None:
        return PlainLink()
    return Zoom(
        account_id=settings.zoom_account_id,
        client_id=settings.zoom_client_id,
        client_secret=secret.get_secret_value(),
        base_url=settings.zoom_api_base_url,
    )
