"""How long people waited: to the first call, to the assessment, to what followed it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.domain.contact.models import ContactAttempt
from provider.domain.courses.models import CourseSession, Place
from provider.domain.diary.models import Appointment
from provider.domain.referrals.models import Referral, ReferralEvent
from provider.domain.referrals.status import Status
from provider.domain.schemes.models import Scheme
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.reporting.months import Month
from provider.reporting.small_numbers import is_small

WAITS = {
    "first_call": "To the first call",
    "assessment": "To the assessment",
    "course": "To the course, one-to-one or treatment",
}
"""From the day of receipt, in London days."""


@dataclass(frozen=True)
class Wait:
    """Days for half of them, and for nine in ten; None where there is nobody, or too few to be shown."""

    what: str
    people: int
    median: int | None
    nine_in_ten: int | None


@dataclass(frozen=True)
class SchemeWaits:
    scheme: str
    waits: tuple[Wait, ...]


def waits(month: Month, *, small_hidden: bool) -> tuple[SchemeWaits, ...]:
    """Every scheme that somebody was referred under in the month, by name. One query."""
    by_scheme: dict[str, dict[str, list[int]]] = {}
    for row in db.session.execute(_moments(month)):
        days = by_scheme.setdefault(row.scheme, {name: [] for name in WAITS})
        for name in WAITS:
            happened = _moment(row, name)
            if happened is not None and happened >= row.received_at:
                days[name].append((london_date(happened) - london_date(row.received_at)).days)
    return tuple(
        SchemeWaits(scheme, tuple(_wait(WAITS[name], found, small_hidden) for name, found in days.items()))
        for scheme, days in by_scheme.items()
    )


def _wait(what: str, days: Sequence[int], small_hidden: bool) -> Wait:
    if not days or (small_hidden and is_small(len(days))):
        return Wait(what, 0 if small_hidden else len(days), None, None)
    return Wait(what, len(days), share_within(days, 0.5), share_within(days, 0.9))


def share_within(days: Sequence[int], share: float) -> int:
    """The fewest days within which at least ``share`` of them were served (nearest rank). ValueError for nobody."""
    if not days:
        raise ValueError("nobody waited")
    return sorted(days)[math.ceil(share * len(days)) - 1]


def _moment(row: Any, name: str) -> datetime | None:
    moments = [getattr(row, name)] if name != "course" else [row.session, row.one_to_one]
    return min((moment for moment in moments if moment is not None), default=None)


def _moments(month: Month) -> sa.Select[*tuple[Any, ...]]:
    """One row a referral, by the index on status and receipt; every first moment by the index of its case."""
    case_id = Referral.case_id
    session = sa.select(sa.func.min(CourseSession.starts_at)).join(
        Place, Place.session_id == CourseSession.id
    )
    served = sa.and_(Appointment.state == "took_place", Appointment.kind != "assessment")
    happened = sa.func.coalesce(ReferralEvent.happened_at, ReferralEvent.at)
    assessed = sa.and_(ReferralEvent.referral_id == Referral.id, ReferralEvent.to_status == Status.ASSESSED)
    firsts = {
        "first_call": sa.select(sa.func.min(ContactAttempt.at)).where(ContactAttempt.case_id == case_id),
        "assessment": sa.select(sa.func.min(happened)).where(assessed),
        "session": session.where(Place.case_id == case_id, Place.minutes_present > 0),
        "one_to_one": sa.select(sa.func.min(Appointment.starts_at)).where(
            Appointment.case_id == case_id, served
        ),
    }
    return (
        sa.select(
            Scheme.name.label("scheme"),
            Referral.received_at,
            *(first.correlate(Referral).scalar_subquery().label(name) for name, first in firsts.items()),
        )
        .join(Scheme, Scheme.id == Referral.scheme_id)
        .where(
            Referral.status.in_(list(Status)),
            Referral.received_at >= month.starts_at,
            Referral.received_at < month.ends_at,
        )
        .order_by(Scheme.name, Referral.id)
    )
