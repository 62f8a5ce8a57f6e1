"""Settings, each with what it is for and what is the matter with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr

from config import Settings
from provider.commands.checks.finding import Finding, State
from provider.domain.messaging.forbidden import forbidden_in, forbidden_in_host
from provider.domain.messaging.senders import is_sender

Fault = tuple[State, str]
SHORTEST_SECRET = 32
_TWILIO = ("twilio_account_sid", "twilio_auth_token", "twilio_messaging_service_sid", "twilio_from")
_ZOOM = ("zoom_account_id", "zoom_client_id", "zoom_client_secret", "zoom_webhook_secret")


def settings_findings(settings: Settings) -> Iterator[Finding]:
    """One finding for each setting, in the order in which they stand in ``config.py``."""
    for name, info in Settings.model_fields.items():
        fault = _LOOKS.get(name, _nothing)(settings)
        state, what = fault or _plain(getattr(settings, name))
        words = f"{what}. " if what else ""
        yield Finding(
            name.upper(),
            state,
            f"{words}{(info.description or '')[:1].upper()}{(info.description or '')[1:]}",
        )


def _plain(value: object) -> Fault:
    return (State.MISSING, "") if value in (None, "") else (State.OK, "")


def _nothing(_settings: Settings) -> Fault | None:
    return None


def _secret(name: str) -> Callable[[Settings], Fault | None]:
    def look(settings: Settings) -> Fault | None:
        value = getattr(settings, name)
        secrets = _words_of(value).split(",")
        if any(len(secret.strip()) < SHORTEST_SECRET for secret in secrets):
            return State.DOUBTFUL, f"Shorter than {SHORTEST_SECRET} characters"
        return None

    return look


def _words_of(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def _database(settings: Settings) -> Fault | None:
    if settings.production and settings.database_url.startswith("sqlite"):
        return State.DOUBTFUL, "SQLite: one machine only, and no copy elsewhere"
    return None


def _public_url(settings: Settings) -> Fault | None:
    parts = urlsplit(settings.public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return State.WRONG, "This is no address"
    words = forbidden_in_host(parts.hostname)
    if words:
        return State.WRONG, f"“{words[0]}” stands in it, and it stands in every text"
    if settings.production and (parts.scheme != "https" or parts.hostname in ("localhost", "127.0.0.1")):
        return State.WRONG, "Not an https address that people can reach"
    return None


def _service_name(settings: Settings) -> Fault | None:
    words = forbidden_in(settings.service_name)
    return (
        (State.WRONG, f"“{words[0][1]}” stands in it, and pages show it to whoever looks on")
        if words
        else None
    )


def _twilio(settings: Settings) -> Fault | None:
    """All of it or none: half a set-up sends nothing."""
    given = [name for name in _TWILIO if getattr(settings, name)]
    if settings.twilio_configured:
        return None
    if settings.production:
        return State.WRONG, "Twilio is not set up, so no text leaves"
    whole = not given or given == ["twilio_auth_token"]
    return None if whole else (State.WRONG, f"Twilio is half set up: {', '.join(given).upper()} alone")


def _zoom(settings: Settings) -> Fault | None:
    keys = [name for name in _ZOOM[:3] if getattr(settings, name)]
    whole = not keys or len(keys) == 3
    return None if whole else (State.WRONG, f"Zoom is half set up: {', '.join(keys).upper()} alone")


def _zoom_webhook(settings: Settings) -> Fault | None:
    """Without it what Zoom tells is not believed: its report, after the session, is all there is."""
    by_zoom = all(getattr(settings, name) for name in _ZOOM[:3])
    if by_zoom and settings.zoom_webhook_secret is None:
        return State.DOUBTFUL, "Who joins is not seen while a session runs"
    return None


def _zoom_address(settings: Settings) -> Fault | None:
    """A token is as good as the account: it goes to Zoom alone, and never in the open."""
    parts = urlsplit(settings.zoom_api_base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return State.WRONG, "This is no address"
    if settings.production and parts.scheme != "https":
        return State.WRONG, "Our secret for Zoom would go there in the open"
    if settings.production and parts.hostname != "api.zoom.us":
        return State.DOUBTFUL, "Meetings are not asked of Zoom itself"
    return None


def _metrics(settings: Settings) -> Fault | None:
    return (State.MISSING, "Only this machine can read /metrics") if settings.metrics_token is None else None


def _redact(settings: Settings) -> Fault | None:
    """Where there is no Twilio there is nothing to take from it."""
    if settings.twilio_redact or not settings.twilio_configured:
        return None
    return State.DOUBTFUL, "What people were told and answered stays at Twilio"


def _only_the_sender(settings: Settings) -> Fault | None:
    """Either of two says who sends."""
    other = settings.twilio_messaging_service_sid or settings.twilio_from
    if other and not is_sender(other):
        return State.WRONG, "Nothing can be sent by that"
    return (State.OK, "") if settings.twilio_configured and other else _twilio(settings)


_LOOKS: Mapping[str, Callable[[Settings], Fault | None]] = {
    "secret_key": _secret("secret_key"),
    "data_keys": _secret("data_keys"),
    "database_url": _database,
    "public_url": _public_url,
    "service_name": _service_name,
    "twilio_account_sid": _twilio,
    "twilio_auth_token": _twilio,
    "twilio_messaging_service_sid": _only_the_sender,
    "twilio_from": _only_the_sender,
    "twilio_redact": _redact,
    "zoom_account_id": _zoom,
    "zoom_client_id": _zoom,
    "zoom_client_secret": _zoom,
    "zoom_webhook_secret": _zoom_webhook,
    "zoom_api_base_url": _zoom_address,
    "metrics_token": _metrics,
}
