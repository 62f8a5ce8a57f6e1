"""The register of one session: who is expected, what was marked, and what Zoom reported.

Nothing here says why anybody comes: a first name and a letter, and a number only for who may ring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.caseload.facilitators import Facilitator, facilitators_of
from provider.caseload.live_presence import LivePlace, LivePresence, live_presence
from provider.caseload.masking import MASKED, readable_by
from provider.caseload.meeting_matches import Match, Meeting, meeting_of
from provider.caseload.meeting_state import MeetingState, meeting_state
from provider.caseload.session_lines import REGISTERS, register_state
from provider.domain.accounts.models import Account
from provider.domain.courses.attendance import Attendance, SuggestedCode, suggest_code
from provider.domain.courses.comings import NOTHING_NOTED, Stay, Tap, may_be_there, offered
from provider.domain.courses.models import AttendanceMark, Course, CourseSession, MarkTakenBack, Place
from provider.domain.courses.queries import on_the_register
from provider.domain.needs.queries import needs_at
from provider.domain.needs.rules import NeedKind, Setting, met_in
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.referrals.models import Case
from provider.kernel.database import db
from provider.kernel.errors import NotFound

BY_NEED = frozenset({Attendance.RSSR, Attendance.LEAC})
"""What is marked where a need was not met, whatever was pressed."""

NOBODY = LivePresence({}, ())
"""Where there is no meeting to look into."""


@dataclass(frozen=True)
class Marked:
    """A mark as it stands or stood: what, by whom and when; ``reason`` where it was corrected afterwards.

    ``together``: it was made for everybody at once, because a session failed through our fault.
    """

    id: int
    code: Attendance
    minutes: int | None
    by: str
    at: datetime
    reason: str | None
    stay: Stay
    together: bool
    taken_back_at: datetime | None


@dataclass(frozen=True)
class RegisterRow:
    """One place. ``marks`` are newest first; ``zoom_minutes`` is what counts for it, once the session is over."""

    place_id: int
    number: int
    name: str
    phone: str | None
    interpreter: str | None
    marks: tuple[Marked, ...]
    zoom_minutes: int | None
    suggested: SuggestedCode | None
    unmet: tuple[NeedKind, ...]
    live: LivePlace | None
    taps: tuple[Tap, ...]
    session_minutes: int
    minimum_minutes: int

    @property
    def mark(self) -> Marked | None:
        """The mark that stands."""
        return next((mark for mark in self.marks if mark.taken_back_at is None), None)

    @property
    def seen(self) -> int | None:
        """What a press on it has seen."""
        return self.mark.id if self.mark is not None else None

    @property
    def minutes(self) -> int | None:
        """How long they were there, as far as anybody noted."""
        if self.mark is None or self.mark.minutes is not None or not self.mark.stay.noted:
            return self.mark.minutes if self.mark is not None else None
        return self.mark.stay.minutes(self.session_minutes)

    @property
    def excused_by(self) -> tuple[NeedKind, ...]:
        """The needs for which an absence is none of theirs, where that is what the mark says."""
        by_need = self.mark is not None and self.mark.code in BY_NEED and not self.mark.together
        return self.unmet if by_need else ()

    @property
    def short(self) -> bool:
        """Whether they are marked as having attended, and were there for less than the course asks for."""
        return (
            self.mark is not None
            and self.mark.code is Attendance.ATTC
            and self.minutes is not None
            and self.minutes < self.minimum_minutes
        )

    @property
    def came(self) -> bool:
        """Whether they have come, as far as is known: as marked, or else as Zoom saw."""
        if self.mark is not None:
            return self.mark.code.attended
        return bool(self.zoom_minutes) or (self.live is not None and self.live.minutes > 0)

    @property
    def there(self) -> bool:
        """Whether they are in the meeting at this moment."""
        return self.live is not None and self.live.here

    @property
    def version(self) -> str:
        """Another one where anything on the row is."""
        live = (self.live.here, self.live.minutes, self.live.pressed_at) if self.live is not None else ()
        return "/".join(str(part) for part in (self.seen, self.zoom_minutes, *self.taps, *live))


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
    rows = _rows(
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


def _rows(
    session: CourseSession,
    course: Course,
    meeting: Meeting | None,
    live: LivePresence,
    *,
    reader_id: int,
    may_ring: bool,
    running: bool,
) -> tuple[RegisterRow, ...]:
    """``meeting`` once the session is over: until then it points to nothing."""
    found = db.session.execute(
        sa.select(Place.id, Place.number, Person, PhoneNumber.e164, readable_by(reader_id).label("readable"))
        .join(Case, Case.id == Place.case_id)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(PhoneNumber, rung_on())
        .where(on_the_register(session.id))
        .order_by(Place.number)
    ).all()
    marks = _marks([row.id for row in found])
    unmet = _unmet([row.Person.id for row in found], session)
    return tuple(
        RegisterRow(
            place_id=row.id,
            number=row.number,
            name=_name(row.Person, row.number, readable=row.readable),
            phone=row.e164 if may_ring and row.readable else None,
            interpreter=row.Person.language if row.Person.interpreter_needed and row.readable else None,
            marks=marks.get(row.id, ()),
            zoom_minutes=meeting.minutes_by_place.get(row.id) if meeting is not None else None,
            suggested=_suggested(row.id, course, meeting) if meeting is not None else None,
            unmet=unmet.get(row.Person.id, ()) if row.readable else (),
            live=live.places.get(row.id),
            taps=_taps(marks.get(row.id, ()), running=running),
            session_minutes=session.minutes,
            minimum_minutes=course.minimum_minutes,
        )
        for row in found
    )


def _unmet(person_ids: Sequence[int], session: CourseSession) -> dict[int, tuple[NeedKind, ...]]:
    """By person the needs that the session does not meet, as they stood when it began."""
    setting = Setting(in_a_room=session.held_at is not None, by_telephone=session.dial_in is not None)
    return {
        person_id: tuple(need.kind for need in needs if not met_in(need, setting))
        for person_id, needs in needs_at(person_ids, moment=session.starts_at).items()
    }


def _taps(marks: Sequence[Marked], *, running: bool) -> tuple[Tap, ...]:
    """What can be pressed next, by the mark that stands."""
    for mark in marks:
        if mark.taken_back_at is None:
            return offered(mark.code, mark.stay, running=running)
    return offered(None, NOTHING_NOTED, running=running)


def _name(person: Person, number: int, *, readable: bool) -> str:
    """A first name and a letter: what the others in the session see too."""
    return f"{person.given_name} {person.family_name[:1]}" if readable else f"{MASKED}, place {number}"


def _suggested(place_id: int, course: Course, meeting: Meeting) -> SuggestedCode | None:
    """What the meeting points to, once it was imported and nobody is left who could be this place's holder.

    A participant who is nobody's by name could be anybody's. Of whom nobody told that they left, nothing is said.
    """
    if place_id in meeting.here:
        return None
    minutes = meeting.minutes_by_place.get(place_id)
    if minutes is None:
        anybody = any(not match.candidates or place_id in match.candidates for match in meeting.matches)
        if anybody or not meeting.imported:
            return None
        minutes = 0
    return suggest_code(minutes, minimum_minutes=course.minimum_minutes, session_minutes=meeting.ran_minutes)


def _marks(place_ids: Sequence[int]) -> dict[int, tuple[Marked, ...]]:
    rows = db.session.execute(
        sa.select(AttendanceMark, Account.name, MarkTakenBack.at)
        .join(Account, Account.id == AttendanceMark.by_id)
        .outerjoin(MarkTakenBack, MarkTakenBack.mark_id == AttendanceMark.id)
        .where(AttendanceMark.place_id.in_(place_ids))
        .order_by(AttendanceMark.id.desc())
    )
    marks: dict[int, tuple[Marked, ...]] = {}
    for entry, by, taken_back_at in rows:
        marked = Marked(
            id=entry.id,
            code=Attendance(entry.code),
            minutes=entry.minutes_present,
            by=by,
            at=entry.at,
            reason=entry.reason,
            stay=entry.stay,
            together=entry.together is not None,
            taken_back_at=taken_back_at,
        )
        marks[entry.place_id] = (*marks.get(entry.place_id, ()), marked)
    return marks
