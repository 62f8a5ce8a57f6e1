"""The register: who came and for how long, marked by a named person, and what follows once it is confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.comings import NOTHING_NOTED, Stay, may_be_there
from provider.domain.courses.models import AttendanceMark, CourseSession, Place
from provider.domain.courses.queries import on_the_register, stands
from provider.domain.meetings.models import MeetingJoin
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway import amending, booking, closing, counting, meeting_needs, reminding, reoffering
from provider.pathway.placing import hold_course
from provider.pathway.scheduling import offer_course_places
from provider.pathway.steps import lock_case, lock_person, move_case, open_referrals


class RegisterClosed(Refusal):
    code = "register_closed"
    sentence = "This register is confirmed. Correct an attendance with a reason instead."


class RegisterNotOpen(Refusal):
    code = "register_not_open"
    sentence = "The register opens when the session starts."


class StillRunning(RegisterNotOpen):
    code = "still_running"
    sentence = "The session is still running. Confirm the register once it is over, or everybody has left."


class RegisterIncomplete(Refusal):
    code = "register_incomplete"
    sentence = "Mark everyone before you confirm the register."


class ReasonNeeded(Refusal):
    code = "reason_needed"
    sentence = "Say why the attendance is corrected."


class PlaceGone(Refusal):
    code = "place_gone"
    sentence = "That place is no longer theirs. Look at the register again."


@dataclass(frozen=True)
class How:
    """How a mark came about: what was noted of coming and going, the tap's own token, and what it was made together
    with."""

    stay: Stay = NOTHING_NOTED
    token: str | None = None
    together: str | None = None


PLAINLY = How()


def mark(
    place_id: int, code: Attendance, *, minutes: int | None, how: How = PLAINLY, by: Actor, now: datetime
) -> None:
    """Mark one person on an open register; marking again replaces the mark and keeps the one before.

    An absence for which we are to blame is marked so, whatever was said. Raises RegisterNotOpen before the session
    starts, RegisterClosed, PlaceGone.
    """
    place, session = _held(place_id)
    _keep_register_open(session)
    if session.starts_at - timedelta(minutes=15) > now:
        raise RegisterNotOpen
    if session.confirmed_at is not None:
        raise RegisterClosed
    if not _is_on_the_register(place):
        raise PlaceGone
    code = meeting_needs.marked_by_need(place, session, code)
    _write_mark(place, code, minutes=minutes, reason=None, how=how, by=by, now=now)


def _keep_register_open(session: CourseSession) -> None:
    """The session read anew, and kept from being confirmed: a mark that came later would count for nothing.

    Locked as whoever confirms locks it: two that had each shared it would wait for each other for ever.
    """
    db.session.refresh(session, with_for_update=True)


def _is_on_the_register(place: Place) -> bool:
    found = sa.select(Place.id).where(Place.id == place.id, on_the_register(place.session_id))
    return db.session.execute(found).first() is not None


def latest_marks(place_ids: Sequence[int]) -> dict[int, AttendanceMark]:
    """The mark that stands for each place, by place id: the last that nobody took back."""
    marks = db.session.scalars(
        sa.select(AttendanceMark)
        .where(AttendanceMark.place_id.in_(place_ids), stands())
        .order_by(AttendanceMark.id)
    )
    return {entry.place_id: entry for entry in marks}


def confirm_join(join_id: int, place_id: int | None, *, by: Actor, now: datetime) -> None:
    """A named person says whose join this was; None says nobody's on the register."""
    join = db.session.get_one(MeetingJoin, join_id)
    if place_id is not None:
        place, _session = _held(place_id)
        if place.session_id != join.session_id:
            raise PlaceGone
    join.place_id = place_id
    join.confirmed_by_id = by.account_id
    record("register.join_confirmed", "meeting_join", join_id, by=by, now=now, place=place_id)


def confirm_register(session_id: int, *, by: Actor, now: datetime) -> None:
    """The facilitator stands by the register: what was marked now counts, and each force hears what follows.

    Raises RegisterNotOpen before the session starts, StillRunning before its planned end while somebody may be there or
    come yet, RegisterClosed, RegisterIncomplete.
    """
    hold_course(db.session.get_one(CourseSession, session_id).course_id)
    session = db.session.get_one(CourseSession, session_id, with_for_update=True, populate_existing=True)
    if session.confirmed_at is not None or session.state != "open":
        raise RegisterClosed
    if session.starts_at > now:
        raise RegisterNotOpen
    places = _places(session_id)
    marks = latest_marks([place.id for place in places])
    if len(marks) < len(places):
        raise RegisterIncomplete
    _require_over(session, marks.values(), now=now)
    session.state, session.confirmed_at, session.confirmed_by_id = "closed", now, by.account_id
    record("register.confirmed", "session", session_id, by=by, now=now, places=len(places))
    for place in places:
        marked = marks[place.id]
        code = meeting_needs.marked_by_need(place, session, Attendance(marked.code))
        minutes = minutes_there(marked, session.minutes)
        if code != marked.code:
            # Their need was noted after they were marked.
            _write_mark(place, code, minutes=minutes, reason=None, how=How(marked.stay), by=by, now=now)
        _settle(place, code, minutes, by=by, now=now)
    offer_course_places(session.course_id, by=by, now=now)


def _require_over(session: CourseSession, marks: Iterable[AttendanceMark], *, now: datetime) -> None:
    running = now < session.starts_at + timedelta(minutes=session.minutes)
    if running and any(may_be_there(Attendance(one.code), one.stay) for one in marks):
        raise StillRunning


def minutes_there(marked: AttendanceMark, session_minutes: int) -> int | None:
    """As marked; else what coming and going come to, where that was noted. None where nobody can say."""
    if marked.minutes_present is not None or not marked.stay.noted:
        return marked.minutes_present
    return marked.stay.minutes(session_minutes)


def correct(
    place_id: int, code: Attendance, *, minutes: int | None, reason: str, by: Actor, now: datetime
) -> None:
    """Correct an attendance after the register was confirmed; the force gets a correction where its outcome changes.

    Raises ReasonNeeded, PlaceGone, RegisterNotOpen before the register is confirmed, or HasAnotherCase where the
    referral would be open again, and the person was referred anew since.
    """
    if not reason.strip():
        raise ReasonNeeded
    case = _hold_still(place_id)
    place, session = _held(place_id)
    if session.confirmed_at is None:
        raise RegisterNotOpen("The register is not confirmed yet: mark the attendance instead.")
    code = meeting_needs.marked_by_need(place, session, code)
    _write_mark(place, code, minutes=minutes, reason=reason.strip(), how=PLAINLY, by=by, now=now)
    before = Attendance(place.attendance or Attendance.UAAB)
    place.attendance, place.minutes_present = code, minutes
    amending.put_right(case, place, before, code, by=by, now=now)
    offer_course_places(session.course_id, by=by, now=now)


def _hold_still(place_id: int) -> Case:
    """The case of a place, which nobody else changes until the transaction ends, nor opens another beside it."""
    place, _session = _held(place_id)
    lock_person(db.session.get_one(Case, place.case_id).person_id)
    return lock_case(place.case_id)


def _settle(place: Place, code: Attendance, minutes: int | None, *, by: Actor, now: datetime) -> None:
    case = lock_case(place.case_id)
    db.session.refresh(place)
    if place.released_at is not None:
        # Given back, or withdrawn by the force, while the register was being confirmed.
        return
    place.attendance, place.minutes_present = code, minutes
    reminding.forget_place(place, because="settled", now=now)
    if not open_referrals(case.id):
        return
    pathway = counting.pathway_of_place(place)
    if not closing.complete_where(case, lambda one: counting.course_done(one, pathway, code), by=by, now=now):
        return
    move_case(case, Status.ASSESSED, by=by, now=now)
    if not code.compliant:
        booking.count_miss(case, pathway, reason="missed_intervention", by=by, now=now)
    if case.closed_at is None:
        reoffering.in_line_again(case, place, missed=not code.compliant, by=by, now=now)


def _write_mark(
    place: Place,
    code: Attendance,
    *,
    minutes: int | None,
    reason: str | None,
    how: How,
    by: Actor,
    now: datetime,
) -> None:
    db.session.add(
        AttendanceMark(
            place_id=place.id,
            code=code,
            minutes_present=minutes,
            at=now,
            by_id=by.account_id,
            reason=reason,
            arrived_minute=how.stay.arrived,
            left_minute=how.stay.left,
            away_minutes=how.stay.away,
            token=how.token,
            together=how.together,
        )
    )
    db.session.flush()
    record("attendance.marked", "place", place.id, by=by, now=now, code=str(code))


def _held(place_id: int) -> tuple[Place, CourseSession]:
    place = db.session.get(Place, place_id, populate_existing=True)
    if place is None or place.released_at is not None:
        raise PlaceGone
    return place, db.session.get_one(CourseSession, place.session_id, populate_existing=True)


def _places(session_id: int) -> list[Place]:
    return list(
        db.session.scalars(sa.select(Place).where(on_the_register(session_id)).order_by(Place.number))
    )
