"""A session failed through our fault: marked for everybody at once, and taken back where it went on after all."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.attendance import Attendance, in_our_fault
from provider.domain.courses.models import AttendanceMark, Place
from provider.domain.courses.queries import stands
from provider.kernel.actors import Actor
from provider.kernel.database import db
from provider.kernel.errors import Refusal
from provider.pathway.attending import How, mark
from provider.pathway.registering import stand_still
from provider.pathway.tapping import take_marks_back


class NothingToTakeBack(Refusal):
    code = "nothing_to_take_back"
    sentence = "There is nothing to take back any more: everybody was marked again since."


def mark_our_fault(session_id: int, *, came: Collection[int], by: Actor, now: datetime) -> int:
    """Mark everybody as sent home, or rescheduled, by us; ``came`` are the places whose holders had come.

    What was marked before and is not changed by it stands. Answers how many were marked. Raises RegisterNotOpen or
    RegisterClosed.
    """
    standing = stand_still(session_id)
    together, marked = str(uuid.uuid4()), 0
    for place_id, latest in standing.items():
        before = Attendance(latest.code) if latest is not None else None
        code = in_our_fault(before, came=place_id in came)
        if code is not None:
            minutes = latest.minutes_present if latest is not None else None
            mark(place_id, code, minutes=minutes, how=How(together=together), by=by, now=now)
            marked += 1
    record("register.our_fault", "session", session_id, by=by, now=now, marked=marked)
    return marked


def take_fault_back(session_id: int, *, by: Actor, now: datetime) -> int:
    """Everybody stands as they were marked before; who was marked again since keeps that. Answers how many it was.

    Raises NothingToTakeBack, RegisterClosed.
    """
    standing = stand_still(session_id)
    last = db.session.scalars(
        sa.select(AttendanceMark.together)
        .join(Place, Place.id == AttendanceMark.place_id)
        .where(
            Place.session_id == session_id,
            AttendanceMark.together.is_not(None),
            stands(),
        )
        .order_by(AttendanceMark.id.desc())
        .limit(1)
    ).first()
    marks = [entry for entry in standing.values() if entry is not None and entry.together == last]
    if last is None or not marks:
        raise NothingToTakeBack
    take_marks_back(marks, session_id=session_id, by=by, now=now)
    record("register.our_fault_taken_back", "session", session_id, by=by, now=now, marks=len(marks))
    return len(marks)
