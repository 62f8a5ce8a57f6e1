"""When the clock of a case stood still, and why: read from what happened, so that it is never written down twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from provider.domain.contact.models import Task
from provider.domain.contact.tasks import NUMBER_TASKS
from provider.domain.courses.attendance import Attendance
from provider.domain.courses.models import CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.referrals.models import Referral, ReferralEvent
from provider.domain.referrals.status import ENDED, Status
from provider.domain.schemes.deadlines import Stop
from provider.domain.schemes.terms import ClockStop
from provider.kernel.database import db

OURS = frozenset({Attendance.ATSS, Attendance.RSSR})
GOES_ON = frozenset({Status.ASSESSMENT_BOOKED, Status.PLACED})
"""Moves with which a clock that stood still runs again: they have a time once more."""

BEFORE_ASSESSMENT = frozenset({Status.ACCEPTED, Status.ASSESSMENT_BOOKED})


Lost = tuple[int, ClockStop, datetime, datetime | None]
"""A case, why it lost its time and when, and until when, where that is not its next time."""


@dataclass(frozen=True)
class Move:
    """One move of a referral. ``received_at`` is the referral's own; ``happened_at`` when it came about."""

    referral_id: int
    case_id: int
    received_at: datetime
    at: datetime
    before: Status | None
    to: Status
    happened_at: datetime


def moves_of(case_ids: Collection[int]) -> Mapping[int, tuple[Move, ...]]:
    """Every move of the referrals that these cases serve, by case, oldest first. One query."""
    rows = db.session.execute(
        sa.select(ReferralEvent.referral_id, Referral.case_id, Referral.received_at, ReferralEvent.at)
        .add_columns(ReferralEvent.from_status, ReferralEvent.to_status, ReferralEvent.happened_at)
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .where(Referral.case_id.in_(case_ids))
        .order_by(ReferralEvent.id)
    )
    found: dict[int, list[Move]] = defaultdict(list)
    for row in rows:
        before = Status(row.from_status) if row.from_status else None
        found[row.case_id].append(
            Move(
                row.referral_id,
                row.case_id,
                row.received_at,
                row.at,
                before,
                Status(row.to_status),
                row.happened_at or row.at,
            )
        )
    return {case_id: tuple(moves) for case_id, moves in found.items()}


def stops_of(
    case_ids: Collection[int], moves: Mapping[int, Sequence[Move]]
) -> Mapping[int, tuple[Stop, ...]]:
    """Every time the clock of these cases may have stood still, by case, oldest first. Three queries."""
    found: dict[int, list[Stop]] = defaultdict(list)
    for case_id, stop in _numbers_in_doubt(case_ids):
        found[case_id].append(stop)
    for case_id, why, since, until in (*_failed_by_us(case_ids), *_places_lost(case_ids)):
        found[case_id].append(Stop(why, since, until or _until(moves.get(case_id, ()), since)))
    for case_id in case_ids:
        found[case_id] += _identity_asked(moves.get(case_id, ()))
    return {case_id: tuple(sorted(stops, key=lambda one: one.since)) for case_id, stops in found.items()}


def _numbers_in_doubt(case_ids: Collection[int]) -> Iterable[tuple[Any, Stop]]:
    """From when somebody was asked to find another number until that was done."""
    rows = db.session.execute(
        sa.select(Task.case_id, Task.created_at, Task.done_at).where(
            Task.case_id.in_(case_ids), Task.kind.in_(NUMBER_TASKS)
        )
    )
    for case_id, since, until in rows:
        yield case_id, Stop("number_in_doubt", since, until)


def _failed_by_us(case_ids: Collection[int]) -> Iterable[Lost]:
    """Calls that we took back, or did not make: from then on, or until the time that was given instead at once."""
    instead = aliased(Appointment)
    rows = db.session.execute(
        sa.select(Appointment.case_id, Appointment.state_at, Appointment.starts_at)
        .add_columns(instead.starts_at.label("instead_at"))
        .outerjoin(instead, instead.id == Appointment.replaced_by_id)
        .where(Appointment.case_id.in_(case_ids), Appointment.state == "ours_to_blame")
    )
    for row in rows:
        since = row.starts_at if row.instead_at is not None else min(row.state_at, row.starts_at)
        yield row.case_id, "our_fault", since, row.instead_at


def _places_lost(case_ids: Collection[int]) -> Iterable[Lost]:
    """Places in sessions that we called off or moved, that failed through us, or that they had good reason to miss."""
    rows = db.session.execute(
        sa.select(Place.case_id, Place.released_at, Place.released_because, Place.attendance)
        .add_columns(CourseSession.starts_at)
        .join(CourseSession, CourseSession.id == Place.session_id)
        .where(Place.case_id.in_(case_ids))
    )
    for row in rows:
        if row.released_because in ("session_cancelled", "session_moved"):
            yield row.case_id, "our_fault", row.released_at, None
        elif row.attendance in OURS:
            yield row.case_id, "our_fault", row.starts_at, None
        elif row.attendance is not None and Attendance(row.attendance).offered_again:
            yield row.case_id, "agreed_absence", row.starts_at, None


def _until(moves: Sequence[Move], since: datetime) -> datetime | None:
    """With a time once more, the assessment itself, or the end of all: one that ends beside another ends nothing.

    A referral that came later joins its case where that stands, which is no step of the case.
    """
    stands: dict[int, Status] = {}
    served: set[int] = set()
    for move in moves:
        stands[move.referral_id] = move.to
        if move.at <= since:
            served.add(move.referral_id)
            continue
        assessed = move.to == Status.ASSESSED and move.before in BEFORE_ASSESSMENT
        again = move.referral_id in served and (move.to in GOES_ON or assessed)
        if again or ENDED.issuperset(stands.values()):
            return move.at
    return None


def _identity_asked(moves: Sequence[Move]) -> Iterable[Stop]:
    for move in moves:
        if move.before == Status.HELD:
            yield Stop("identity_in_question", move.received_at, move.at)
