"""Settings, read once from the environment; everything that is missing is named at once.

Each field's description is what ``flask --app provider doctor`` prints about it.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

import click
import sqlalchemy as sa
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent


class SettingsMissing(click.ClickException):
    """Raised at start: its message names every setting that is missing or wrong.

    The command line prints it and ends with 1. It is no SystemExit: that would end a gunicorn worker only, which its
    master would start again for ever.
    """


class Settings(BaseSettings):
    """What differs between one installation and another. Secrets never have a default."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    provider_env: Literal["production", "demo", "test"] = Field(
        "production", description="production unless said; demo shows the text sandbox and demo data"
    )
    database_url: str = Field(
        f"sqlite:///{ROOT / 'instance' / 'provider.db'}",
        description="where the records are kept; postgresql+psycopg://… in production",
    )
    secret_key: SecretStr = Field(description="signs cookies and forms; 32 random bytes or more")
    data_keys: SecretStr = Field(
        description="encrypts webhook and second-factor secrets; several, newest first, by comma, while rotating"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="the address people and machines reach us by"
    )
    service_name: str = Field("Waymark", description="the neutral name on every page")
    twilio_account_sid: str | None = Field(
        None, description="Twilio account; without it texts go to the sandbox"
    )
    twilio_auth_token: SecretStr | None = Field(
        None, description="signs Twilio's callbacks and our calls to it"
    )
    twilio_messaging_service_sid: str | None = Field(
        None, description="the messaging service that texts go out by"
    )
    twilio_from: str | None = Field(None, description="the sender, where there is no messaging service")
    twilio_api_base_url: str = Field(
        "https://api.twilio.com", description="a test host can stand in for Twilio"
    )
    twilio_redact: bool = Field(
        True, description="take the words of texts and replies from Twilio once they are over; on unless said"
    )
    texts_a_second: float | None = Field(
        None,
        gt=0,
        description="what one sender may send; 100 by a messaging service, 10 by a number",
    )
    text_pence: Decimal = Field(
        Decimal(4),
        ge=0,
        le=100,
        description="what one part of a text costs, in pence; shown where texts are worded",
    )
    zoom_account_id: str | None = Field(
        None, description="Zoom account; without it sessions use a plain link"
    )
    zoom_client_id: str | None = Field(None, description="Zoom server-to-server application")
    zoom_client_secret: SecretStr | None = Field(None, description="its secret")
    zoom_webhook_secret: SecretStr | None = Field(None, description="signs Zoom's webhooks")
    zoom_api_base_url: str = Field("https://api.zoom.us", description="a test host can stand in for Zoom")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="how many proxies in front of us set X-Forwarded-*"
    )
    metrics_token: SecretStr | None = Field(None, description="bearer token for /metrics from other machines")
    api_rate_limit: int = Field(600, gt=0, description="API requests a minute for one key")

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: str) -> str:
        try:
            sa.make_url(url).get_dialect().import_dbapi()
        except (sa.exc.ArgumentError, ImportError):
            raise ValueError("this names no database that we can speak to") from None
        return url

    @property
    def production(self) -> bool:
        return self.provider_env == "production"

    @property
    def demo(self) -> bool:
        return self.provider_env == "demo"

    @property
    def twilio_configured(self) -> bool:
        return bool(
            self.twilio_account_sid
            and self.twilio_auth_token
            and (self.twilio_messaging_service_sid or self.twilio_from)
        )


def read_settings() -> Settings:
    """Settings from the environment. Raises SettingsMissing naming every missing or wrong one, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        names = sorted({str(fault["loc"][0]).upper() for fault in error.errors()})
        lines = (f"{name:<29} {Settings.model_fields[name.lower()].description}" for name in names)
        raise SettingsMissing("\n".join([f"Missing or wrong settings: {', '.join(names)}", *lines])) from None
