"""Registers of sessions that are over, and that nobody has confirmed yet: until then no force hears of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.caseload.session_lines import SessionLine, session_lines
from provider.domain.courses.models import CourseSession


def unconfirmed() -> sa.ColumnElement[bool]:
    """Whether a session's register waits, however long ago it was. Found by an index of its own."""
    return sa.and_(CourseSession.state == "open", CourseSession.confirmed_at.is_(None))


def registers_to_confirm(*, reader_id: int, now: datetime) -> tuple[SessionLine, ...]:
    """Those that wait, the longest first. Two queries."""
    lines = session_lines(
        sa.and_(unconfirmed(), CourseSession.starts_at <= now), reader_id=reader_id, now=now
    )
    return tuple(line for line in lines if line.starts_at + timedelta(minutes=line.minutes) <= now)
