"""A page of 500 from the end of a force's 1,000,000 events against the first one, through the whole API in alternating
rounds; and what numbering costs where nearly all is numbered. Prints the ratio.

``python -m benchmarks.feed [--events 1000000] [--rounds 40] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.databases import each_engine
from provider.domain.compliance import delivery, feed
from provider.kernel.database import db, transaction
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY

PAGE = 500
AT_ONCE = 200_000


def lay_down(world: World, known: Known, how_many: int) -> None:
    """The force's events, written unnumbered and then numbered, as the triggers want it, but many at a time."""
    with world.app.app_context():
        tell(world, known)
        for start in range(1, how_many, AT_ONCE):
            with transaction() as session:
                more = min(AT_ONCE, how_many - start)
                session.connection().execute(sa.text(_copies()), {"first": start, "last": start + more - 1})
        with transaction() as session:
            session.connection().execute(sa.text("UPDATE compliance_events SET sequence = id"))
            moved = sa.text("UPDATE forces SET next_sequence = :next WHERE id = :force")
            session.connection().execute(moved, {"next": how_many + 1, "force": world.forces["midshire"]})
        with db.engine.connect() as connection:
            tidy = "VACUUM ANALYZE" if db.engine.dialect.name == "postgresql" else "ANALYZE"
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text(tidy))


def _copies() -> str:
    columns = [
        column.name for column in db.metadata.tables["compliance_events"].columns if column.name != "id"
    ]
    values = ["'evt_' || n" if name == "public_id" else name for name in columns]
    return (
        "WITH RECURSIVE counted(n) AS "
        "(SELECT CAST(:first AS INTEGER) UNION ALL SELECT n + 1 FROM counted WHERE n < :last) "
        f"INSERT INTO compliance_events ({', '.join(columns)}) SELECT {', '.join(values)} "
        "FROM counted, (SELECT * FROM compliance_events ORDER BY id LIMIT 1) AS one"
    )


def tell(world: World, known: Known, times: int = 1) -> None:
    compliance = {
        "level": "none",
        "outcome": "open",
        "may_reoffer": True,
        "bar_until": None,
        "rule": "divert-adult v1",
    }
    told = feed.Told("referral.accepted", known.reference, "20/1/26", "divert-adult", compliance)
    with transaction():
        for _ in range(times):
            feed.publish(
                told,
                force_id=world.forces["midshire"],
                referral_id=known.referral_id,
                occurred_at=A_TUESDAY,
                now=A_TUESDAY,
            )


def page(client: FlaskClient, key: str, after: str | None) -> None:
    """Asked as a police system does: key, rate limit, numbering, page, audit, answer."""
    path = f"/api/v1/compliance-events?limit={PAGE}" + (f"&after={after}" if after else "")
    answer = client.get(path, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    assert len(answer.get_json()["events"]) == PAGE


def milliseconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return (time.perf_counter() - start) * 1000


def measure(engine: str, app: Flask, world: World, known: Known, *, events: int, rounds: int) -> None:
    client, key, force_id = app.test_client(), world.keys["midshire"], world.forces["midshire"]
    first = partial(page, client, key, None)
    last = partial(page, client, key, feed.cursor(events - PAGE, force_id=force_id))
    for _ in range(3):
        first(), last()
    pairs = [(milliseconds(first), milliseconds(last)) for _ in range(rounds)]
    ratio = statistics.median(last for _, last in pairs) / statistics.median(first for first, _ in pairs)
    print(
        f"{engine}, {events:,} events: a page of {PAGE} from the beginning"
        f" {statistics.median(one for one, _ in pairs):.1f} ms,"
        f" from the end {statistics.median(one for _, one in pairs):.1f} ms, ratio {ratio:.2f}"
    )
    with app.app_context():
        _print_numbering(engine, world, known, force_id)


def _print_numbering(engine: str, world: World, known: Known, force_id: int) -> None:
    """Beside all that has its number: asking whether there is something to number, and numbering."""
    quiet = statistics.median(milliseconds(partial(feed.has_unnumbered, force_id)) for _ in range(50))
    forces = statistics.median(milliseconds(delivery.forces_to_number) for _ in range(50))
    db.session.rollback()
    took = []
    for how_many in (1, PAGE):
        tell(world, known, how_many)
        with transaction():
            took.append(milliseconds(partial(feed.number, force_id)))
    print(
        f"{engine}: anything to number {quiet:.2f} ms, which forces {forces:.2f} ms,"
        f" numbering one event {took[0]:.1f} ms, {PAGE} events {took[1]:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for engine, app in each_engine(only=given.only):
        world = build_world(app)
        known = add_case(world)
        lay_down(world, known, given.events)
        measure(engine, app, world, known, events=given.events, rounds=given.rounds)


if __name__ == "__main__":
    main()
