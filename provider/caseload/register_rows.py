"""The rows of a register: who is expected, what stands there, what Zoom points to, what was not arranged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from provider.caseload.live_presence import LivePlace, LivePresence
from provider.caseload.masking import MASKED, readable_by
from provider.caseload.meeting_matches import Meeting
from provider.caseload.register_marks import Marked, marks_of, taps_after
from provider.domain.courses.attendance import Attendance, SuggestedCode, suggest_code
from provider.domain.courses.comings import Tap
from provider.domain.courses.models import Course, CourseSession, Place
from provider.domain.courses.queries import on_the_register
from provider.domain.needs.queries import needs_at
from provider.domain.needs.rules import NeedKind, Setting, met_in
from provider.domain.people.models import Person, PhoneNumber, rung_on
from provider.domain.referrals.models import Case
from provider.kernel.database import db

BY_NEED = frozenset({Attendance.RSSR, Attendance.LEAC})
"""What is marked where a need was not met, whatever was pressed."""


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


def register_rows(
    session: CourseSession,
    course: Course,
    meeting: Meeting | None,
    live: LivePresence,
    *,
    reader_id: int,
    may_ring: bool,
    running: bool,
) -> tuple[RegisterRow, ...]:
    """In four queries at most. ``meeting`` once the session is over: until then it points to nothing."""
    found = db.session.execute(
        sa.select(Place.id, Place.number, Person, PhoneNumber.e164, readable_by(reader_id).label("readable"))
        .join(Case, Case.id == Place.case_id)
        .join(Person, Person.id == Case.person_id)
        .outerjoin(PhoneNumber, rung_on())
        .where(on_the_register(session.id))
        .order_by(Place.number)
    ).all()
    marks = marks_of([row.id for row in found])
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
            taps=taps_after(marks.get(row.id, ()), running=running),
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
