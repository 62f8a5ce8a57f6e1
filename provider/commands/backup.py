"""``flask --app provider backup``: a copy of the records, marked so that a restored one sends nothing by itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess  # nosec B404
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import with_appcontext

from provider.commands.door import now, plainly, settings
from provider.kernel.database import db


def register(app: Flask) -> None:
    app.cli.add_command(backup)


@click.command("backup")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path | None) -> None:
    """Copy the records to FILE while the service runs.

    The copy is paused: where it is restored, nothing is sent until somebody starts a worker with --resume.
    """
    url = sa.make_url(settings().database_url)
    sqlite = url.get_backend_name() == "sqlite"
    moment = now()
    file = file or Path(f"backup-{moment:%Y%m%dT%H%M%SZ}{'.db' if sqlite else '.sql'}")
    if file.exists():
        raise click.ClickException(f"{file} is there already.")
    beside = file.with_name(file.name + ".new")
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with plainly():
            (copy_sqlite if sqlite else copy_postgresql)(url, beside, now=moment)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    click.echo(f"Copied to {file}, for your eyes only. It is paused: worker --resume where it is restored.")


def copy_sqlite(url: sa.URL, file: Path, *, now: datetime) -> None:
    """By SQLite's online backup: readers and writers go on meanwhile."""
    db.session.rollback()
    with closing(sqlite3.connect(url.database or "")) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        with target:
            target.execute(
                "INSERT OR REPLACE INTO installation VALUES (1, ?)", (f"{now:%Y-%m-%d %H:%M:%S.%f}",)
            )
        fine = target.execute("PRAGMA integrity_check").fetchone()[0]
    if fine != "ok":
        raise click.ClickException(f"The copy is not sound: {fine}")


def copy_postgresql(url: sa.URL, file: Path, *, now: datetime) -> None:
    """By pg_dump, as SQL for psql; the last line marks the copy as paused."""
    program = shutil.which("pg_dump")
    if program is None:
        raise click.ClickException("pg_dump is not on this machine: install PostgreSQL's client programs.")
    with file.open("wb") as target:
        done = subprocess.run(  # noqa: S603  # nosec B603
            [program, "--no-owner", "--no-privileges"],
            stdout=target,
            stderr=subprocess.PIPE,
            env=_environment(url),
            check=False,
        )
        if done.returncode:
            raise click.ClickException(f"pg_dump: {done.stderr.decode(errors='replace').strip()}")
        target.write(
            f"\nINSERT INTO public.installation (id, paused_at) VALUES (1, '{now.isoformat()}') "
            "ON CONFLICT (id) DO UPDATE SET paused_at = excluded.paused_at;\n".encode()  # nosec B608
        )


def _environment(url: sa.URL) -> Mapping[str, str]:
    """Where to connect, for libpq: a password given on the command line could be read by anybody on the machine."""
    host = url.host or url.query.get("host")
    given = {
        "PGHOST": host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {**os.environ, **{name: str(value) for name, value in given.items() if value}}
