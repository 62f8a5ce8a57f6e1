"""Where the meeting of a session stands: whose link people are given, and what Zoom has not done yet, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from provider.caseload.meetings_wanted import is_wanted
from provider.domain.accounts.models import Account
from provider.domain.courses.models import CourseSession, Place
from provider.domain.courses.queries import on_the_register
from provider.domain.meetings.gateways import ME
from provider.domain.meetings.models import Meeting, Registrant
from provider.kernel.database import db

TROUBLE: Mapping[str, str] = {
    "too_many": "Zoom asks us to wait",
    "not_let_in": "Zoom does not let us in: an administrator has to look at the settings",
    "no_connection": "Zoom cannot be reached",
    "refused": "Zoom refused it",
    "no_such_user": "Zoom does not know who is to hold it",
    "held_up": "it was held up on our side",
}
UNKNOWN = "Zoom did not answer as it should"
OURS = "the user that our application has there"


@dataclass(frozen=True)
class MeetingState:
    """``number`` is None while Zoom has not made the meeting; ``ready`` of ``expected`` people have their own link.

    ``trouble`` says in words what is the matter, None where nothing is known to be. ``holder`` is whose meeting it is
    at Zoom; whether whoever asks is one of those who ``may_start`` it there.
    """

    number: str | None
    expected: int
    ready: int
    trouble: str | None
    holder: str
    may_start: bool

    @property
    def whole(self) -> bool:
        return self.number is not None and self.ready >= self.expected


def meeting_state(session: CourseSession, *, reader_id: int) -> MeetingState | None:
    """In two queries; None for a session that is in a room, or has a link that somebody typed."""
    if not is_wanted(session):
        return None
    meeting, reader = _meeting(session.id, reader_id)
    hosts = (meeting.host, *(meeting.hosts or "").split(";")) if meeting is not None else ()
    number = meeting.number if meeting is not None else None
    there = sa.and_(Registrant.sealed_link.is_not(None), Registrant.meeting_number == number)
    expected, ready, trouble = db.session.execute(
        sa.select(sa.func.count(), sa.func.count().filter(there), sa.func.max(Registrant.trouble))
        .select_from(Place)
        .outerjoin(Registrant, Registrant.place_id == Place.id)
        .where(on_the_register(session.id))
    ).one()
    what = (meeting.trouble if meeting is not None else None) or trouble
    return MeetingState(
        number=number,
        expected=expected,
        ready=ready,
        trouble=TROUBLE.get(what, UNKNOWN) if what else None,
        holder=OURS if meeting is None or meeting.host == ME else meeting.host,
        may_start=reader in hosts,
    )


def _meeting(session_id: int, reader_id: int) -> tuple[Meeting | None, str]:
    """The session's meeting, and by which address Zoom would know the reader."""
    row = db.session.execute(
        sa.select(Meeting, Account.email)
        .select_from(Account)
        .outerjoin(Meeting, Meeting.session_id == session_id)
        .where(Account.id == reader_id)
    ).one()
    return row[0], row[1]
