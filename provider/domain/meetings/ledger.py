"""Keeps what is told of who was in a meeting: once each, as it was told. Nothing in it credits anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from provider.domain.meetings.models import MeetingJoin, MeetingRun
from provider.domain.meetings.stays import Fact, Source, Stay, stays_of
from provider.kernel.database import db, insert_or


def keep_told(session_id: int, facts: Iterable[Fact], *, now: datetime) -> int:
    """Keep what machines told; what is here already stays as it is. Answers how many were new. Needs a transaction.

    The ids of the facts are not looked at: they come to be here.
    """
    rows = [_row(session_id, fact, now=now) for fact in facts]
    if not rows:
        return 0
    kept = insert_or(MeetingJoin).values(rows).on_conflict_do_nothing(index_elements=["session_id", "digest"])
    return len(db.session.scalars(kept.returning(MeetingJoin.id)).all())


def note_run(
    session_id: int,
    run: str,
    *,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    """A meeting was started, or was over. Told twice it is as it was told first. Needs a transaction."""
    statement = insert_or(MeetingRun).values(
        session_id=session_id, run=run, started_at=started_at, ended_at=ended_at
    )
    first = {
        name: sa.func.coalesce(getattr(MeetingRun, name), statement.excluded[name])
        for name in ("started_at", "ended_at")
    }
    db.session.execute(statement.on_conflict_do_update(index_elements=["session_id", "run"], set_=first))


def joins_of(session_id: int) -> Sequence[MeetingJoin]:
    """Everything that was told of a session's meeting, in the order it came."""
    found = sa.select(MeetingJoin).where(MeetingJoin.session_id == session_id).order_by(MeetingJoin.id)
    return db.session.scalars(found).all()


def stays_from(joins: Iterable[MeetingJoin], *, ended: Mapping[str, datetime]) -> tuple[Stay, ...]:
    """The stays that come of what was told."""
    return stays_of((_fact(join) for join in joins), ended=ended)


def ended_runs(session_id: int) -> dict[str, datetime]:
    """When each run of a session's meeting was over, of those that are."""
    rows = db.session.execute(
        sa.select(MeetingRun.run, MeetingRun.ended_at).where(
            MeetingRun.session_id == session_id, MeetingRun.ended_at.is_not(None)
        )
    )
    return {run: ended_at for run, ended_at in rows if ended_at is not None}


def _fact(join: MeetingJoin) -> Fact:
    return Fact(
        id=join.id,
        source=cast("Source", join.source),
        name=join.shown_name,
        original_name=join.original_name,
        email=join.email,
        registrant=join.registrant,
        run=join.run,
        connection=join.connection,
        joined_at=join.joined_at,
        left_at=join.left_at,
        minutes=join.minutes,
        waiting_room=join.waiting_room,
    )


def _row(session_id: int, fact: Fact, *, now: datetime) -> dict[str, object]:
    return {
        "session_id": session_id,
        "digest": _digest(fact),
        "source": fact.source,
        "shown_name": fact.name,
        "original_name": fact.original_name,
        "email": fact.email,
        "registrant": fact.registrant,
        "run": fact.run,
        "connection": fact.connection,
        "joined_at": fact.joined_at,
        "left_at": fact.left_at,
        "minutes": fact.minutes,
        "waiting_room": fact.waiting_room,
        "imported_at": now,
    }


def _digest(fact: Fact) -> str:
    """By the device and the moment, not by the name: somebody who renames themselves is told of again."""
    who = fact.connection or fact.registrant or fact.email or fact.name
    said = (fact.source, fact.run, who, fact.joined_at, fact.left_at, fact.waiting_room)
    return hashlib.sha256("\x1f".join(map(str, said)).encode()).hexdigest()
