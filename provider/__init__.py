"""The software that a provider runs its police drug-diversion work on."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import Migrate

from config import ROOT, Settings, SettingsMissing, read_settings
from provider.commands import register_commands
from provider.domain import load_models
from provider.domain.accounts.secrets import SecretBox
from provider.domain.meetings.gateways import MeetingGateway
from provider.domain.meetings.network import meeting_gateway_for
from provider.domain.messaging.forbidden import forbidden_in_host
from provider.domain.messaging.gateways import TextGateway
from provider.domain.messaging.network import text_gateway_for
from provider.jobs import load_models as load_job_models
from provider.kernel.clock import Clock, SystemClock
from provider.kernel.database import db, prepare_engine
from provider.web.app import open_doors

migrate = Migrate(directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    text_gateway: TextGateway | None = None,
    meeting_gateway: MeetingGateway | None = None,
) -> Flask:
    """The application, wired top to bottom. A test hands in its own clock and gateways."""
    settings = settings or read_settings()
    _refuse_telling_host(settings)
    app = Flask("provider", root_path=str(ROOT / "provider"), template_folder=str(ROOT / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database_url),
        SERVICE_NAME=settings.service_name,
    )
    app.extensions["settings"] = settings
    clock = clock or SystemClock()
    app.extensions["clock"] = clock
    app.extensions["secret_box"] = SecretBox(settings.data_keys.get_secret_value())
    load_models()
    load_job_models()
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        network = text_gateway or text_gateway_for(settings, engine=db.engine, clock=clock)
    migrate.init_app(app, db)
    app.extensions["text_gateway"] = network
    app.extensions["meeting_gateway"] = meeting_gateway or meeting_gateway_for(settings)
    open_doors(app, settings)
    register_commands(app)
    return app


def _refuse_telling_host(settings: Settings) -> None:
    """The link's host name stands in every text, and is held to the same words."""
    words = forbidden_in_host(urlsplit(settings.public_url).hostname or "")
    if words:
        raise SettingsMissing(f"PUBLIC_URL: “{words[0]}” stands in its host name, and so in every text")


def _engine_options(url: str) -> dict[str, object]:
    # An error's message, or a log, does not repeat whom a statement was about.
    quiet: dict[str, object] = {"hide_parameters": True}
    if url.startswith("sqlite"):
        return quiet | {"connect_args": {"timeout": 15}}
    return quiet | {"pool_size": 10, "max_overflow": 10, "pool_timeout": 10, "pool_recycle": 1800}
