"""A database with demo data: migrated and seeded, and left alone where that was done before."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import sqlalchemy as sa

from config import ROOT, Settings
from scripts.demo_settings import INSTANCE, write_private

DEMO = INSTANCE / "demo.json"
PREPARED = INSTANCE / "prepared.json"


def prepare_database(settings: Settings) -> None:
    """Migrate and seed, unless this very database was prepared by these very migrations for this address."""
    if DEMO.exists() and PREPARED.exists() and json.loads(PREPARED.read_text()) == _state(settings):
        return
    print("Preparing the database and its demo data", flush=True)
    for command in (["db", "upgrade"], ["demo"]):
        done = subprocess.run([*flask(), *command], check=False)
        if done.returncode:
            sys.exit(f"Stopped: flask {' '.join(command)} failed, as it says above.")
    write_private(PREPARED, _state(settings))


def flask() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "provider"]


def _state(settings: Settings) -> dict[str, str | None]:
    migrations = hashlib.sha256()
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        migrations.update(path.read_bytes())
    return {
        "database": hashlib.sha256(settings.database_url.encode()).hexdigest(),
        "revision": _revision(settings.database_url),
        "migrations": migrations.hexdigest(),
        "public_url": settings.public_url,
    }


def _revision(database_url: str) -> str | None:
    """Asked of the database itself: somebody may have emptied it meanwhile."""
    engine = sa.create_engine(database_url)
    try:
        with engine.connect() as connection:
            revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
            return None if revision is None else str(revision)
    except sa.exc.DBAPIError:
        return None
    finally:
        engine.dispose()
