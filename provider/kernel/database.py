"""The one database: its session, the base of every model, and the one place that commits.

``transaction()`` is opened once per request or job item, at the edge. Outside it the session only reads: a flush or a
bulk statement there raises, so that a forgotten transaction is found by the first test that runs the code.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept in UTC. A naive datetime is a bug and is refused on the way in."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without an offset was about to be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

Id = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]


class Base(DeclarativeBase):
    """Base of every model. Relationships do not exist between packages; inside one they load only when asked."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        date: sa.Date(),
        int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        dict[str, Any]: Json,
        list[str]: Json,
        list[dict[str, Any]]: Json,
    }


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def belongs_to(table: str, *, nullable: bool = False, index: bool = True) -> Mapped[Any]:
    """A foreign key to ``table.id`` named without importing the model: packages of the domain are strangers."""
    return mapped_column(BigId, sa.ForeignKey(f"{table}.id"), nullable=nullable, index=index)


SQLITE_WAITS = 15
_sqlite_writer = threading.Lock()
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_waiting: ContextVar[int | None] = ContextVar("waiting", default=None)
_by_itself: ContextVar[bool] = ContextVar("by_itself", default=False)


@contextmanager
def transaction(*, wait: int | None = None) -> Iterator[Session]:
    """One unit of work: everything inside is committed together, or nothing is.

    Ends any open read first, so that what was read before is read again inside. Never nests. ``wait`` is how many
    seconds it waits to become SQLite's one writer; then the database's OperationalError is raised. On PostgreSQL a
    statement that waits says so itself.
    """
    if _writing.get():
        raise RuntimeError("transaction() does not nest: it is opened once, at the edge")
    session: Session = db.session()
    session.rollback()
    with _queued(wait):
        token = _writing.set(True)
        waiting = _waiting.set(wait)
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            _writing.reset(token)
            _waiting.reset(waiting)


@contextmanager
def _queued(wait: int | None) -> Iterator[None]:
    """One writer a process on SQLite: its threads queue here instead of asking the file again and again, which
    starves some of them while others go first. PostgreSQL queues by itself.
    """
    if dialect_name() != "sqlite":
        yield
        return
    if not _sqlite_writer.acquire(timeout=wait or SQLITE_WAITS):
        raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
    try:
        yield
    finally:
        _sqlite_writer.release()


@contextmanager
def each_by_itself(*, wait: int | None = None) -> Iterator[Session]:
    """Every statement inside is committed by itself, as it is done: for counts that no later *no* takes back.

    On PostgreSQL it is one round trip a statement, where a transaction would make three of it. Never nests.
    """
    if _writing.get():
        raise RuntimeError("each_by_itself() stands before a transaction(), never in one")
    session: Session = db.session()
    session.rollback()
    options = {"isolation_level": "AUTOCOMMIT"} if dialect_name() == "postgresql" else {}
    with _queued(wait):
        writing, waiting, by_itself = _writing.set(True), _waiting.set(wait), _by_itself.set(True)
        try:
            session.connection(execution_options=options)
            yield session
        finally:
            session.rollback()
            _writing.reset(writing)
            _waiting.reset(waiting)
            _by_itself.reset(by_itself)


def require_transaction() -> None:
    """Raise where a change is about to be made outside ``transaction()``."""
    if not _writing.get():
        raise RuntimeError("a change outside transaction()")


def prepare_engine(engine: sa.Engine) -> None:
    """Give SQLite what PostgreSQL has by itself: foreign keys, readers beside a writer, writers that queue.

    Reads begin DEFERRED and ``transaction()`` begins IMMEDIATE: a read that turns into a write fails at once when
    another writer came between, and IMMEDIATE for all would deadlock one thread that holds two connections.
    """
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _connect_to_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)


def _connect_to_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", _busy(SQLITE_WAITS)):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_on_sqlite(connection: sa.Connection) -> None:
    if not _writing.get():
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA {_busy(_waiting.get() or SQLITE_WAITS)}")
    if not _by_itself.get():
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _busy(seconds: int) -> str:
    return f"busy_timeout={seconds * 1000}"


@event.listens_for(Session, "before_flush")
def _flush_only_in_a_transaction(session: Session, _context: Any, _instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        require_transaction()


@event.listens_for(Session, "do_orm_execute")
def _change_only_in_a_transaction(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        require_transaction()


def take_turns(key: str, *, together: bool = False) -> None:
    """Let one transaction at a time work on what ``key`` names, until it ends; those that are there ``together`` let
    each other in, and nobody else.

    SQLite's writers take turns anyway; PostgreSQL is asked for an advisory lock.
    """
    require_transaction()
    if db.session.get_bind().dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock_shared if together else sa.func.pg_advisory_xact_lock
        db.session.execute(sa.select(lock(sa.func.hashtextextended(key, 0))))


def one_unclaimed(thing_id: int, numbers: Sequence[int]) -> sa.Select[int]:
    """Selects the first of the numbers of a thing that no other transaction has selected so and not ended; or none.

    It keeps those apart who reach at once, and proves nothing: what must be unique is said by an index. SQLite's
    writers take turns, so that there nobody else reaches.
    """
    if dialect_name() == "sqlite":
        return one_number(numbers[0])
    number = sa.func.unnest(sa.cast(numbers, postgresql.ARRAY(sa.Integer))).column_valued("number")
    unclaimed = sa.func.pg_try_advisory_xact_lock(sa.cast(thing_id, sa.Integer), number)
    return sa.select(number).where(unclaimed).limit(1)


def one_number(number: int) -> sa.Select[int]:
    """Selects this number. SQLite takes ON for a join's where no WHERE stands before it."""
    return sa.select(sa.literal(number).label("number")).where(sa.true())


def gave_up_waiting(error: DBAPIError) -> bool:
    """Whether the database stopped waiting for a lock of somebody else: PostgreSQL's 55P03, SQLite's *locked*."""
    return getattr(error.orig, "sqlstate", None) == "55P03" or "locked" in str(error.orig)


def insert_or(model: type[Base], *, dialect: str | None = None) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that may say what happens where the row is there already (``on_conflict_do_…``), on either engine."""
    table = model.metadata.tables[model.__tablename__]
    return postgresql.insert(table) if (dialect or dialect_name()) == "postgresql" else sqlite.insert(table)


def dialect_name() -> str:
    """The engine in use: ``postgresql`` or ``sqlite``."""
    return db.session.get_bind().dialect.name
