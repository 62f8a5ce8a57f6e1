"""When the next call of a ladder is best made: another part of the day, another day where there is time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from provider.domain.contact.ladder import AttemptFact, LadderTerms, NextCall
from provider.domain.contact.times import WINDOWS, Window, first_in, part_of_day, suiting
from provider.kernel.calendar import add_working_days, at_london, london_date, working_days_between


@dataclass(frozen=True)
class Spacing:
    """What the time of the next call hangs on beside the calls already made."""

    terms: LadderTerms
    received_at: datetime
    now: datetime
    best_times: str | None
    closures: Collection[date]

    def agreed(self, at: datetime) -> NextCall:
        """The time the person asked for; where its day has passed, as soon as can be."""
        soonest, window = first_in(WINDOWS, at_or_after=self.now, closures=self.closures)
        if at >= self.now or london_date(at) == london_date(soonest):
            return NextCall(at, part_of_day(at), "They asked to be rung then.")
        return NextCall(soonest, window.part, "The time they asked for has passed: ring as soon as you can.")

    def first(self, reason: str, *, since: datetime) -> NextCall:
        """The first call of a ladder, from ``since`` on, when the person said that it suits."""
        suits = suiting(self.best_times)
        at, window = self._in(suits or WINDOWS, since)
        return NextCall(at, window.part, f"{reason} at a time that suits them." if suits else f"{reason}.")

    def after(self, ladder: Sequence[AttemptFact]) -> NextCall:
        """The call after the last one of ``ladder``, which is not empty."""
        last, offered = ladder[-1], _ranked(ladder, suiting(self.best_times))
        day = london_date(last.at)
        still_today = [window for window in offered if at_london(day, window.starts) > last.at]
        if still_today and self._is_pressed(ladder):
            at, window = self._in(still_today[:1], last.at)
        else:
            next_day = add_working_days(day, 1, closures=self.closures)
            at, window = self._in(offered[:1], at_london(next_day, WINDOWS[0].starts))
        was = part_of_day(last.at)
        return NextCall(at, window.part, f"{last.outcome.label} in the {was}: try the {window.part}.")

    def _is_pressed(self, ladder: Sequence[AttemptFact]) -> bool:
        """Whether one call a day would be too slow for the scheme's term."""
        first, count = london_date(self.received_at), self.terms.within_working_days
        deadline = add_working_days(first, count, closures=self.closures)
        days_left = working_days_between(london_date(ladder[-1].at), deadline, closures=self.closures)
        return self.terms.attempts - len(ladder) > days_left

    def _in(self, windows: Sequence[Window], since: datetime) -> tuple[datetime, Window]:
        """The first moment from ``since`` on, which stands until its window has passed and is then found anew."""
        at, window = first_in(windows, at_or_after=since, closures=self.closures)
        if at_london(london_date(at), window.ends) > self.now:
            return at, window
        return first_in(windows, at_or_after=self.now, closures=self.closures)


def _ranked(ladder: Sequence[AttemptFact], suits: Sequence[Window]) -> list[Window]:
    """Windows in other parts of the day than the last call's: the least tried first, then those that suit."""
    tried = Counter(part_of_day(attempt.at) for attempt in ladder)
    narrowed = {window.part: window for window in reversed(suits)}
    others = [window for window in WINDOWS if window.part is not part_of_day(ladder[-1].at)]
    others.sort(key=lambda window: (tried[window.part], window.part not in narrowed))
    return [narrowed.get(window.part, window) for window in others]
