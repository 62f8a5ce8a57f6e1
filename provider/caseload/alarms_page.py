"""Alarms as the desk shows them: what is wrong, since when, who is to act and what they can do. Names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.domain.alarms.kinds import ADMINISTRATOR, KINDS
from provider.domain.alarms.models import Alarm
from provider.domain.messaging.worded import WordedAs
from provider.domain.schemes.models import Scheme
from provider.kernel.actors import SYSTEM
from provider.kernel.database import Base, db

MOST_ENDED = 50
NO_WORKER = timedelta(minutes=2)
NO_WORKER_KIND = "no_worker"


@dataclass(frozen=True)
class AlarmLine:
    """``id`` is None for what is seen at this moment and written nowhere. ``stopped``: nothing goes out in its words.

    ``words_of`` is the scheme whose words it is about, ``kind_of_text`` and ``language`` which of them.
    """

    id: int | None
    what: str
    to_do: str
    who: str
    times: int
    raised_at: datetime | None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    stopped: bool = False
    by_hand: bool = False
    words_of: int | None = None
    kind_of_text: str | None = None
    language: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True)
class AlarmsPage:
    """Those that stand, the newest first, and the last that ended."""

    standing: tuple[AlarmLine, ...]
    ended: tuple[AlarmLine, ...]


@dataclass(frozen=True)
class Banner:
    """What nobody sees to yet, for one role: the first of it in words, and how many more there are."""

    first: str
    more: int


def alarms_page(*, now: datetime) -> AlarmsPage:
    """Five queries."""
    standing = db.session.scalars(sa.select(Alarm).where(Alarm.ended_at.is_(None)).order_by(Alarm.id.desc()))
    ended = db.session.scalars(
        sa.select(Alarm).where(Alarm.ended_at.is_not(None)).order_by(Alarm.id.desc()).limit(MOST_ENDED)
    )
    found = [*standing, *ended]
    schemes = _schemes()
    seen_by = names_of(
        f"account:{alarm.acknowledged_by_id}" for alarm in found if alarm.acknowledged_by_id is not None
    )
    ended_by = names_of(alarm.ended_by for alarm in found if alarm.ended_by)
    lines = [_line(alarm, schemes, {**seen_by, **ended_by}) for alarm in found]
    return AlarmsPage(
        standing=(*_no_worker(now), *(line for line in lines if line.ended_at is None)),
        ended=tuple(line for line in lines if line.ended_at is not None),
    )


def banner(role: str, *, now: datetime) -> Banner | None:
    """What this role is to see to and nobody does yet; None where there is nothing. One query."""
    mine = [kind for kind, of in KINDS.items() if of.who == role]
    beats = Base.metadata.tables["worker_heartbeats"]
    latest = sa.select(sa.func.max(beats.c.at).label("at")).subquery()
    rows = db.session.execute(
        sa.select(latest.c.at, Alarm.kind, Alarm.about)
        .select_from(latest)
        .outerjoin(
            Alarm, sa.and_(Alarm.ended_at.is_(None), Alarm.acknowledged_at.is_(None), Alarm.kind.in_(mine))
        )
        .order_by(Alarm.id)
    ).all()
    standing = [(row.kind, row.about) for row in rows if row.kind is not None]
    if role == ADMINISTRATOR and _is_gone(rows[0].at, now):
        standing.insert(0, (NO_WORKER_KIND, ""))
    standing.sort(key=lambda alarm: not KINDS[alarm[0]].somebody_at_risk)
    found = [KINDS[kind].what.format(about=_plainly(about)) for kind, about in standing]
    return Banner(found[0], len(found) - 1) if found else None


def _plainly(about: str) -> str:
    """A wording by its kind; the page says of which scheme."""
    return WordedAs.read(about).kind.replace("_", " ") if about.count(":") > 1 else about


def _is_gone(beat: datetime | None, now: datetime) -> bool:
    return beat is None or now - beat > NO_WORKER


def _no_worker(now: datetime) -> tuple[AlarmLine, ...]:
    """Said here and not by a job: there is nobody to run it."""
    beats = Base.metadata.tables["worker_heartbeats"]
    beat = db.session.scalar(sa.select(sa.func.max(beats.c.at)))
    of = KINDS[NO_WORKER_KIND]
    return (AlarmLine(None, of.what, of.to_do, of.who, 1, beat),) if _is_gone(beat, now) else ()


def _schemes() -> Mapping[int, str]:
    return {row.id: row.name for row in db.session.execute(sa.select(Scheme.id, Scheme.name))}


def _line(alarm: Alarm, schemes: Mapping[int, str], names: Mapping[str, str]) -> AlarmLine:
    of, words = KINDS[alarm.kind], None
    about = alarm.about
    if alarm.kind == "words_filtered":
        words = WordedAs.read(alarm.about)
        about = f"{words.kind.replace('_', ' ')}, {schemes.get(words.scheme_id, 'a scheme')}"
    return AlarmLine(
        id=alarm.id,
        what=of.what.format(about=about),
        to_do=of.to_do,
        who=of.who,
        times=alarm.times,
        raised_at=alarm.raised_at,
        acknowledged_by=names.get(f"account:{alarm.acknowledged_by_id}"),
        acknowledged_at=alarm.acknowledged_at,
        stopped=alarm.stopped_at is not None,
        by_hand=of.ended_by_hand,
        words_of=words.scheme_id if words else None,
        kind_of_text=words.kind if words else None,
        language=words.language if words else None,
        ended_at=alarm.ended_at,
        ended_by=None if alarm.ended_by in (None, str(SYSTEM)) else names.get(alarm.ended_by or ""),
    )
