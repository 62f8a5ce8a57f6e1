"""POST /api/v1/referrals under 16 clients, against a bare Flask and SQLAlchemy one-row insert: same server, same
database, alternating rounds. Prints the ratio, and what one referral costs in queries and rows.

``python -m benchmarks.intake [--rounds 5] [--requests 300] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from benchmarks.servers import Request, as_json, drive, gunicorn
from config import ROOT, Settings
from provider import create_app
from provider.kernel.database import db
from scripts.pgbox import throw_away_postgres
from tests.builders import World, build_world, referral_body

SECRETS = {
    "PROVIDER_ENV": "test",
    "SECRET_KEY": "b" * 32,
    "DATA_KEYS": "b" * 32,
    "API_RATE_LIMIT": "100000000",
}
NAMES = ("Aoife", "Kwame", "Priya", "Oluwaseun", "Bethan", "Callum", "Zoe", "Imran", "Tyrone", "Chloe")


def referral_requests(world: World, count: int) -> list[Request]:
    """Referrals of people who were never referred before."""
    headers = {"Authorization": f"Bearer {world.keys['midshire']}", "Content-Type": "application/json"}
    return [_referral_request(headers, uuid.uuid4()) for _ in range(count)]


def _referral_request(headers: dict[str, str], number: uuid.UUID) -> Request:
    digits = number.int
    person = {
        "given_name": NAMES[digits % len(NAMES)],
        "family_name": "".join(chr(97 + int(digit, 16)) for digit in number.hex[:10]).title(),
        "date_of_birth": f"{1960 + digits % 45}-{1 + digits // 7 % 12:02d}-{1 + digits // 91 % 28:02d}",
        "mobile": f"07700 900{digits % 1000:03d}",
    }
    body = referral_body(
        person=person, occurred_at="2026-11-20T21:40:00+00:00", agreement={"at": "2026-11-20T21:45:00+00:00"}
    )
    return Request("/api/v1/referrals", as_json(body), {**headers, "Idempotency-Key": str(uuid.uuid4())})


def bare_requests(count: int) -> list[Request]:
    body = as_json(referral_body())
    return [Request("/rows", body, {"Content-Type": "application/json"})] * count


def measure(engine: str, url: str, bare_url: str, *, rounds: int, requests: int) -> None:
    settings = {**SECRETS, "DATABASE_URL": url, "BARE_DATABASE_URL": bare_url}
    os.environ.update(settings)
    app = create_app(Settings())
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    world = build_world(app)
    with (
        gunicorn("provider:create_app()", settings) as ours,
        gunicorn("benchmarks.bare_app:create_bare_app()", settings) as bare,
    ):
        drive(ours, referral_requests(world, 64), expect=201)
        drive(bare, bare_requests(64), expect=201)
        pairs = [
            (
                drive(ours, referral_requests(world, requests), expect=201),
                drive(bare, bare_requests(requests), expect=201),
            )
            for _ in range(rounds)
        ]
    _print(engine, pairs)
    _print_cost(engine, app, world)


def _print(engine: str, pairs: list[tuple[float, float]]) -> None:
    ours, bare = statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"{engine}: referrals {ours:.0f}/s, bare one-row insert {bare:.0f}/s, ratio {ratio:.2f}")


def _print_cost(engine: str, app: Flask, world: World) -> None:
    """Queries and rows of one referral, counted in process."""
    client, request = app.test_client(), referral_requests(world, 1)[0]
    client.post("/api/v1/referrals", data=referral_requests(world, 1)[0].body, headers=request.headers)
    request = referral_requests(world, 1)[0]
    with app.app_context(), counted(db.engine) as statements:
        answer = client.post(request.path, data=request.body, headers=dict(request.headers))
    assert answer.status_code == 201, answer.text
    rows = sum(count for statement, count in statements.items() if statement.startswith("INSERT"))
    print(f"{engine}: one referral costs {sum(statements.values())} statements, {rows} of them inserts:")
    for statement, count in sorted(statements.items()):
        print(f"    {count} × {statement}")


@contextmanager
def counted(engine: sa.Engine) -> Iterator[Counter[str]]:
    seen: Counter[str] = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen[" ".join(statement.split())[:70]] += 1

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    if given.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            urls = [f"sqlite:///{Path(folder) / name}" for name in ("ours.db", "bare.db")]
            measure("sqlite", urls[0], urls[1], rounds=given.rounds, requests=given.requests)
    if given.only != "sqlite":
        with throw_away_postgres(durable=True) as url, nullcontext():
            measure("postgresql", url, url, rounds=given.rounds, requests=given.requests)


if __name__ == "__main__":
    main()
