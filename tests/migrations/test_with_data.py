"""Every migration runs over a database that holds something, and loses none of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade

from config import ROOT
from provider import create_app
from provider.kernel.database import UtcDateTime, db
from tests.conftest import settings_for

FIRST = "0001"
WORDS: dict[tuple[str, str], object] = {
    ("phone_numbers", "state"): "good",
    ("working_patterns", "until_minute"): 2,
    ("courses", "age_from"): 18,
}
"""What stands where a later migration checks what is there."""

RENAMED = {"appointment_cells": "diary_cells"}
"""What is called otherwise by now."""


@pytest.fixture
def empty_database(database_url: str, tmp_path: Path) -> Iterator[str]:
    """A database that no migration has touched."""
    url = sa.make_url(database_url)
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    name = f"{url.database}_old"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    yield url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def old(empty_database: str) -> Iterator[Flask]:
    """The application on a database as the first migration left it."""
    app = create_app(settings_for(empty_database))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"), revision=FIRST)
        yield app
        db.session.remove()
        db.engine.dispose()


def test_what_was_in_every_table_is_there_after_the_last_migration(old: Flask) -> None:
    with db.engine.begin() as connection:
        tables = _fill_every_table(connection)
        before = _counts(connection, tables)
    upgrade(directory=str(ROOT / "migrations"))
    with db.engine.connect() as connection:
        assert _counts(connection, tables) == {RENAMED.get(name, name): rows for name, rows in before.items()}


def test_a_key_that_works_gets_a_place_and_one_that_ended_none(old: Flask) -> None:
    keys = (("first", None), ("ended", "2026-01-02"), ("second", "2999-01-01"))
    with db.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO forces (id, code, name, next_sequence, created_at) "
                "VALUES (1, 'x', 'X', 1, '2026-01-01')"
            )
        )
        for name, ends_at in keys:
            connection.execute(
                sa.text(
                    "INSERT INTO api_keys (force_id, name, prefix, key_hash, scopes, created_at, ends_at) "
                    "VALUES (1, :name, :name, :name, '[]', '2026-01-01', :ends_at)"
                ).bindparams(sa.bindparam("ends_at", type_=sa.Date())),
                {"name": name, "ends_at": date.fromisoformat(ends_at) if ends_at else None},
            )
    upgrade(directory=str(ROOT / "migrations"))
    with db.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT name, place FROM api_keys ORDER BY id")).all()
    assert [tuple(row) for row in found] == [("first", 1), ("ended", None), ("second", 2)]


def test_a_phone_that_others_see_stays_one_whose_texts_have_no_name(old: Flask) -> None:
    with db.engine.begin() as connection:
        tables = {table.name: table for table in _tables(connection)}
        connection.execute(tables["people"].insert().values(_row(tables["people"])))
        numbers = tables["phone_numbers"]
        for seen in (True, False):
            others = {"seen_by_others": seen, "ended_at": sa.func.now(), "person_id": 1, "id": 1 + seen}
            connection.execute(numbers.insert().values({**_row(numbers), **others}))
    upgrade(directory=str(ROOT / "migrations"))
    with db.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT who_sees FROM phone_numbers ORDER BY id")).scalars().all()
    assert found == [None, "others_fine"]


def test_calls_that_are_booked_are_numbered_by_the_day_in_london(old: Flask) -> None:
    """Half past eleven at night in July is the next day in London."""
    moments = ("2026-07-01T22:15:00", "2026-07-01T23:30:00", "2026-07-02T09:00:00", "2026-07-02T10:00:00")
    with db.engine.begin() as connection:
        tables = {table.name: table for table in _fill_every_table(connection)}
        for number, at in enumerate(moments, start=10):
            starts_at = datetime.fromisoformat(at).replace(tzinfo=UTC)
            case = {**_row(tables["cases"]), "id": number, "closed_at": starts_at}
            connection.execute(tables["cases"].insert().values(case))
            row = {"id": number, "case_id": number, "starts_at": starts_at}
            row["state"] = "moved" if number == 13 else "booked"
            connection.execute(
                tables["appointments"].insert().values({**_row(tables["appointments"]), **row})
            )
    upgrade(directory=str(ROOT / "migrations"))
    with db.engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT appointment_id, day, number FROM calls_of_day ORDER BY appointment_id")
        )
        assert [(row[0], str(row[1]), row[2]) for row in found] == [
            (10, "2026-07-01", 1),
            (11, "2026-07-02", 1),
            (12, "2026-07-02", 2),
        ]


def test_where_a_call_is_booked_in_a_session_the_session_keeps_the_time(old: Flask) -> None:
    """Two calls of one worker, the first in their session's last quarter hour; and another worker's."""
    upgrade(directory=str(ROOT / "migrations"), revision="0032")
    with db.engine.begin() as connection:
        tables = {table.name: table for table in _tables(connection)}
        for name in ("forces", "schemes", "people", "courses"):
            connection.execute(tables[name].insert().values({**_row(tables[name])}))
        for number in (1, 2):
            row = {**_row(tables["accounts"]), "id": number, "email": f"{number}@provider.example"}
            connection.execute(tables["accounts"].insert().values(row))
        connection.execute(tables["cases"].insert().values(_row(tables["cases"])))
        connection.execute(tables["sessions"].insert().values(_row(tables["sessions"])))
        connection.execute(tables["appointments"].insert().values(_row(tables["appointments"])))
        for cell in (10, 11):
            held = {"account_id": 1, "cell": cell, "session_id": 1}
            connection.execute(tables["facilitator_cells"].insert().values(held))
        for worker_id, cell in ((1, 11), (1, 12), (2, 11)):
            taken = {"worker_id": worker_id, "cell": cell, "appointment_id": 1}
            connection.execute(tables["appointment_cells"].insert().values(taken))
    upgrade(directory=str(ROOT / "migrations"))
    with db.engine.connect() as connection:
        found = connection.execute(
            sa.text(
                "SELECT worker_id, cell, appointment_id, session_id FROM diary_cells ORDER BY worker_id, cell"
            )
        )
        assert [tuple(row) for row in found] == [
            *((1, 10, None, 1), (1, 11, None, 1), (1, 12, 1, None)),
            (2, 11, 1, None),
        ]
        assert connection.execute(sa.text("SELECT count(*) FROM appointments")).scalar_one() == 1


def test_a_session_that_was_there_has_not_been_moved_since_it_is_counted(old: Flask) -> None:
    with db.engine.begin() as connection:
        _fill_every_table(connection)
    upgrade(directory=str(ROOT / "migrations"))
    with db.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT times_moved, moved_at FROM sessions")).all()
    assert [tuple(row) for row in found] == [(0, None)]


def test_accounts_that_were_there_may_have_one_calendar_link_each_that_works(old: Flask) -> None:
    def add(token: str, ended_at: datetime | None = None) -> None:
        with db.engine.begin() as connection:
            row = {"token": token, "at": datetime(2026, 1, 2, tzinfo=UTC), "ended_at": ended_at}
            connection.execute(
                sa.text(
                    "INSERT INTO calendar_links (account_id, token_hash, made_at, ended_at) "
                    "SELECT id, :token, :at, :ended_at FROM accounts"
                ).bindparams(
                    sa.bindparam("at", type_=UtcDateTime()), sa.bindparam("ended_at", type_=UtcDateTime())
                ),
                row,
            )

    with db.engine.begin() as connection:
        _fill_every_table(connection)
    upgrade(directory=str(ROOT / "migrations"))
    add("ended", datetime(2026, 1, 3, tzinfo=UTC))
    add("works")
    with pytest.raises(sa.exc.IntegrityError):
        add("one too many")


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    assert len(scripts.get_heads()) == 1
    assert [script.revision for script in scripts.walk_revisions()][-1] == FIRST


def _fill_every_table(connection: sa.Connection) -> list[sa.Table]:
    """A row in every table, made from the column types alone: foreign keys point at the rows just made."""
    tables = _tables(connection)
    for table in tables:
        connection.execute(table.insert().values(_row(table)))
    return tables


def _tables(connection: sa.Connection) -> list[sa.Table]:
    reflected = sa.MetaData()
    reflected.reflect(connection)
    return [table for table in reflected.sorted_tables if table.name != "alembic_version"]


def _row(table: sa.Table) -> dict[str, object]:
    return {
        column.name: WORDS.get((table.name, column.name), _value(column))
        for column in table.columns
        if not column.nullable or column.primary_key
    }


def _value(column: sa.Column[object]) -> object:
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.DateTime):
        return sa.func.now()
    if isinstance(kind, sa.Date):
        return sa.func.current_date()
    if isinstance(kind, sa.JSON):
        return {}
    return 1 if isinstance(kind, sa.Integer | sa.Numeric) else "x"


def _counts(connection: sa.Connection, tables: list[sa.Table]) -> dict[str, int]:
    there = {table.name for table in _tables(connection)}
    names = [table.name if table.name in there else RENAMED[table.name] for table in tables]
    return {
        name: connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
        for name in names
    }
