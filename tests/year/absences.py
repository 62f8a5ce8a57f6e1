"""In that year somebody is ill now and then: their calls are spread the same morning, as the lead would do it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from provider.caseload.hours_page import worker_who_rings
from provider.caseload.spread_page import spread_page
from provider.domain.diary.absences import AbsenceReason
from provider.kernel.calendar import at_london, is_working_day, london_date
from provider.kernel.database import transaction
from provider.kernel.errors import Refusal
from provider.pathway import rostering, standing_in
from provider.pathway.standing_in import Instead
from tests.year.service import Service

AWAY = 0.02
LONGEST = 4


@dataclass
class Absences:
    """Every working morning each worker is away with chance ``AWAY``. ``spread``: calls that others made, or later."""

    service: Service
    random: Random
    by_itself: bool = field(default=True, init=False)
    days: int = field(default=0, init=False)
    spread: int = field(default=0, init=False)

    def act(self, now: datetime) -> datetime:
        day = london_date(now)
        if is_working_day(day):
            for worker_id in self.service.workers:
                if self.random.random() < AWAY:
                    self._is_away(worker_id, now)
        return at_london(day + timedelta(days=1), time(8, 30))

    def _is_away(self, worker_id: int, now: datetime) -> None:
        days = self.random.randint(1, LONGEST)
        ends_at = at_london(london_date(now) + timedelta(days=days), time(0))
        with transaction():
            rostering.enter_absence(
                worker_id,
                reason=AbsenceReason.SHORT_NOTICE,
                starts_at=now,
                ends_at=ends_at,
                by=self.service.lead,
                now=now,
            )
        self.days += days
        worker, lead = worker_who_rings(worker_id), self.service.lead
        page = spread_page(worker, reader_id=lead.account_id, now=now)
        for call in page.calls:
            choice = call.choices[0][0] if call.choices else None
            self._spread(
                Instead(
                    call.appointment_id,
                    choice.starts_at if choice else None,
                    choice.worker_id if choice else None,
                ),
                now,
            )
        with transaction():
            standing_in.rings_instead(worker_id, self.random.choice(page.others).id, by=lead, now=now)

    def _spread(self, instead: Instead, now: datetime) -> None:
        try:
            with transaction():
                standing_in.spread_call(instead, by=self.service.lead, now=now)
        except Refusal:
            return
        self.spread += 1
