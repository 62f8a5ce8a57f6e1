"""Who was in the meeting of a session: what Zoom reported, and whose place it may have been.

Nothing here credits anybody: a named person confirms. Restricted people are matched by their place's own address
alone, so that no suggestion says who they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.courses.matching import Certainty, Expected, suggest_matches
from provider.domain.courses.models import CourseSession, MeetingJoin, Place
from provider.domain.courses.presence import minutes_present, presence
from provider.domain.courses.queries import on_the_register
from provider.domain.courses.zoom_report import ReportRow
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case
from provider.kernel.database import db


@dataclass(frozen=True)
class Match:
    """A participant of the meeting nobody has settled yet. ``place_id`` is suggested; ``candidates`` are thinkable."""

    join_ids: tuple[int, ...]
    name: str
    original_name: str | None
    minutes: int
    at_once: bool
    certainty: Certainty
    place_id: int | None
    candidates: tuple[int, ...]
    because: str


@dataclass(frozen=True)
class Settled:
    """A participant whom a named person has settled: whose place, or nobody's on the register (None)."""

    join_ids: tuple[int, ...]
    name: str
    place_id: int | None


@dataclass(frozen=True)
class Meeting:
    """``minutes_by_place`` counts confirmed joins only. ``ran_minutes``: how long the session ran, as far as known."""

    imported: bool
    matches: tuple[Match, ...]
    settled: tuple[Settled, ...]
    minutes_by_place: dict[int, int]
    ran_minutes: int


def meeting_of(session: CourseSession) -> Meeting:
    """What is known of a session's meeting. Two queries."""
    start, end = session.starts_at, session.starts_at + timedelta(minutes=session.minutes)
    joins = _joins(session.id)
    rows = {join.id: _row(join) for join in joins}
    open_rows = [rows[join.id] for join in joins if join.confirmed_by_id is None]
    return Meeting(
        imported=bool(joins),
        matches=_matches(open_rows, _expected(session.id), start=start, end=end),
        settled=_settled([join for join in joins if join.confirmed_by_id is not None]),
        minutes_by_place=_minutes(joins, rows, start=start, end=end),
        ran_minutes=_ran(joins, session),
    )


def _matches(
    rows: Sequence[ReportRow], expected: Sequence[Expected], *, start: datetime, end: datetime
) -> tuple[Match, ...]:
    present = presence(rows, start=start, end=end) if _touches(rows, start=start, end=end) else ()
    return tuple(
        Match(
            join_ids=found.participant.joins,
            name=found.participant.name,
            original_name=found.participant.original_name,
            minutes=found.participant.minutes,
            at_once=found.participant.at_once,
            certainty=found.certainty,
            place_id=found.place_id,
            candidates=found.candidates,
            because=found.because,
        )
        for found in suggest_matches(present, expected=expected)
    )


def _touches(rows: Sequence[ReportRow], *, start: datetime, end: datetime) -> bool:
    """Whether anything is left to settle that touches the session: those who only looked in before it are nobody's."""
    return any(row.join_at is None or max(row.join_at, start) < min(row.leave_at or end, end) for row in rows)


def _settled(joins: Sequence[MeetingJoin]) -> tuple[Settled, ...]:
    groups: dict[tuple[str, int | None], list[int]] = {}
    for join in joins:
        groups.setdefault((join.shown_name, join.place_id), []).append(join.id)
    return tuple(Settled(tuple(ids), name, place_id) for (name, place_id), ids in groups.items())


def _minutes(
    joins: Sequence[MeetingJoin], rows: dict[int, ReportRow], *, start: datetime, end: datetime
) -> dict[int, int]:
    by_place: dict[int, list[ReportRow]] = {}
    for join in joins:
        if join.place_id is not None:
            by_place.setdefault(join.place_id, []).append(rows[join.id])
    return {place_id: minutes_present(found, start=start, end=end) for place_id, found in by_place.items()}


def _ran(joins: Sequence[MeetingJoin], session: CourseSession) -> int:
    """Until the last one left, where Zoom said so; else as long as was planned."""
    last = max((join.left_at for join in joins if join.left_at is not None), default=None)
    if last is None or last <= session.starts_at:
        return session.minutes
    return min(-(-(last - session.starts_at) // timedelta(minutes=1)), session.minutes)


def _joins(session_id: int) -> list[MeetingJoin]:
    """Joins as they happened; a report of totals counts only where nothing better was imported."""
    found = db.session.scalars(
        sa.select(MeetingJoin).where(MeetingJoin.session_id == session_id).order_by(MeetingJoin.id)
    ).all()
    timed = [join for join in found if join.joined_at is not None]
    return timed or list(found)


def _row(join: MeetingJoin) -> ReportRow:
    return ReportRow(
        name=join.shown_name,
        original_name=join.original_name,
        email=join.email,
        join_at=join.joined_at,
        leave_at=join.left_at,
        minutes=join.minutes,
        in_waiting_room=join.waiting_room,
        number=join.id,
    )


def _expected(session_id: int) -> list[Expected]:
    rows = db.session.execute(
        sa.select(Place.id, Place.alias, Person.given_name, Person.family_name, Person.restricted)
        .join(Case, Case.id == Place.case_id)
        .join(Person, Person.id == Case.person_id)
        .where(on_the_register(session_id))
        .order_by(Place.number)
    )
    return [
        Expected(place_id, alias, "", "") if restricted else Expected(place_id, alias, given, family[:1])
        for place_id, alias, given, family, restricted in rows
    ]
