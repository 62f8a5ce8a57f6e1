"""What is missing stops the start, by whichever way it is started."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from config import ROOT
from provider import create_app
from provider.kernel.database import db
from tests.conftest import settings_for

OURS = ("SECRET_KEY", "DATA_KEYS", "DATABASE_URL", "PROVIDER_ENV")
WAYS = {
    "flask": ("-m", "flask", "--app", "provider", "db", "upgrade"),
    "gunicorn": ("-m", "gunicorn", "provider:create_app()", "--bind", "127.0.0.1:0", "--no-control-socket"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_missing_secret_stops_the_start_with_its_name(way: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    done = subprocess.run(
        [sys.executable, *WAYS[way]],
        env={**environment, "DATA_KEYS": "a" * 32},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stdout + done.stderr
    assert "a" * 32 not in done.stdout + done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_a_host_name_that_says_what_no_text_may_say_stops_the_start(way: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    secrets = {
        "SECRET_KEY": "a" * 32,
        "DATA_KEYS": "b" * 32,
        "DATABASE_URL": "sqlite://",
        "PROVIDER_ENV": "test",
    }
    done = subprocess.run(
        [sys.executable, *WAYS[way]],
        env={**environment, **secrets, "PUBLIC_URL": "https://drug-diversion.example"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "PUBLIC_URL: “drug” stands in its host name" in done.stdout + done.stderr


def test_what_is_loaded_before_the_workers_part_has_no_connection_and_no_thread_to_share(
    database_url: str,
) -> None:
    threads = threading.enumerate()
    app = create_app(settings_for(database_url))
    with app.app_context():
        pool = db.engine.pool
        assert isinstance(pool, sa.QueuePool)
        assert (pool.checkedin(), pool.checkedout()) == (0, 0)
    assert threading.enumerate() == threads
