"""Zoom is asked for a meeting for each session, and for a link of their own for whoever has a place in it.

Rows first: a job takes what is to be asked, asks with no transaction open, and records what came of it (``invited``).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from provider.caseload.meeting_hosts import runners_of
from provider.caseload.meetings_wanted import (
    due_meetings,
    due_registrants,
    invitee,
    is_wanted,
    places_without,
    planned,
    sessions_without,
)
from provider.domain.accounts.models import Account
from provider.domain.courses.models import SessionFacilitator
from provider.domain.meetings import errands
from provider.domain.meetings.errands import Taken
from provider.domain.meetings.gateways import ME, Invitee, PlannedMeeting
from provider.domain.meetings.models import Meeting, Registrant
from provider.kernel.database import db, insert_or

MOST_NEW = 200


@dataclass(frozen=True)
class MeetingCall:
    """What Zoom is to be asked for a session's meeting, as of so many changes of who runs the session."""

    taken: Taken
    what: Literal["make", "change", "remove"]
    host: str
    number: str | None
    planned: PlannedMeeting
    runners: int


@dataclass(frozen=True)
class LinkCall:
    """What Zoom is to be asked for the holder of a place; ``registrant`` is who they are there already, if anybody."""

    taken: Taken
    what: Literal["register", "unregister"]
    number: str
    invitee: Invitee
    registrant: str | None


@dataclass(frozen=True)
class Batch:
    """How a worker takes things in hand: how many, for how long, and after what time nothing is on its way any more."""

    limit: int
    lease: timedelta
    grace: timedelta


def anything_new(*, now: datetime) -> bool:
    """Whether a session wants a meeting, or a place a link, that has no row yet. Reads only."""
    return bool(sessions_without(now=now, limit=1) or places_without(now=now, limit=1))


def note_new(*, now: datetime) -> None:
    """A row for each session that wants a meeting, and for each place that wants a link. Needs a transaction."""
    for session_id in sessions_without(now=now, limit=MOST_NEW):
        row = {"session_id": session_id, "key": secrets.token_hex(12), "host": _host(session_id), "tries": 0}
        db.session.execute(
            insert_or(Meeting).values(**row).on_conflict_do_nothing(index_elements=["session_id"])
        )
    for place_id in places_without(now=now, limit=MOST_NEW):
        new = insert_or(Registrant).values(place_id=place_id, tries=0)
        db.session.execute(new.on_conflict_do_nothing(index_elements=["place_id"]))


def _host(session_id: int) -> str:
    """Whoever runs the session holds its meeting, so that two may run at once."""
    leads = (
        sa.select(Account.email)
        .join(SessionFacilitator, SessionFacilitator.account_id == Account.id)
        .where(SessionFacilitator.session_id == session_id, SessionFacilitator.ended_at.is_(None))
        .order_by(SessionFacilitator.role != "lead", SessionFacilitator.id)
    )
    return db.session.scalars(leads.limit(1)).one_or_none() or ME


def anything_due(*, now: datetime) -> bool:
    """Whether Zoom is to be asked anything now. Reads only."""
    return any(
        db.session.execute(due.with_only_columns(sa.literal(1)).limit(1)).first() is not None
        for due in (due_meetings(now=now), due_registrants(now=now))
    )


def take_meetings(batch: Batch, *, service_name: str, now: datetime) -> list[MeetingCall]:
    """What is to be asked about meetings, in hand. Needs a transaction."""
    found = due_meetings(now=now).limit(batch.limit).with_for_update(of=Meeting, skip_locked=True)
    rows = db.session.execute(found.execution_options(populate_existing=True)).all()
    runners = runners_of([session.id for _, session, _ in rows])
    return [
        MeetingCall(
            taken=_take(meeting, batch, new=is_wanted(session) and meeting.number is None, now=now),
            what="remove" if not is_wanted(session) else "make" if meeting.number is None else "change",
            host=meeting.host,
            number=meeting.number,
            planned=planned(meeting, session, course, runners[session.id], service_name=service_name),
            runners=runners[session.id].changes,
        )
        for meeting, session, course in rows
    ]


def take_links(batch: Batch, *, now: datetime) -> list[LinkCall]:
    """What is to be asked about people's links, in hand. Needs a transaction."""
    return list(_link_calls(batch, now))


def _link_calls(batch: Batch, now: datetime) -> Iterator[LinkCall]:
    found = due_registrants(now=now).limit(batch.limit).with_for_update(of=Registrant, skip_locked=True)
    rows = db.session.execute(found.execution_options(populate_existing=True)).all()
    for row, place, meeting, person in rows:
        free = place.released_at is not None
        there = row.meeting_number == meeting.number
        yield LinkCall(
            taken=_take(row, batch, new=not free, now=now),
            what="unregister" if free else "register",
            number=meeting.number or "",
            invitee=invitee(place, person),
            registrant=row.registrant if there else None,
        )


def _take(row: Meeting | Registrant, batch: Batch, *, new: bool, now: datetime) -> Taken:
    return errands.take(row, asks_for_new=new, lease=batch.lease, grace=batch.grace, now=now)
