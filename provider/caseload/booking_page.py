"""Times that can be booked for one referral: the open slots of the next working days, one's own first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from provider.caseload.call_to_book import AFTER_ASSESSMENT
from provider.caseload.needs_page import NeedLine, need_lines
from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.domain.accounts.models import Account
from provider.domain.diary.closures import closed_days
from provider.domain.diary.languages import speakers
from provider.domain.diary.models import Appointment
from provider.domain.diary.queries import slots_between
from provider.domain.diary.rules import OpenSlot
from provider.domain.needs.rules import Standing, met_on_the_phone
from provider.domain.referrals.status import Status
from provider.kernel.calendar import add_working_days, at_london, is_working_day, london_date
from provider.kernel.database import db

DAYS_SHOWN = 5
LOOK_AHEAD = timedelta(days=56)


@dataclass(frozen=True)
class DayOfSlots:
    """Open starts of one London day: those of one worker, those with somebody else who speaks the person's language,
    and those when only another is free."""

    day: date
    own: tuple[datetime, ...]
    speaking: tuple[datetime, ...]
    colleagues: tuple[datetime, ...]


@dataclass(frozen=True)
class BookingPage:
    """``earlier`` and ``later`` are the days to begin with on the pages beside this one, None where there is none.

    ``unmet`` are needs that a call does not meet as they stand.

    ``moving`` names the worker whose appointment gets another time, None where one is booked.
    """

    facts: ReferralFacts
    moving: str | None
    kind: str
    minutes: int
    first: date
    days: tuple[DayOfSlots, ...]
    earlier: date | None
    later: date | None
    unmet: tuple[NeedLine, ...]


def booking_page(
    referral_id: int, *, account_id: int, moving: int | None, first: date | None, now: datetime
) -> BookingPage:
    """Open slots of five working days from ``first`` on (today, where it is past or not given), and of the days between
    them, in a fixed number of queries. Where an appointment is ``moving``, one's own times are those of its worker.
    """
    today = london_date(now)
    closed = closed_days(since=today)
    begin = add_working_days(min(max(first or today, today), today + LOOK_AHEAD), 0, closures=closed)
    facts = referral_facts(referral_id, today=today)
    minutes = facts.scheme.terms.assessment_minutes
    worker_id, worker = _worker(moving) if moving is not None else (account_id, None)
    last = add_working_days(begin, DAYS_SHOWN - 1, closures=closed)
    from_at, until = at_london(begin, time(0)), at_london(last + timedelta(days=1), time(0))
    slots = slots_between(from_at, until, minutes=minutes, now=now, moving=moving)
    speak = speakers(facts.person.language) - {worker_id}
    return BookingPage(
        facts=facts,
        moving=worker,
        kind=kind_to_book(facts),
        minutes=minutes,
        first=begin,
        days=tuple(_day(day, slots, own=worker_id, speak=speak) for day in _days(begin, last, slots, closed)),
        earlier=_before(begin, closed) if begin > add_working_days(today, 0, closures=closed) else None,
        later=add_working_days(last, 1, closures=closed) if last < today + LOOK_AHEAD else None,
        unmet=tuple(
            need
            for need in need_lines(facts.person.id)
            if not met_on_the_phone(Standing(need.kind, need.way))
        ),
    )


def _worker(appointment_id: int) -> tuple[int, str]:
    row = db.session.execute(
        sa.select(Account.id, Account.name)
        .join(Appointment, Appointment.worker_id == Account.id)
        .where(Appointment.id == appointment_id)
    ).one()
    return row.id, row.name


def _days(begin: date, last: date, slots: Sequence[OpenSlot], closed: Collection[date]) -> list[date]:
    """Working days, and others on which somebody works all the same."""
    in_a_row = [begin + timedelta(days=count) for count in range((last - begin).days + 1)]
    opens = {london_date(slot.starts_at) for slot in slots}
    return [day for day in in_a_row if is_working_day(day, closures=closed) or day in opens]


def kind_to_book(facts: ReferralFacts) -> str:
    """What a time is needed for at this step: the assessment, or what was decided at it."""
    if facts.status in {Status.ACCEPTED, Status.ASSESSMENT_BOOKED} or facts.case is None:
        return "assessment"
    return AFTER_ASSESSMENT.get(facts.case.pathway or "", "one_to_one")


def _day(day: date, slots: Sequence[OpenSlot], *, own: int, speak: frozenset[int]) -> DayOfSlots:
    that_day = [slot for slot in slots if london_date(slot.starts_at) == day]
    mine = [slot.starts_at for slot in that_day if own in slot.worker_ids]
    speaking = [slot.starts_at for slot in that_day if speak.intersection(slot.worker_ids)]
    others = [slot.starts_at for slot in that_day if slot.starts_at not in {*mine, *speaking}]
    return DayOfSlots(day, tuple(mine), tuple(speaking), tuple(others))


def _before(begin: date, closed: Collection[date]) -> date:
    """The working day that a page of as many days ending just before ``begin`` begins with."""
    day, count = begin, 0
    while count < DAYS_SHOWN:
        day -= timedelta(days=1)
        count += is_working_day(day, closures=closed)
    return day
