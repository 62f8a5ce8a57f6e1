"""Days on which the whole service is closed: nobody works, nobody is rung, and no working day is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from provider.domain.diary.models import Closure
from provider.domain.diary.turns import hold_calendar
from provider.kernel.actors import Actor
from provider.kernel.calendar import london_date
from provider.kernel.database import db
from provider.kernel.errors import NotFound, Refusal

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=31)


class ClosedInThePast(Refusal):
    code = "closed_in_the_past"
    sentence = "A closure begins today or later: what was promised by earlier days stands."


class NoDaysClosed(Refusal):
    code = "no_days_closed"
    sentence = "The last day is before the first."


class ClosedTooLong(Refusal):
    code = "closed_too_long"
    sentence = f"A closure has at most {LONGEST.days} days."


class ClosedAlready(Refusal):
    code = "closed_already"
    sentence = "We are closed on one of these days already. Open again first, or choose other days."


class ClosureOver(Refusal):
    code = "closure_over"
    sentence = "That closure is over already."


def close(first: date, last: date, *, name: str | None, by: Actor, now: datetime) -> Closure:
    """From one London day to another, both included. Calls and sessions of those days stand until they are moved.

    Raises ClosedInThePast, NoDaysClosed, ClosedTooLong or ClosedAlready.
    """
    if first < london_date(now):
        raise ClosedInThePast
    if last < first:
        raise NoDaysClosed
    if last - first >= LONGEST:
        raise ClosedTooLong
    hold_calendar()
    if any(one.first_day <= last and first <= one.last_day for one in closures(since=first)):
        raise ClosedAlready
    closure = Closure(first_day=first, last_day=last, name=name, entered_by=str(by), entered_at=now)
    db.session.add(closure)
    db.session.flush()
    return closure


def end_closure(closure_id: int, *, by: Actor, now: datetime) -> Closure:
    """We are open again from today on; one that has not begun never does. Raises NotFound, ClosureOver."""
    hold_calendar()
    closure = db.session.get(Closure, closure_id, populate_existing=True)
    if closure is None:
        raise NotFound
    today = london_date(now)
    if closure.ended_at is not None or closure.last_day < today:
        raise ClosureOver
    closure.last_day = max(closure.first_day, today) - ONE_DAY
    closure.ended_by, closure.ended_at = str(by), now
    db.session.flush()
    return closure


def closures(*, since: date) -> Sequence[Closure]:
    """Those with a day from ``since`` on, in their order."""
    found = sa.select(Closure).where(Closure.last_day >= since, Closure.last_day >= Closure.first_day)
    return db.session.scalars(found.order_by(Closure.first_day, Closure.id)).all()


def closed_days(*, since: date) -> frozenset[date]:
    """Every London day from ``since`` on on which we are closed. One query."""
    return frozenset(
        closure.first_day + timedelta(days=count)
        for closure in closures(since=since)
        for count in range((closure.last_day - closure.first_day).days + 1)
    )
