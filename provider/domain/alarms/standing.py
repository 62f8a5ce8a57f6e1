"""Raises alarms, once each, and ends them. The database keeps one of a kind and about while it stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from provider.domain.alarms.models import Alarm
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, insert_or


def standing() -> Sequence[Alarm]:
    """Every alarm that has not ended, the oldest first. Reads only."""
    return db.session.scalars(sa.select(Alarm).where(Alarm.ended_at.is_(None)).order_by(Alarm.id)).all()


def ended_by_people(kinds: Collection[str]) -> dict[tuple[str, str], datetime]:
    """When somebody last said of a kind and about that it is put right."""
    rows = db.session.execute(
        sa.select(Alarm.kind, Alarm.about, sa.func.max(Alarm.ended_at))
        .where(Alarm.kind.in_(kinds), Alarm.ended_at.is_not(None), Alarm.ended_by != str(SYSTEM))
        .group_by(Alarm.kind, Alarm.about)
    )
    return {(kind, about): at for kind, about, at in rows if at is not None}


def raise_alarm(kind: str, *, about: str, times: int, now: datetime) -> int | None:
    """Raise one; answers its id, or None where it stands already. Needs a transaction."""
    row = {"kind": kind, "about": about, "times": times, "raised_at": now, "last_at": now}
    raised = (
        insert_or(Alarm)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["kind", "about"], index_where=Alarm.ended_at.is_(None))
        .returning(Alarm.id)
    )
    return db.session.execute(raised).scalar_one_or_none()


def grows(alarm_id: int, *, times: int, now: datetime) -> None:
    """It is still so, by now so many ``times``. Needs a transaction."""
    _update(alarm_id, times=times, last_at=now)


def stop_words(alarm_id: int, *, now: datetime) -> bool:
    """Let nothing more go out in the words it is about; answers whether that is new. Needs a transaction."""
    return _update(alarm_id, Alarm.stopped_at.is_(None), stopped_at=now)


def acknowledge(alarm_id: int, *, by: Actor, now: datetime) -> bool:
    """Somebody sees to it; answers whether they are the first. Needs a transaction."""
    return _update(
        alarm_id,
        Alarm.acknowledged_at.is_(None),
        acknowledged_at=now,
        acknowledged_by_id=by.account_id,
    )


def end(alarm_id: int, *, by: Actor, now: datetime) -> bool:
    """What it is about is gone; answers whether that is new. Needs a transaction."""
    return _update(alarm_id, ended_at=now, ended_by=str(by))


def _update(alarm_id: int, *unless: sa.ColumnElement[bool], **values: object) -> bool:
    """Change one that stands; answers whether there was one to change."""
    changed = db.session.execute(
        sa.update(Alarm)
        .where(Alarm.id == alarm_id, Alarm.ended_at.is_(None), *unless)
        .values(**values)
        .returning(Alarm.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


def stopped_words() -> frozenset[str]:
    """The wordings in which nothing may go out. Reads only."""
    found = sa.select(Alarm.about).where(
        Alarm.kind == "words_filtered", Alarm.ended_at.is_(None), Alarm.stopped_at.is_not(None)
    )
    return frozenset(db.session.scalars(found))
