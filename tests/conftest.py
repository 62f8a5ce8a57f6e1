"""One application a test process, one freshly migrated database a test, on the engine that TEST_DATABASE_URL names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from config import ROOT, Settings
from provider import create_app
from provider.kernel.database import Base, db
from tests.fakes import A_TUESDAY, MovableClock, Phones

SECRETS = {
    "secret_key": "s" * 32,
    "data_keys": "k" * 32,
    "twilio_auth_token": "twilio-token",
    "zoom_webhook_secret": "zoom",
}


def settings_for(url: str, **more: Any) -> Settings:
    values: dict[str, Any] = {"provider_env": "test", "database_url": url, "public_url": "http://localhost"}
    return Settings(**{**values, **SECRETS, **more})


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """A database of this test process alone: a file, or one made on the server that TEST_DATABASE_URL names."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.db'}"
        return
    url = sa.make_url(server)
    name = f"provider_test_{worker_id}_{os.getpid()}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    yield url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(scope="session")
def migrated_app(database_url: str) -> Flask:
    app = create_app(settings_for(database_url), clock=MovableClock(), text_gateway=Phones(MovableClock()))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()
    if database_url.startswith("sqlite"):
        path = Path(sa.make_url(database_url).database or "")
        with sa.create_engine(database_url).connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(path, path.with_suffix(".template"))
    return app


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(A_TUESDAY)


@pytest.fixture
def phones(clock: MovableClock) -> Phones:
    return Phones(clock)


@pytest.fixture
def app(migrated_app: Flask, clock: MovableClock, phones: Phones) -> Iterator[Flask]:
    migrated_app.extensions["clock"] = clock
    migrated_app.extensions["text_gateway"] = phones
    empty(migrated_app)
    yield migrated_app
    with migrated_app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def engine_name(app: Flask) -> str:
    with app.app_context():
        return db.engine.dialect.name


def empty(app: Flask) -> None:
    """Nothing but the schema is left in the database."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()
            path = Path(db.engine.url.database or "")
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            shutil.copy(path.with_suffix(".template"), path)
            return
        with db.engine.begin() as connection:
            connection.execute(sa.text(_emptying()))


@cache
def _emptying() -> str:
    """Deleting the few rows of a test takes a tenth of what truncating every table does; triggers stand aside."""
    tables = [table.name for table in Base.metadata.sorted_tables]
    keyed = [table.name for table in Base.metadata.sorted_tables if table.autoincrement_column is not None]
    return ";".join(
        [
            "SET LOCAL session_replication_role = replica",
            *(f'DELETE FROM "{name}"' for name in tables),
            *(f'ALTER SEQUENCE "{name}_id_seq" RESTART' for name in keyed),
        ]
    )
