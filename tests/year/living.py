"""A year is lived through: so many referrals, by the pathway itself, on a clock that runs as fast as it can."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

import sqlalchemy as sa
from flask import Flask

from provider.domain.referrals.models import Referral
from provider.jobs.shift import Shift
from provider.kernel.calendar import at_london
from provider.kernel.database import db, transaction
from tests.builders import build_world
from tests.fakes import MovableClock
from tests.year import promises
from tests.year.absences import Absences
from tests.year.daily import Lead, Mail, Offers
from tests.year.people import Crowd, referrals
from tests.year.referred import Referred
from tests.year.service import Service, open_service
from tests.year.turns import Turns

BEGINS = date(2026, 3, 2)
DAYS = 364
LAST_REFERRED = DAYS - 56
"""Eight weeks before the end nobody new comes: by then everybody has come to an end, or is in time."""


@dataclass(frozen=True)
class Lived:
    """``broken``: what was not as promised, and when. ``stands``: how many referrals stand where. ``calls_spread`` over
    others on the ``days_away`` of workers.
    """

    broken: list[str]
    stands: Counter[str]
    refused: dict[str, int]
    texts: int
    days_away: int
    calls_spread: int
    steps: int
    service: Service


def live(app: Flask, *, count: int, seed: int) -> Lived:
    """Live through a year of ``count`` referrals, in an empty database. Looks at what must always hold every month."""
    random = Random(seed)
    clock = MovableClock(at_london(BEGINS, time(8)))
    app.extensions["clock"] = clock
    world = build_world(app)
    end = at_london(BEGINS + timedelta(days=DAYS), time(20))
    with app.app_context():
        with transaction():
            service = open_service(world, Crowd(random, today=BEGINS), referrals=count, begins=BEGINS)
        turns = Turns(app, clock, until=end)
        mail = Mail(random)
        turns.add(mail, at=clock.now())
        turns.add(Offers(Shift(app)), at=clock.now())
        absences = Absences(service, random)
        turns.add(absences, at=at_london(BEGINS, time(8, 30)))
        turns.add(Lead(service, turns, random), at=at_london(BEGINS, time(9, 5)))
        for sent in referrals(random, count=count, begins=BEGINS, days=LAST_REFERRED):
            turns.add(Referred(service, sent, random), at=sent.at)
        broken: list[str] = []
        turns.add(Auditor(broken), at=clock.now() + timedelta(days=30))
        turns.run()
        clock.set(end)
        broken += [fault for look in promises.AT_ANY_TIME for fault in look()]
        broken += promises.left_behind(end)
        broken += promises.feeds_that_differ(world.forces)
        stands = Counter(db.session.scalars(sa.select(Referral.status)).all())
        db.session.remove()
    return Lived(
        broken, stands, turns.refused, mail.sent, absences.days, absences.spread, turns.taken, service
    )


@dataclass
class Auditor:
    """Looks once a month at what must hold at any moment."""

    broken: list[str]
    by_itself: bool = True

    def act(self, now: datetime) -> datetime:
        for look in promises.AT_ANY_TIME:
            self.broken += [f"{now:%d %B}: {fault}" for fault in look()]
        return now + timedelta(days=30)
