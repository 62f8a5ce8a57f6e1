"""The register of one session: who is expected, what was marked, and what Zoom reported.

Nothing here says why anybody comes: a first name and a letter, and a number only for who may ring.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.facilitators import Facilitator, facilitators_of
from provider.caseload.live_presence import LivePresence, live_presence
from provider.caseload.meeting_matches import Match, meeting_of
from provider.caseload.meeting_state import MeetingState, meeting_state
from provider.caseload.register_rows import RegisterRow, register_rows
from provider.caseload.session_lines import REGISTERS, register_state
from provider.domain.accounts.models import Account
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.comings import may_be_there
from provider.domain.courses.models import Course, CourseSession, Place
from provider.kernel.database import db
from provider.kernel.errors import NotFound

NOBODY = LivePresence({}, ())
"""Where there is no meeting to look into."""


@dataclass(frozen=True)
class SettledLine:
    join_ids: tuple[int, ...]
    name: str
    whose: str | None


@dataclass(frozen=True)
class RegisterPage:
    """``state`` is a key of ``REGISTERS``; ``offered`` counts places kept for people who have not taken them yet."""

    session_id: int
    course: str
    starts_at: datetime
    minutes: int
    minimum_minutes: int
    facilitators: tuple[Facilitator, ...]
    join_url: str
    held_at: str | None
    dial_in: str | None
    meeting: MeetingState | None
    state: str
    confirmed_at: datetime | None
    confirmed_by: str | None
    rows: tuple[RegisterRow, ...]
    offered: int
    imported: bool
    matches: tuple[Match, ...]
    settled: tuple[SettledLine, ...]

    @property
    def state_words(self) -> str:
        return REGISTERS[self.state]

    @property
    def may_mark(self) -> bool:
        return self.state in {"open", "to_confirm"}

    @property
    def running(self) -> bool:
        """Whether it is not over yet, and somebody may be there or come still: then it is not confirmed."""
        marks = (row.mark for row in self.rows)
        return self.state == "open" and any(m is None or may_be_there(m.code, m.stay) for m in marks)

    @property
    def in_fault(self) -> int:
        """How many stand as marked because the session failed through our fault, which can be taken back."""
        return sum(row.mark is not None and row.mark.together for row in self.rows)

    @property
    def unmarked(self) -> int:
        return sum(row.mark is None for row in self.rows)

    @property
    def certain(self) -> int:
        return sum(match.certainty == "certain" for match in self.matches)

    @property
    def zoom_version(self) -> str:
        """Another one where anything is of what Zoom told, whose each is settled to be, or whose it could be."""
        told = [(*one.join_ids, one.minutes, one.certainty, one.place_id) for one in self.matches]
        settled = [(*one.join_ids, one.whose) for one in self.settled]
        could_be = [row.place_id for row in self.rows]
        return "/".join(str(part) for line in (*told, *settled, could_be) for part in line)

    @property
    def counts(self) -> tuple[tuple[Attendance, int], ...]:
        """How many of each mark, in the order of the list."""
        found = Counter(row.mark.code for row in self.rows if row.mark is not None)
        return tuple((code, found[code]) for code in Attendance if found[code])

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def will_complete(self) -> int:
        return sum(number for code, number in self.counts if code.counts_as_completed)

    @property
    def will_be_offered_again(self) -> int:
        return sum(number for code, number in self.counts if not code.counts_as_completed and not code.missed)

    @property
    def will_miss(self) -> int:
        return sum(number for code, number in self.counts if code.missed)

    def row(self, place_id: int) -> RegisterRow:
        """The row of a place. Raises NotFound where it is not on this register."""
        found = next((row for row in self.rows if row.place_id == place_id), None)
        if found is None:
            raise NotFound
        return found


def register_page(session_id: int, *, reader_id: int, may_ring: bool, now: datetime) -> RegisterPage:
    """The register as ``reader_id`` may see it, in nineteen queries at most. Raises NotFound."""
    session, course, confirmed_by, held = _session(session_id)
    ends_at = session.starts_at + timedelta(minutes=session.minutes)
    over = ends_at <= now
    meeting = meeting_of(session, lasting_until=ends_at if over else None)
    state = register_state(session, now=now)
    live = live_presence(session_id, now=now) if state == "open" and not session.held_at else NOBODY
    rows = register_rows(
        session,
        course,
        meeting if over else None,
        live,
        reader_id=reader_id,
        may_ring=may_ring,
        running=state == "open",
    )
    names = {row.place_id: row.name for row in rows}
    return RegisterPage(
        session_id=session.id,
        course=course.name,
        starts_at=session.starts_at,
        minutes=session.minutes,
        minimum_minutes=course.minimum_minutes,
        facilitators=facilitators_of([session_id]).get(session_id, ()),
        join_url=session.join_url,
        held_at=session.held_at,
        dial_in=session.dial_in,
        meeting=meeting_state(session, reader_id=reader_id),
        state=state,
        confirmed_at=session.confirmed_at,
        confirmed_by=confirmed_by,
        rows=rows,
        offered=held - len(rows),
        imported=meeting.imported,
        matches=meeting.matches if live is NOBODY else live.others,
        settled=tuple(
            SettledLine(one.join_ids, one.name, names.get(one.place_id) if one.place_id else None)
            for one in meeting.settled
        ),
    )


def _session(session_id: int) -> tuple[CourseSession, Course, str | None, int]:
    confirmer = aliased(Account)
    held = (
        sa.select(sa.func.count())
        .where(Place.session_id == session_id, Place.released_at.is_(None))
        .scalar_subquery()
    )
    row = db.session.execute(
        sa.select(CourseSession, Course, confirmer.name, held)
        .join(Course, Course.id == CourseSession.course_id)
        .outerjoin(confirmer, confirmer.id == CourseSession.confirmed_by_id)
        .where(CourseSession.id == session_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2], row[3]
