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
def migrated_app(database_url: str) -> Iterator[Flask]:
    app = create_app(settings_for(database_url), clock=MovableClock(), text_gateway=Phones(MovableClock()))
    with app.app_context():
        careless(db.engine)
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()
    if database_url.startswith("sqlite"):
        _keep_template(database_url)
    yield app
    with app.app_context():
        db.engine.dispose()


def _keep_template(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    path = Path(sa.make_url(url).database or "")
    shutil.copy(path, path.with_suffix(".template"))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(A_TUESDAY)


@pytest.fixture
def phones(clock: MovableClock) -> Phones:
    return Phones(clock)


@pytest.fixture
def app(migrated_app: Flask, clock: MovableClock, phones: Phones) -> Flask:
    migrated_app.extensions["clock"] = clock
    migrated_app.extensions["text_gateway"] = phones
    empty(migrated_app)
    return migrated_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def engine_name(app: Flask) -> str:
    with app.app_context():
        return db.engine.dialect.name


def careless(engine: sa.Engine) -> None:
    """What a crash of the machine would lose does not matter here: SQLite waits for no disk, as pgbox's server does."""
    if engine.dialect.name == "sqlite":
        sa.event.listen(
            engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close()
        )


def empty(app: Flask) -> None:
    """Nothing but the schema is left in the database.

    On PostgreSQL connections stay, as they do in production, and with them the statements it has prepared.
    """
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
    """Deleting the few rows of a test takes a tenth of what truncating every table does; triggers stand aside.

    A number that is set costs next to nothing; ``RESTART`` writes every sequence a new file.
    """
    tables = [table.name for table in Base.metadata.sorted_tables]
    keyed = [table.name for table in Base.metadata.sorted_tables if table.autoincrement_column is not None]
    return ";".join(
        [
            "SET LOCAL session_replication_role = replica",
            *(f'DELETE FROM "{name}"' for name in tables),
            "SELECT " + ", ".join(f"setval('{name}_id_seq', 1, false)" for name in keyed),
        ]
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
