"""What came of what Zoom was asked: a meeting is there, or gone; somebody has a link of their own, or none any more."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from provider.domain.audit.trail import record
from provider.domain.courses.models import CourseSession
from provider.domain.meetings import errands
from provider.domain.meetings.gateways import ME
from provider.domain.meetings.models import Meeting, Registrant
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db
from provider.pathway.inviting import LinkCall, MeetingCall


@dataclass(frozen=True)
class Came:
    """``done``: as it was asked. ``found``: it is there, with its ``number``, or the ``registrant`` and their link.

    ``dial_in`` as a new meeting has it; ``hosts``: whom Zoom took for those who may start it.

    ``gone``: there is no such meeting. ``not_there``: it was looked for, and may still come. ``not_done``: tried again
    later, ``because``; ``sure`` where nothing was done, so that nothing is to be looked for.
    """

    how: Literal["done", "found", "gone", "not_there", "not_done"]
    number: str | None = None
    dial_in: str | None = None
    hosts: tuple[str, ...] = ()
    registrant: str | None = None
    sealed_link: str | None = None
    because: str = ""
    sure: bool = False
    wait_seconds: float | None = None


def of_meeting(call: MeetingCall, came: Came, *, grace: timedelta, now: datetime) -> None:
    """Record it, unless the meeting is in somebody else's hand by now. Needs a transaction."""
    row = errands.held(Meeting, call.taken)
    if row is None:
        return
    if came.how == "found":
        # For which time it was asked for nobody knows any more: it is told again.
        row.number, row.told_starts_at, row.told_minutes = came.number, None, None
        _ring_by(row, came.dial_in)
        errands.settled(row)
    elif came.how == "done" and call.what != "remove":
        row.number = came.number
        row.told_starts_at, row.told_minutes = call.planned.starts_at, call.planned.minutes
        row.told_runners, row.hosts = call.runners, ";".join(came.hosts)
        if call.what == "make":
            _ring_by(row, came.dial_in)
        errands.settled(row)
        record(f"session.meeting_{call.what}", "session", row.session_id, by=SYSTEM, now=now)
    elif came.how in ("done", "gone"):
        _forget(row, now=now)
        errands.settled(row)
    elif came.because == "no_such_user" and call.host != ME:
        row.host = ME
        errands.settled(row)
    else:
        _not_yet(row, came, grace=grace, now=now)


def of_link(call: LinkCall, came: Came, *, grace: timedelta, now: datetime) -> None:
    """Record it, unless the link is in somebody else's hand by now. Needs a transaction."""
    if came.how == "gone":
        _no_such_meeting(call.number, now=now)
    row = errands.held(Registrant, call.taken)
    if row is None:
        return
    if came.how == "gone":
        row.meeting_number = row.registrant = row.sealed_link = None
        errands.settled(row)
    elif came.how == "found":
        row.meeting_number, row.registrant = call.number, came.registrant
        row.sealed_link, row.cancelled_at = came.sealed_link, None
        errands.settled(row)
        record("place.link_made", "place", row.place_id, by=SYSTEM, now=now)
    elif came.how == "done":
        row.cancelled_at, row.sealed_link = now, None
        errands.settled(row)
        record("place.link_ended", "place", row.place_id, by=SYSTEM, now=now)
    else:
        _not_yet(row, came, grace=grace, now=now)


def _no_such_meeting(number: str, *, now: datetime) -> None:
    """Somebody removed it at Zoom: it is made anew, and then everybody's link in it."""
    known = sa.select(Meeting).where(Meeting.number == number).with_for_update()
    for meeting in db.session.scalars(known.execution_options(populate_existing=True)):
        _forget(meeting, now=now)


def _forget(meeting: Meeting, *, now: datetime) -> None:
    """Made anew it has another name there, so that it is not taken for the one before."""
    meeting.key = secrets.token_hex(12)
    meeting.number = meeting.told_starts_at = meeting.told_minutes = None
    meeting.told_runners = meeting.hosts = None
    _ring_by(meeting, None)
    record("session.meeting_gone", "session", meeting.session_id, by=SYSTEM, now=now)


def _ring_by(meeting: Meeting, dial_in: str | None) -> None:
    """The session is joined by telephone as the meeting is; what somebody typed for it stays."""
    ours = CourseSession.dial_in.is_not_distinct_from(meeting.dial_in)
    session = sa.update(CourseSession).where(CourseSession.id == meeting.session_id, ours)
    db.session.execute(session.values(dial_in=dial_in).execution_options(synchronize_session=False))
    meeting.dial_in = dial_in


def _not_yet(row: Meeting | Registrant, came: Came, *, grace: timedelta, now: datetime) -> None:
    if came.how == "not_there":
        errands.look_again(row, grace=grace, now=now)
        return
    if came.sure:
        row.asked_at = None
    errands.put_off(row, because=came.because, wait_seconds=came.wait_seconds, now=now)
