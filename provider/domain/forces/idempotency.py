"""The first answer to a request, kept so that sending the same again gives the same again.

The row is inserted in the transaction of the request itself: a twin that is still in flight waits for it at the
unique key, and a request that is refused leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from provider.domain.forces.models import IdempotencyKey
from provider.kernel.database import db, dialect_name, gave_up_waiting, insert_or
from provider.kernel.errors import Refusal

KEPT = timedelta(days=30)
PATIENCE = 5
"""Seconds that a twin waits: to be given to ``transaction(wait=…)``, for SQLite's one writer."""

_TABLE = IdempotencyKey.metadata.tables[IdempotencyKey.__tablename__]


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    sentence = "This Idempotency-Key came with another request before. Use a new one."


class InFlight(Refusal):
    code = "idempotency_in_flight"
    sentence = "A request with this Idempotency-Key is still being answered. Try again in a moment."


@dataclass(frozen=True)
class Request:
    """One force's request under one key; ``hash`` stands for what is asked."""

    force_id: int
    key: str
    hash: str


@dataclass(frozen=True)
class FirstAnswer:
    status: int
    body: dict[str, Any]
    location: str | None


def request_hash(operation: str, body: object) -> str:
    """What is compared: the operation and the parsed body, however it was spaced or ordered."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{operation}\n{canonical}".encode()).hexdigest()


def claim(request: Request, *, now: datetime) -> FirstAnswer | None:
    """Take the key for this request, or answer what its twin was answered. Needs ``transaction(wait=PATIENCE)``.

    Waits for a twin in flight. Raises InFlight where that takes too long, KeyReused where the twin asked for
    something else.
    """
    try:
        taken = db.session.execute(_insert(dialect_name()), _row_of(request, now)).first() is not None
    except OperationalError as error:
        if gave_up_waiting(error):
            raise InFlight from error
        raise
    return None if taken or _take_over(request, now) else _compared(_row(request), request)


def first_answer(request: Request, *, now: datetime) -> FirstAnswer | None:
    """What was answered before, if anything was; reads only. Raises KeyReused."""
    row = _row(request)
    return None if row is None or row.created_at <= now - KEPT else _compared(row, request)


def keep(request: Request, answer: FirstAnswer) -> None:
    """Keep the answer with the key that was claimed, in the same transaction."""
    db.session.execute(
        _KEEP,
        {
            "of_force": request.force_id,
            "of_key": request.key,
            "status": answer.status,
            "answer": answer.body,
            "location": answer.location,
        },
    )


def forget_answers(*, now: datetime) -> None:
    """Remove what has been kept long enough. Needs a transaction."""
    db.session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT))


@cache
def _insert(dialect: str) -> sa.Executable:
    """Made once. On PostgreSQL the statement itself says how long the transaction waits for a lock of another."""
    names = ("force_id", "key", "request_hash", "created_at")
    row = sa.select(*(sa.bindparam(name, type_=_TABLE.c[name].type) for name in names))
    if dialect == "postgresql":
        row = row.where(sa.func.set_config("lock_timeout", f"{PATIENCE}s", True).is_not(None))
    else:
        row = row.where(sa.true())  # without a WHERE, SQLite takes ON CONFLICT for the ON of a join
    statement = insert_or(IdempotencyKey, dialect=dialect).from_select(names, row)
    return statement.on_conflict_do_nothing().returning(_TABLE.c.id)


def _row_of(request: Request, now: datetime) -> dict[str, Any]:
    return {
        "force_id": request.force_id,
        "key": request.key,
        "request_hash": request.hash,
        "created_at": now,
    }


def _take_over(request: Request, now: datetime) -> bool:
    """A key kept for its full time is free again, also before a job has removed it."""
    taken = db.session.execute(
        sa.update(IdempotencyKey)
        .where(
            IdempotencyKey.force_id == request.force_id,
            IdempotencyKey.key == request.key,
            IdempotencyKey.created_at <= now - KEPT,
        )
        .values(request_hash=request.hash, created_at=now, status=None, answer=None, location=None)
        .returning(IdempotencyKey.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _row(request: Request) -> IdempotencyKey | None:
    return db.session.scalars(
        sa.select(IdempotencyKey)
        .where(IdempotencyKey.force_id == request.force_id, IdempotencyKey.key == request.key)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _compared(row: IdempotencyKey | None, request: Request) -> FirstAnswer:
    if row is None:
        raise InFlight  # removed by a job in this very moment
    if row.request_hash != request.hash:
        raise KeyReused
    return FirstAnswer(row.status or 200, row.answer or {}, row.location)


_KEEP = (
    sa.update(_TABLE)
    .where(_TABLE.c.force_id == sa.bindparam("of_force"), _TABLE.c.key == sa.bindparam("of_key"))
    .values(
        {name: sa.bindparam(name, type_=_TABLE.c[name].type) for name in ("status", "answer", "location")}
    )
)
"""Made once: this runs in every request that makes something."""
