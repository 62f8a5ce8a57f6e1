"""The ladder of calls: what a scheme asks of it, what was tried, and what can be decided of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from provider.domain.contact.outcomes import NUMBER_DEAD, SHOWS_NUMBER_WORKS, AttemptOutcome
from provider.domain.contact.times import PartOfDay, part_of_day
from provider.kernel.calendar import london_date


class Ending(StrEnum):
    """How calling may end. Declined ends the referral as not engaged, for the reason ``declined``."""

    NOT_ENGAGED = "not_engaged"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"


@dataclass(frozen=True)
class LadderTerms:
    """What a scheme calls the whole ladder: so many attempts, on so many days, in so many parts of the day.

    The calls are spread so that they are made within ``within_working_days`` of receipt; after the last one the
    person has ``last_wait_working_days`` to ring back.
    """

    attempts: int = 6
    days: int = 3
    parts_of_day: int = 3
    within_working_days: int = 10
    last_wait_working_days: int = 1


@dataclass(frozen=True)
class AttemptFact:
    """One contact attempt: when, how it went, and when the person asked to be rung, if they did."""

    at: datetime
    outcome: AttemptOutcome
    call_back_at: datetime | None = None


@dataclass(frozen=True)
class NextCall:
    """Ring at ``at`` (UTC); ``reason`` is one sentence for the drug worker."""

    at: datetime
    part_of_day: PartOfDay
    reason: str


@dataclass(frozen=True)
class StopCalling:
    """No further call; the referral may end so from ``not_before`` (UTC) on. ``reason`` is one sentence."""

    ending: Ending
    reason: str
    not_before: datetime


def in_order(attempts: Sequence[AttemptFact]) -> list[AttemptFact]:
    return sorted(attempts, key=lambda attempt: attempt.at)


def counted(attempts: Sequence[AttemptFact]) -> tuple[AttemptFact, ...]:
    """The attempts that were attempts to reach the person, in order: not those on a number that proved dead."""
    made = in_order(attempts)
    dead = [place for place, attempt in enumerate(made, start=1) if attempt.outcome in NUMBER_DEAD]
    return tuple(made[max(dead, default=0) :])


def since_booked(attempts: Sequence[AttemptFact]) -> tuple[AttemptFact, ...]:
    """The counted attempts of the present ladder: a booked call ends one, and what comes after it is a new one."""
    made = counted(attempts)
    booked = [
        place
        for place, attempt in enumerate(made, start=1)
        if attempt.outcome is AttemptOutcome.SPOKE_AND_BOOKED
    ]
    return made[max(booked, default=0) :]


def show_number_works(attempts: Sequence[AttemptFact]) -> bool:
    """Whether the calls themselves show that the number now rung is the person's."""
    return any(attempt.outcome in SHOWS_NUMBER_WORKS for attempt in counted(attempts))


def is_whole(ladder: Sequence[AttemptFact], *, terms: LadderTerms) -> bool:
    """Whether enough was tried, on enough days and in enough parts of the day."""
    days = {london_date(attempt.at) for attempt in ladder}
    parts = {part_of_day(attempt.at) for attempt in ladder}
    return (
        len(ladder) >= terms.attempts
        and len(days) >= min(terms.days, terms.attempts)
        and len(parts) >= min(terms.parts_of_day, terms.attempts)
    )


def log_dates(attempts: Sequence[AttemptFact]) -> tuple[date, ...]:
    """The London dates on which the person was tried, each once, in order: for the intelligence log's sentence."""
    return tuple(sorted({london_date(attempt.at) for attempt in counted(attempts)}))
