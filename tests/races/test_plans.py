"""What is asked most often is answered by an index: planned by PostgreSQL beside 20,000 rows that are over and done."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from provider.caseload.my_day import my_day
from provider.caseload.own_calendar import own_calendar
from provider.domain.compliance import feed
from provider.domain.messaging import dispatch
from provider.kernel.database import Base, db, transaction
from provider.pathway import offering
from tests.builders import World, build_world
from tests.fakes import MovableClock
from tests.pathway.walking import Walk

MANY = 20_000
OVER: dict[str, dict[str, str]] = {
    "cases": {"closed_at": "now()"},
    "texts": {"public_id": "'t' || n", "once_key": "'t' || n", "state": "'delivered'"},
    "compliance_events": {"public_id": "'e' || n", "sequence": "1000 + n"},
    "waiting_list": {"left_at": "now()"},
    "appointments": {
        "state": "'attended'",
        "replaced_by_id": "NULL::bigint",
        "starts_at": "starts_at - n * interval '1 hour'",
    },
    "tasks": {"done_at": "now()"},
}
"""By table: how a copy of its row differs, as SQL over ``n``, so that nothing waits for it any more."""


@pytest.fixture
def world(app: Flask, clock: MovableClock, engine_name: str) -> World:
    """One person on the waiting list, and a table full of those before them."""
    if engine_name != "postgresql":
        pytest.skip("SQLite's planner counts no rows")
    world = build_world(app)
    walk = Walk(world, clock)
    with app.app_context():
        referral = walk.referred()
        walk.spoken_to(referral)
        walk.booked(referral)
        walk.assessed(referral)
        walk.waiting(referral)
        with transaction():
            # What is over is laid down as it would stand by now; triggers keep events from being written numbered.
            db.session.connection().execute(sa.text("SET LOCAL session_replication_role = replica"))
            for table in OVER:
                db.session.connection().execute(sa.text(_many(Base.metadata.tables[table])))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
    return world


def _many(table: sa.Table) -> str:
    names = [column.name for column in table.columns if column.name != "id"]
    values = ", ".join(OVER[table.name].get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    one = f"(SELECT * FROM {table.name} ORDER BY id LIMIT 1) AS one"
    return f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM {one}, generate_series(1, {MANY}) AS n"


def asked_by(act: Callable[[], Any]) -> list[tuple[str, Any]]:
    """Every SELECT that something sends, with its values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sent


def read_whole(statement: str, values: Any) -> set[str]:
    """The big tables that the plan of a statement reads from end to end."""
    with db.engine.connect() as connection:
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values))
    return set(re.findall(r"Seq Scan on (\w+)", plan)) & OVER.keys()


@pytest.mark.parametrize(
    "what", ["due texts", "a page of the feed", "unnumbered", "my day", "next in line", "own calendar"]
)
def test_what_is_asked_most_often_reads_no_table_whole(
    world: World, app: Flask, clock: MovableClock, what: str
) -> None:
    force, worker, now = world.forces["midshire"], world.accounts["drug_worker"], clock.now()
    acts: dict[str, Callable[[], Any]] = {
        "due texts": lambda: dispatch.due_texts(limit=24, now=now),
        "a page of the feed": lambda: feed.page(force, after=feed.cursor(15_000, force_id=force), limit=100),
        "unnumbered": lambda: feed.has_unnumbered(force),
        "my day": lambda: my_day(worker, reader_id=worker, reader_leads=True, now=now),
        "own calendar": lambda: own_calendar(worker, now=now),
        "next in line": lambda: offering.next_in_line(world.courses["awareness"], not_cases=()),
    }
    with app.app_context(), transaction():
        asked = asked_by(acts[what])
        assert asked
        assert {
            statement: whole for statement, values in asked if (whole := read_whole(statement, values))
        } == {}


def test_one_that_reads_a_table_whole_is_noticed(world: World, app: Flask) -> None:
    with app.app_context():
        assert read_whole("SELECT id FROM texts WHERE body = %(words)s", {"words": "these"}) == {"texts"}
