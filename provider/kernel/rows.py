"""Many rows handed to the database as one value, in a statement that is the same however many there are: made once,
compiled once, prepared once.

A statement reads them from ``given``; whoever runs it passes ``handed`` with the rows themselves.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from provider.kernel.database import Base, dialect_name

ROWS = "rows"


def given(model: type[Base], *names: str, dialect: str) -> sa.Select[*tuple[Any, ...]]:
    """The rows, selected: these columns of the model, in the order in which they are handed over."""
    columns = [model.__table__.c[name] for name in names]
    rows = sa.bindparam(ROWS, type_=sa.Text())
    if dialect == "postgresql":
        record = sa.func.jsonb_to_recordset(sa.cast(rows, postgresql.JSONB()))
        typed = [sa.column(column.name, column.type) for column in columns]
        return sa.select(*record.table_valued(*typed).render_derived(with_types=True).c)
    value = sa.func.json_each(rows).table_valued("value").c.value
    # True of every row: without a WHERE, SQLite takes what follows in an INSERT (ON CONFLICT) for a join's.
    return sa.select(*(_member(value, column) for column in columns)).where(value.is_not(None))


def _member(value: sa.ColumnElement[Any], column: sa.ColumnElement[Any]) -> sa.Label[Any]:
    return sa.type_coerce(sa.func.json_extract(value, f"$.{column.key}"), column.type).label(column.key)


def among(column: sa.SQLColumnExpression[Any], ids: Collection[int]) -> sa.ColumnElement[bool]:
    """Whether a column is one of many ids: said the same to PostgreSQL however many they are."""
    if dialect_name() == "postgresql":
        return column == sa.any_(sa.literal(list(ids), postgresql.ARRAY(sa.BigInteger())))
    return column.in_(ids)


def handed(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The rows as a statement that reads them from ``given`` is told of them. ValueError for a naive moment."""
    moment = _moment if dialect_name() == "postgresql" else _moment_on_sqlite
    return {ROWS: json.dumps(rows, default=moment, ensure_ascii=False)}


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment without an offset was about to be stored")
    return value.isoformat()


def _moment_on_sqlite(value: datetime) -> str:
    _moment(value)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
