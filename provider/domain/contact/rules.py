"""When to ring next, when to stop, and how it may then end.

Nobody is said not to have engaged who may never have been rung: that takes a number known to work and the whole
ladder, over different days and parts of the day. Everything else is *not reached*, and nobody's fault.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from provider.domain.contact.ladder import (
    AttemptFact,
    Ending,
    LadderTerms,
    NextCall,
    StopCalling,
    in_order,
    is_whole,
    log_dates,
    show_number_works,
    since_booked,
)
from provider.domain.contact.outcomes import NUMBER_DEAD, AttemptOutcome
from provider.domain.contact.spacing import Spacing
from provider.kernel.calendar import add_working_days, end_of_working_day, london_date


def next_call(
    attempts: Sequence[AttemptFact],
    *,
    terms: LadderTerms,
    received_at: datetime,
    now: datetime,
    number_works: bool,
    best_times: str | None = None,
    another_number: bool = False,
    closures: Collection[date],
) -> NextCall | StopCalling:
    """When to ring next, or that calling is over.

    ``number_works``: a voice, a reply or the officer at the scene has shown the number now rung to be the
    person's; that they spoke, or that someone else answered it, shows it too. A voicemail by itself does not.
    ``another_number``: the last one is dead and there is one more. A time agreed with the person is kept even
    after the last rung of the ladder.
    """
    made = in_order(attempts)
    over = _over_at_once(made, another_number=another_number)
    if over:
        return over
    ladder = since_booked(made)
    spacing = Spacing(terms, received_at, now, best_times, closures)
    if not ladder:
        return _begin(made, spacing=spacing)
    if ladder[-1].call_back_at:
        return spacing.agreed(ladder[-1].call_back_at)
    if is_whole(ladder, terms=terms):
        works = number_works or show_number_works(made)
        return _exhausted(ladder, number_works=works, not_before=_ring_back_by(ladder, terms, closures))
    return spacing.after(ladder)


def _begin(made: Sequence[AttemptFact], *, spacing: Spacing) -> NextCall:
    if not made:
        return spacing.first("First call", since=spacing.received_at)
    dead = made[-1].outcome in NUMBER_DEAD
    return spacing.first("Ring the other number" if dead else "Ring them again", since=made[-1].at)


def _over_at_once(made: Sequence[AttemptFact], *, another_number: bool) -> StopCalling | None:
    if not made:
        return None
    last = made[-1]
    if last.outcome is AttemptOutcome.DECLINED:
        return StopCalling(Ending.DECLINED, "They declined when they were rung.", last.at)
    if last.outcome in NUMBER_DEAD and not another_number:
        reason = "The number does not reach them, and there is no other."
        return StopCalling(Ending.NOT_REACHED, reason, last.at)
    return None


def _exhausted(ladder: Sequence[AttemptFact], *, number_works: bool, not_before: datetime) -> StopCalling:
    tried = f"Rung {len(ladder)} times on {len(log_dates(ladder))} days"
    if number_works:
        return StopCalling(
            Ending.NOT_ENGAGED, f"{tried}; the number works, and there was no response.", not_before
        )
    return StopCalling(Ending.NOT_REACHED, f"{tried}; nothing shows that the number is theirs.", not_before)


def _ring_back_by(ladder: Sequence[AttemptFact], terms: LadderTerms, closures: Collection[date]) -> datetime:
    last = ladder[-1].at
    if not terms.last_wait_working_days:
        return last
    day = add_working_days(london_date(last), terms.last_wait_working_days, closures=closures)
    return end_of_working_day(day)
