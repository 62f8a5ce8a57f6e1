"""What must be true at any moment of that year, and what at its end. Each answers what is wrong; empty is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from provider.caseload.deadlines import unmet_dues
from provider.caseload.force_view import view_of
from provider.domain.compliance import feed
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.contact.models import Task
from provider.domain.courses.models import Course, CourseSession, Place, SessionFacilitator, Waiting
from provider.domain.courses.numbering import places_sold
from provider.domain.diary.models import Appointment
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.domain.referrals.status import ENDED, OPEN, Status
from provider.kernel.calendar import age_on, london_date
from provider.kernel.database import db, transaction

HELD_CALL = ("booked", "took_place", "did_not_answer")
FINAL = frozenset(
    {
        "referral.declined",
        "referral.withdrawn",
        "referral.completed",
        "referral.not_engaged",
        "referral.not_reached",
    }
)


def double_bookings() -> list[str]:
    """Where one worker has two things at once, of calls and sessions that were held or are to be."""
    rows = sorted([*_calls(), *_sessions_run()])
    return [
        f"worker {one[0]} at {other[1]}"
        for one, other in pairwise(rows)
        if one[0] == other[0] and one[2] > other[1]
    ]


def _calls() -> list[tuple[int, datetime, datetime]]:
    rows = db.session.execute(
        sa.select(Appointment.worker_id, Appointment.starts_at, Appointment.minutes).where(
            Appointment.state.in_(HELD_CALL)
        )
    )
    return [(who, starts_at, starts_at + timedelta(minutes=minutes)) for who, starts_at, minutes in rows]


def _sessions_run() -> list[tuple[int, datetime, datetime]]:
    rows = db.session.execute(
        sa.select(SessionFacilitator.account_id, CourseSession.starts_at, CourseSession.minutes)
        .join(CourseSession, CourseSession.id == SessionFacilitator.session_id)
        .where(CourseSession.state != "cancelled", SessionFacilitator.ended_at.is_(None))
    )
    return [(who, starts_at, starts_at + timedelta(minutes=minutes)) for who, starts_at, minutes in rows]


def oversold_sessions() -> list[str]:
    held = sa.func.count(Place.id)
    rows = db.session.execute(
        sa.select(CourseSession.id, places_sold(), held)
        .join(Place, Place.session_id == CourseSession.id)
        .where(Place.released_at.is_(None))
        .group_by(CourseSession.id)
        .having(held > places_sold())
    )
    return [f"session {row[0]}: {row[2]} of {row[1]}" for row in rows]


def waiting_and_placed() -> list[str]:
    """Cases that wait for a place and have one, beside the one that they are only offered; or a call instead."""
    placed = (
        sa.select(Place.case_id)
        .join(Waiting, Waiting.case_id == Place.case_id)
        .where(
            Waiting.left_at.is_(None),
            Place.released_at.is_(None),
            Place.attendance.is_(None),
            Place.id.is_distinct_from(Waiting.offered_place_id),
        )
    )
    rung = (
        sa.select(Appointment.case_id)
        .join(Waiting, Waiting.case_id == Appointment.case_id)
        .where(Waiting.left_at.is_(None), Appointment.state == "booked")
    )
    return [f"case {case_id}" for case_id in db.session.scalars(sa.union(placed, rung))]


def children_among_adults() -> list[str]:
    rows = db.session.execute(
        sa.select(Place.id, Person.date_of_birth, CourseSession.starts_at, Course.young_people)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .join(Course, Course.id == CourseSession.course_id)
        .join(Case, Case.id == Place.case_id)
        .join(Person, Person.id == Case.person_id)
        .where(Place.released_at.is_(None))
    )
    return [
        f"place {row.id}"
        for row in rows
        if (age_on(row.date_of_birth, london_date(row.starts_at)) < 18) != row.young_people
    ]


def nobodys_work() -> list[str]:
    """Referrals that are open and hold nothing by which they would go on: see ``GOES_ON``."""
    rows = db.session.execute(
        sa.select(Referral.id, Referral.status).where(Referral.status.in_(OPEN), sa.not_(_goes_on()))
    )
    return [f"referral {row.id}: {row.status}, and nothing is to happen" for row in rows]


def _goes_on() -> sa.ColumnElement[bool]:
    ways = {
        "rung": sa.exists().where(Case.id == Referral.case_id, Case.next_call_at.is_not(None)),
        "task": sa.exists().where(
            sa.or_(Task.case_id == Referral.case_id, Task.referral_id == Referral.id), Task.done_at.is_(None)
        ),
        "call": sa.exists().where(Appointment.case_id == Referral.case_id, Appointment.state == "booked"),
        "turn": sa.exists().where(Waiting.case_id == Referral.case_id, Waiting.left_at.is_(None)),
        "place": sa.exists().where(
            Place.case_id == Referral.case_id, Place.released_at.is_(None), Place.attendance.is_(None)
        ),
    }
    return sa.or_(
        *(
            sa.and_(Referral.status == status, sa.or_(*(ways[way] for way in enough)))
            for status, enough in GOES_ON.items()
        )
    )


GOES_ON = {
    Status.ACCEPTED: ("rung", "task"),
    Status.ASSESSMENT_BOOKED: ("call",),
    Status.ASSESSED: ("task", "call"),
    Status.WAITING: ("turn",),
    Status.PLACED: ("place", "call"),
}
"""What an open referral waits for, by where it stands: any of these is enough."""

AT_ANY_TIME = (double_bookings, oversold_sessions, waiting_and_placed, children_among_adults, nobodys_work)


def left_behind(now: datetime) -> list[str]:
    """Referrals that have not ended and are past one of their deadlines; see ``nobodys_work`` for the others."""
    found = db.session.execute(
        sa.select(Referral.id, Referral.case_id, Referral.status, Referral.received_at).where(
            Referral.status.not_in(ENDED)
        )
    ).all()
    late = [
        f"referral {row.id} is held since {row.received_at}"
        for row in found
        if row.status == Status.HELD and row.received_at < now - timedelta(days=5)
    ]
    dues = unmet_dues([row.case_id for row in found if row.case_id is not None], now=now)
    status_of = {row.case_id: row.status for row in found}
    late += [
        f"case {case_id} ({status_of[case_id]}): {due.stage} was due {due.at:%d %b}"
        for case_id, unmet in dues.items()
        for due in unmet
        if due.late
    ]
    return late


def feeds_that_differ(forces: dict[str, int]) -> list[str]:
    """Every force reads its whole feed, page by page; what it has read last of a referral is where that stands."""
    return [fault for code, force_id in forces.items() for fault in _of_one(code, force_id)]


def _of_one(code: str, force_id: int) -> Iterator[str]:
    with transaction():
        feed.number(force_id)
    events = list(_whole_feed(force_id))
    if [event.sequence for event in events] != list(range(1, len(events) + 1)):
        yield f"{code}: the feed has gaps"
    told: dict[int, list[ComplianceEvent]] = defaultdict(list)
    for event in events:
        told[event.referral_id].append(event)
    for referral in db.session.scalars(sa.select(Referral).where(Referral.force_id == force_id)):
        yield from (
            f"{code}, {referral.reference}: {fault}" for fault in _faults(referral, told.pop(referral.id, []))
        )
    if told:
        yield f"{code} reads of somebody else's referrals: {sorted(told)}"


def _whole_feed(force_id: int) -> Iterator[ComplianceEvent]:
    after = None
    while True:
        page = feed.page(force_id, after=after, limit=500)
        yield from page.events
        if not page.has_more:
            return
        after = page.next


def _faults(referral: Referral, events: list[ComplianceEvent]) -> Iterator[str]:
    if referral.status == Status.HELD:
        if events:
            yield "told while it is held"
        return
    if not events:
        yield f"never told, and {referral.status}"
        return
    if events[0].type not in {"referral.accepted", "referral.declined"}:
        yield f"begins with {events[0].type}"
    stands = view_of(referral).compliance
    if events[-1].compliance != stands:
        yield f"was told {events[-1].compliance} last, and stands at {stands}"
    seen = {event.public_id: place for place, event in enumerate(events)}
    for place, event in enumerate(events):
        if event.corrects is not None and seen.get(event.corrects, place) >= place:
            yield f"{event.type} corrects what was not told before"
    for one, other in pairwise(events):
        if one.type in FINAL and other.type not in {
            "referral.reopened",
            "outcome.corrected",
            "referral.accepted",
        }:
            yield f"{other.type} after {one.type}"
