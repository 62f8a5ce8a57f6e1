"""The application on a new, empty database of each engine, for benchmarks that need no server in front of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from config import ROOT, Settings
from provider import create_app
from provider.kernel.database import db
from scripts.pgbox import throw_away_postgres


def each_engine(*, only: str | None = None, **more: Any) -> Iterator[tuple[str, Flask]]:
    """Name and application, one engine after the other; durable, as in production. Gone once the next is asked for.

    ``more`` are settings.
    """
    for engine in ("sqlite", "postgresql"):
        if only in (None, engine):
            with ExitStack() as stack:
                app = _application(_url(engine, stack), **more)
                yield engine, app
                with app.app_context():
                    db.session.remove()
                    db.engine.dispose()


def _url(engine: str, stack: ExitStack) -> str:
    if engine == "postgresql":
        return stack.enter_context(throw_away_postgres(durable=True))
    return f"sqlite:///{Path(stack.enter_context(tempfile.TemporaryDirectory())) / 'provider.db'}"


def _application(url: str, **more: Any) -> Flask:
    settings: dict[str, Any] = {
        "provider_env": "test",
        "secret_key": "b" * 32,
        "data_keys": "b" * 32,
        "twilio_auth_token": "b",
        "zoom_webhook_secret": "b",
        "database_url": url,
        "public_url": "http://localhost",
        "api_rate_limit": 100_000_000,
        **more,
    }
    app = create_app(Settings(**settings))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    return app
