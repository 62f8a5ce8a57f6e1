"""The peer of the intake benchmark: Flask and SQLAlchemy, one JSON body in, one row stored, one JSON body out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "bare_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[dict[str, object]] = mapped_column(sa.JSON)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


def create_bare_app() -> Flask:
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BARE_DATABASE_URL"]
    database = SQLAlchemy(app, metadata=Base.metadata)
    with app.app_context():
        if database.engine.dialect.name == "sqlite":
            _as_fast_as_sqlite_goes(database.engine)
        Base.metadata.create_all(database.engine)

    @app.post("/rows")
    def add() -> ResponseReturnValue:
        body = request.get_json()
        row = Row(name=body["person"]["family_name"], body=body, at=datetime.now(UTC))
        database.session.add(row)
        database.session.commit()
        return jsonify({"id": row.id}), 201

    return app


def _as_fast_as_sqlite_goes(engine: sa.Engine) -> None:
    """The same journal and waiting as the product's: without them 16 writers mostly fail."""

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
