"""What is wrong with meetings, as the records show it at a moment. Names nobody, and no session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.courses.models import CourseSession, Place, Waiting
from provider.domain.meetings.models import Meeting, MeetingReport, Registrant
from provider.kernel.database import db

A_DAY = timedelta(days=1)
SOON = timedelta(hours=2)
MADE_WITHIN = timedelta(minutes=5)
"""How long a link may take that is asked for at once."""

BEGUN = timedelta(hours=1)
TIRED_OF = timedelta(hours=2)
"""How long after its end a session's report may be missing: then the file is imported by hand."""

_WANTS = sa.and_(CourseSession.state == "open", CourseSession.join_url == "", CourseSession.held_at.is_(None))


def not_let_in(now: datetime) -> int:
    """How much waits because Zoom does not let us in, of what is still of use."""
    coming = CourseSession.starts_at > now - BEGUN
    meetings = (
        sa.select(sa.func.count())
        .select_from(Meeting)
        .join(CourseSession, CourseSession.id == Meeting.session_id)
        .where(coming, Meeting.trouble == "not_let_in")
    )
    links = (
        sa.select(sa.func.count())
        .select_from(Registrant)
        .join(Place, Place.id == Registrant.place_id)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .where(coming, Registrant.trouble == "not_let_in")
    )
    reports = sa.select(sa.func.count()).where(
        MeetingReport.done_at.is_(None), MeetingReport.trouble == "not_let_in"
    )
    return sum(db.session.scalar(question) or 0 for question in (meetings, links, reports))


def sessions_without_links(now: datetime) -> int:
    """Sessions within a day of which Zoom has not done something, and those within two hours where a link is missing:
    also where nothing says why, as when no worker asks for it.
    """
    undone = sa.or_(Meeting.trouble.is_not(None), _somebody_without(Registrant.trouble.is_not(None)))
    missing = _somebody_without(Place.created_at <= now - MADE_WITHIN)
    no_link = sa.and_(CourseSession.starts_at <= now + SOON, sa.or_(Meeting.number.is_(None), missing))
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(CourseSession)
            .outerjoin(Meeting, Meeting.session_id == CourseSession.id)
            .where(CourseSession.starts_at.between(now - BEGUN, now + A_DAY), _WANTS, sa.or_(undone, no_link))
        )
        or 0
    )


def _somebody_without(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return (
        sa.select(Place.id)
        .outerjoin(Registrant, Registrant.place_id == Place.id)
        .where(Place.session_id == CourseSession.id, *_without_link(), which)
        .exists()
    )


def _without_link() -> tuple[sa.ColumnElement[bool], ...]:
    """Of a place that somebody has and is not merely offered, beside its registrant, if there is one."""
    offered = sa.select(Waiting.id).where(Waiting.offered_place_id == Place.id, Waiting.left_at.is_(None))
    return Place.released_at.is_(None), ~offered.exists(), Registrant.sealed_link.is_(None)


def links_waiting(now: datetime) -> dict[str, int]:
    """People who have no link of their own yet, by how soon their session begins: two_hours, day, or later."""
    soon = sa.case(
        (CourseSession.starts_at <= now + SOON, "two_hours"),
        (CourseSession.starts_at <= now + A_DAY, "day"),
        else_="later",
    )
    rows = db.session.execute(
        sa.select(soon.label("soon"), sa.func.count())
        .select_from(CourseSession)
        .join(Place, Place.session_id == CourseSession.id)
        .outerjoin(Registrant, Registrant.place_id == Place.id)
        .where(CourseSession.starts_at > now - BEGUN, _WANTS, *_without_link())
        .group_by(sa.literal_column("soon"))
    )
    return dict.fromkeys(("two_hours", "day", "later"), 0) | {row[0]: row[1] for row in rows}


def reports_missing(now: datetime) -> int:
    """Sessions that were over two hours ago and more, whose report Zoom would not give."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(MeetingReport)
            .join(CourseSession, CourseSession.id == MeetingReport.session_id)
            .where(
                MeetingReport.done_at.is_(None),
                MeetingReport.read_at.is_(None),
                MeetingReport.trouble.is_not(None),
                CourseSession.confirmed_at.is_(None),
                CourseSession.starts_at < now - TIRED_OF,
            )
        )
        or 0
    )


MEETING_TROUBLES = {
    "zoom_refused": not_let_in,
    "links_missing": sessions_without_links,
    "reports_missing": reports_missing,
}


def meeting_troubles(now: datetime) -> Iterator[tuple[str, int]]:
    """Each kind of alarm that stands on meetings, with how much of it there is, where there is any."""
    for kind, count in MEETING_TROUBLES.items():
        times = count(now)
        if times:
            yield kind, times
