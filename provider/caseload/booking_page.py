"""Times that can be booked for one referral: the open slots of the next working days, one's own first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from provider.caseload.referral_facts import ReferralFacts, referral_facts
from provider.domain.diary.queries import slots_between
from provider.domain.diary.rules import OpenSlot
from provider.domain.referrals.status import Status
from provider.kernel.calendar import add_working_days, at_london, london_date

DAYS_SHOWN = 5
LOOK_AHEAD = timedelta(days=56)
_KINDS = {"structured_treatment": "treatment", "one_to_one": "one_to_one"}


@dataclass(frozen=True)
class DayOfSlots:
    """Open starts of one London day: those of who asks, and those when only a colleague is free."""

    day: date
    own: tuple[datetime, ...]
    colleagues: tuple[datetime, ...]


@dataclass(frozen=True)
class BookingPage:
    """``earlier`` and ``later`` are the days to begin with on the pages beside this one, None where there is none."""

    facts: ReferralFacts
    kind: str
    minutes: int
    first: date
    days: tuple[DayOfSlots, ...]
    earlier: date | None
    later: date | None


def booking_page(referral_id: int, *, account_id: int, first: date | None, now: datetime) -> BookingPage:
    """Open slots of five working days from ``first`` on (today, where it is past or not given), in four queries."""
    today = london_date(now)
    begin = add_working_days(min(max(first or today, today), today + LOOK_AHEAD), 0)
    days = [add_working_days(begin, count) for count in range(DAYS_SHOWN)]
    facts = referral_facts(referral_id, today=today)
    minutes = facts.scheme.terms.assessment_minutes
    until = at_london(days[-1] + timedelta(days=1), time(0))
    slots = slots_between(at_london(begin, time(0)), until, minutes=minutes, now=now)
    return BookingPage(
        facts=facts,
        kind=kind_to_book(facts),
        minutes=minutes,
        first=begin,
        days=tuple(_day(day, slots, account_id=account_id) for day in days),
        earlier=_before(begin) if begin > add_working_days(today, 0) else None,
        later=add_working_days(days[-1], 1) if days[-1] < today + LOOK_AHEAD else None,
    )


def kind_to_book(facts: ReferralFacts) -> str:
    """What a time is needed for at this step: the assessment, or what was decided at it."""
    if facts.status in {Status.ACCEPTED, Status.ASSESSMENT_BOOKED} or facts.case is None:
        return "assessment"
    return _KINDS.get(facts.case.pathway or "", "one_to_one")


def _day(day: date, slots: Sequence[OpenSlot], *, account_id: int) -> DayOfSlots:
    that_day = [slot for slot in slots if london_date(slot.starts_at) == day]
    return DayOfSlots(
        day=day,
        own=tuple(slot.starts_at for slot in that_day if account_id in slot.worker_ids),
        colleagues=tuple(slot.starts_at for slot in that_day if account_id not in slot.worker_ids),
    )


def _before(begin: date) -> date:
    """The working day that a page of as many days ending just before ``begin`` begins with."""
    day, count = begin, 0
    while count < DAYS_SHOWN:
        day -= timedelta(days=1)
        count += add_working_days(day, 0) == day
    return day
