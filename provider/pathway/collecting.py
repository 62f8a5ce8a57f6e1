"""Once a session is over Zoom is asked who was in its meeting; what it says joins what is known already.

Zoom's report is there some minutes after the end, at times much later, and what was told while the meeting ran may have
holes: so it is asked for soon, and once more after an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.models import CourseSession
from provider.domain.meetings.gateways import Run
from provider.domain.meetings.ledger import keep_told, note_run
from provider.domain.meetings.models import Meeting, MeetingReport
from provider.domain.meetings.stays import Fact
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, insert_or
from provider.pathway.joining import session_held_in

FIRST_ASKED = timedelta(minutes=5)
FINAL = timedelta(hours=1)
"""How long after the end a report is taken to be whole."""

GIVEN_UP = timedelta(days=1)
LOOKED_BACK = timedelta(days=2)
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=2)
NEVER_HELD = "never_held"


@dataclass(frozen=True)
class ReportCall:
    """A session whose meeting's runs and reports are to be asked for."""

    report_id: int
    session_id: int
    number: str


def sessions_over(*, now: datetime) -> Sequence[tuple[int, datetime]]:
    """Sessions that ended not long ago, had a meeting with a number, and wait for nothing yet: ids and ends."""
    rows = db.session.execute(
        sa.select(CourseSession.id, CourseSession.starts_at, CourseSession.minutes)
        .outerjoin(MeetingReport, MeetingReport.session_id == CourseSession.id)
        .outerjoin(Meeting, Meeting.session_id == CourseSession.id)
        .where(
            CourseSession.starts_at.between(now - LOOKED_BACK, now),
            CourseSession.state != "cancelled",
            CourseSession.held_at.is_(None),
            MeetingReport.id.is_(None),
            _number().is_not(None),
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    ends = ((row.id, row.starts_at + timedelta(minutes=row.minutes)) for row in rows)
    return [(session_id, ends_at) for session_id, ends_at in ends if ends_at <= now]


def _number() -> sa.ColumnElement[str | None]:
    """Zoom's number for the meeting it made, else the one that somebody typed."""
    typed = sa.func.nullif(sa.func.replace(CourseSession.meeting_number, " ", ""), "")
    return sa.func.coalesce(Meeting.number, typed)


def note_over(*, now: datetime) -> None:
    """A row for each of them. Needs a transaction."""
    for session_id, ends_at in sessions_over(now=now):
        row = {"session_id": session_id, "due_at": ends_at + FIRST_ASKED, "tries": 0}
        new = insert_or(MeetingReport).values(**row)
        db.session.execute(new.on_conflict_do_nothing(index_elements=["session_id"]))


def anything_due(*, now: datetime) -> bool:
    """Whether Zoom is to be asked for a report now. Reads only."""
    return db.session.execute(_due(now).limit(1)).first() is not None


def _due(now: datetime) -> sa.Select[MeetingReport]:
    return sa.select(MeetingReport).where(MeetingReport.done_at.is_(None), MeetingReport.due_at <= now)


def take(*, limit: int, now: datetime) -> list[ReportCall]:
    """What is to be asked for now, its next time already set: asking twice does no harm. Needs a transaction."""
    found = db.session.execute(
        _due(now)
        .join(CourseSession, CourseSession.id == MeetingReport.session_id)
        .outerjoin(Meeting, Meeting.session_id == CourseSession.id)
        .add_columns(_number())
        .order_by(MeetingReport.due_at, MeetingReport.id)
        .limit(limit)
        .with_for_update(of=MeetingReport, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for row, _ in found:
        row.tries += 1
        row.due_at = now + min(FIRST_WAIT * 2 ** min(row.tries - 1, 10), LONGEST_WAIT)
    return [ReportCall(row.id, row.session_id, number) for row, number in found if number]


def of_this_session(call: ReportCall, runs: Sequence[Run]) -> list[Run]:
    """The runs that were of this session, where one number serves several."""
    return [
        run
        for run in runs
        if run.started_at is not None and session_held_in(call.number, run.started_at) == call.session_id
    ]


def reported(call: ReportCall, runs: Sequence[Run], facts: Sequence[Fact], *, now: datetime) -> None:
    """Zoom said who was there, or that the meeting was not held. Needs a transaction."""
    row, ends_at = _row(call)
    for run in runs:
        note_run(call.session_id, run.run, started_at=run.started_at)
    added = keep_told(call.session_id, facts, now=now)
    if not runs:
        _none_yet(row, ends_at, now=now)
        return
    row.trouble, row.read_at = None, row.read_at or now
    if now >= ends_at + FINAL:
        row.done_at = now
    else:
        row.due_at = ends_at + FINAL
    record(
        "register.report_read", "session", call.session_id, by=SYSTEM, now=now, told=len(facts), added=added
    )


def _none_yet(row: MeetingReport, ends_at: datetime, *, now: datetime) -> None:
    if now >= ends_at + GIVEN_UP:
        row.trouble, row.done_at = NEVER_HELD, now


def not_reported(call: ReportCall, *, because: str, wait_seconds: float | None, now: datetime) -> None:
    """It is asked for again later, for a day and more. Needs a transaction."""
    row, ends_at = _row(call)
    row.trouble = because
    row.due_at = max(row.due_at, now + timedelta(seconds=wait_seconds or 0))
    if now >= ends_at + LOOKED_BACK:
        row.done_at = now


def _row(call: ReportCall) -> tuple[MeetingReport, datetime]:
    row = db.session.get_one(MeetingReport, call.report_id, with_for_update=True, populate_existing=True)
    session = db.session.get_one(CourseSession, call.session_id)
    return row, session.starts_at + timedelta(minutes=session.minutes)
