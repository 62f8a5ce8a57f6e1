"""The provider in that year: who works there, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from provider.domain.accounts.roles import Role
from provider.domain.diary.models import WorkingPattern
from provider.kernel.actors import Actor
from provider.kernel.database import db
from tests.builders import World, add_account
from tests.year.people import Crowd, Part

A_WORKER_HAS, A_FACILITATOR_HAS = 500, 600
"""So many referrals a year."""


@dataclass
class Service:
    """Ids by code or key, and who works here. ``part_of``: how each person is, by the referral's reference."""

    world: World
    crowd: Crowd
    workers: list[int]
    facilitators: list[int]
    keys: Mapping[str, int]
    part_of: dict[str, Part] = field(default_factory=dict)

    @property
    def forces(self) -> Mapping[str, int]:
        return self.world.forces

    @property
    def courses(self) -> Mapping[str, int]:
        return self.world.courses

    @property
    def lead(self) -> Actor:
        return Actor("account", self.world.accounts["team_lead"])

    def worker(self, number: int) -> Actor:
        return Actor("account", self.workers[number % len(self.workers)])


def open_service(world: World, crowd: Crowd, *, referrals: int, begins: date) -> Service:
    """As many people as so many referrals a year need. Needs a transaction."""
    workers = [
        add_account(world, f"year_worker_{number}", Role.DRUG_WORKER)
        for number in range(2 + referrals // A_WORKER_HAS)
    ]
    facilitators = [
        add_account(world, f"year_facilitator_{number}", Role.FACILITATOR)
        for number in range(2 + referrals // A_FACILITATOR_HAS)
    ]
    for worker_id in workers:
        for weekday in range(5):
            late = weekday in (1, 3) and worker_id % 2
            hours = (12 * 60, 20 * 60) if late else (9 * 60, 17 * 60)
            db.session.add(
                WorkingPattern(
                    worker_id=worker_id,
                    weekday=weekday,
                    from_minute=hours[0],
                    until_minute=hours[1],
                    valid_from=begins - timedelta(days=30),
                )
            )
    keys = {force: number for number, force in enumerate(world.forces, start=1)}
    return Service(world, crowd, workers, facilitators, keys)
