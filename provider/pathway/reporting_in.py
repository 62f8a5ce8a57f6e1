"""Zoom's participant report comes in; a named person says whose place each participant was."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from provider.caseload.meeting_matches import Meeting, meeting_of
from provider.domain.audit.trail import record
from provider.domain.courses.attendance import Attendance, suggest_code
from provider.domain.courses.models import Course, CourseSession
from provider.domain.meetings.models import MeetingJoin
from provider.domain.meetings.zoom_report import (
    ParticipantReport,
    ReportRow,
    read_report,
    require_touching,
    time_within,
)
from provider.kernel.actors import Actor
from provider.kernel.calendar import LONDON
from provider.kernel.database import db
from provider.kernel.errors import Invalid, NotFound, Refusal
from provider.pathway.attending import RegisterClosed, RegisterNotOpen, confirm_join, latest_marks, mark

UTC_ZONE = ZoneInfo("UTC")


class SettledMeanwhile(Refusal):
    code = "settled_meanwhile"
    sentence = "Somebody else has said whose this was. Look at the register again."


class TotalsAddNothing(Refusal):
    code = "totals_add_nothing"
    sentence = "Every join of this session is imported already: a report of totals adds nothing to it."


@dataclass(frozen=True)
class Imported:
    """How many lines of a report were new, and how many were here already. ``zone``: whose clock it was read by."""

    added: int
    known: int
    zone: ZoneInfo


def import_report(session_id: int, data: bytes, *, by: Actor, now: datetime) -> Imported:
    """Keep the lines of a downloaded report; the same report a second time adds nothing. Nobody is credited by it.

    Raises Invalid naming the lines that cannot be read, ReportUnreadable, ReportOfAnotherSession, TotalsAddNothing,
    RegisterNotOpen before the session begins and RegisterClosed once its register is confirmed.
    """
    session = _lock_open(session_id, now=now)
    ends_at = session.starts_at + timedelta(minutes=session.minutes)
    zone, report = _by_the_hosts_clock(data, start=session.starts_at, end=ends_at)
    require_touching(report, start=session.starts_at, end=ends_at)
    known = _known(session_id)
    if report.shape == "unique_users" and True in known.values():
        raise TotalsAddNothing
    new = [(digest, row) for digest, row in _digests(report) if digest not in known]
    db.session.add_all(_join(session_id, digest, row, now=now) for digest, row in new)
    db.session.flush()
    record(
        "register.report_imported",
        "session",
        session_id,
        by=by,
        now=now,
        lines=len(report.rows),
        added=len(new),
    )
    return Imported(len(new), len(report.rows) - len(new), zone)


def _by_the_hosts_clock(data: bytes, *, start: datetime, end: datetime) -> tuple[ZoneInfo, ParticipantReport]:
    """The report by London's clock; or by UTC's, as Zoom writes it for a host who set no zone, where that fits better.

    No report says by which. In summer the wrong one would take an hour from everybody.
    """
    read = [(LONDON, read_report(data, session_start=start, zone=LONDON))]
    with suppress(Refusal, Invalid):
        read.append((UTC_ZONE, read_report(data, session_start=start, zone=UTC_ZONE)))
    return max(read, key=lambda one: time_within(one[1], start=start, end=end))


def settle_participant(
    session_id: int, join_ids: Sequence[int], place_id: int | None, *, by: Actor, now: datetime
) -> None:
    """A named person says whose these joins were; None says nobody's on the register.

    Minutes enough for the course mark the place as attended where nobody marked it yet; anything less is left to the
    facilitator, who alone can know why. Raises NotFound for joins of another session, SettledMeanwhile,
    RegisterClosed, PlaceGone.
    """
    session = _lock_open(session_id, now=now)
    joins = _joins_of(session_id, join_ids)
    if any(join.confirmed_by_id is not None for join in joins):
        raise SettledMeanwhile
    for join in joins:
        confirm_join(join.id, place_id, by=by, now=now)
    db.session.flush()
    if place_id is not None:
        _mark_where_enough(session, place_id, meeting_of(session), by=by, now=now)


def take_back(session_id: int, join_ids: Sequence[int], *, by: Actor, now: datetime) -> None:
    """Whose these joins were is open again; a mark on the register stays as it is. Raises NotFound, RegisterClosed."""
    _lock_open(session_id, now=now)
    for join in _joins_of(session_id, join_ids):
        join.place_id, join.confirmed_by_id = None, None
        record("register.join_taken_back", "meeting_join", join.id, by=by, now=now)
    db.session.flush()


def settle_certain(session_id: int, *, by: Actor, now: datetime) -> int:
    """Say yes to every suggestion that is certain; answers how many there were. Raises RegisterClosed."""
    session = _lock_open(session_id, now=now)
    certain = [match for match in meeting_of(session).matches if match.certainty == "certain"]
    for match in certain:
        for join_id in match.join_ids:
            confirm_join(join_id, match.place_id, by=by, now=now)
    db.session.flush()
    meeting = meeting_of(session)
    for place_id in sorted({match.place_id for match in certain if match.place_id is not None}):
        _mark_where_enough(session, place_id, meeting, by=by, now=now)
    return len(certain)


def _mark_where_enough(
    session: CourseSession, place_id: int, meeting: Meeting, *, by: Actor, now: datetime
) -> None:
    if place_id in latest_marks([place_id]):
        return
    course = db.session.get_one(Course, session.course_id)
    minutes = meeting.minutes_by_place[place_id]
    suggested = suggest_code(
        minutes, minimum_minutes=course.minimum_minutes, session_minutes=meeting.ran_minutes
    )
    if suggested.code == Attendance.ATTC:
        mark(place_id, suggested.code, minutes=minutes, by=by, now=now)


def _joins_of(session_id: int, join_ids: Sequence[int]) -> list[MeetingJoin]:
    found = db.session.scalars(
        sa.select(MeetingJoin)
        .where(MeetingJoin.session_id == session_id, MeetingJoin.id.in_(join_ids))
        .order_by(MeetingJoin.id)
        .execution_options(populate_existing=True)
    ).all()
    if not found or len(found) != len(set(join_ids)):
        raise NotFound
    return list(found)


def _lock_open(session_id: int, *, now: datetime) -> CourseSession:
    session = db.session.get(CourseSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotFound
    if session.confirmed_at is not None or session.state != "open":
        raise RegisterClosed
    if session.starts_at > now:
        raise RegisterNotOpen("There is no report before the session has begun.")
    return session


def _known(session_id: int) -> dict[str, bool]:
    """The digests of what is here, and whether each tells when somebody joined."""
    rows = db.session.execute(
        sa.select(MeetingJoin.digest, MeetingJoin.joined_at).where(MeetingJoin.session_id == session_id)
    )
    return {digest: joined_at is not None for digest, joined_at in rows}


def _digests(report: ParticipantReport) -> list[tuple[str, ReportRow]]:
    """Each line with its digest. Two lines that say the same are two joins: the second is told apart by its turn."""
    turns: dict[str, int] = {}
    digests = []
    for row in report.rows:
        said = "\x1f".join(str(part) for name, part in vars(row).items() if name != "number")
        turns[said] = turns.get(said, 0) + 1
        digests.append((hashlib.sha256(f"{said}\x1f{turns[said]}".encode()).hexdigest(), row))
    return digests


def _join(session_id: int, digest: str, row: ReportRow, *, now: datetime) -> MeetingJoin:
    return MeetingJoin(
        session_id=session_id,
        digest=digest,
        source="file",
        shown_name=row.name,
        original_name=row.original_name,
        email=row.email,
        joined_at=row.join_at,
        left_at=row.leave_at,
        minutes=row.minutes,
        waiting_room=row.in_waiting_room,
        imported_at=now,
    )
