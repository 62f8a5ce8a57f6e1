"""Open slots of sixty workers over four weeks: all their diaries at once against asking for one worker after another.

In alternating rounds on each engine, with two calls booked on every day. ``python -m benchmarks.slots [--rounds 9]
[--workers 60] [--days 28] [--only sqlite|postgresql]``
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import Flask

from benchmarks.databases import each_engine
from provider.domain.accounts.roles import Role
from provider.domain.diary.hours import Lunch
from provider.domain.diary.models import Appointment, CallOfDay, DiaryCell
from provider.domain.diary.queries import slots_between
from provider.domain.diary.weeks import DayHours, Week, set_week
from provider.kernel.actors import SYSTEM
from provider.kernel.calendar import is_working_day, london_date, quarter_hours
from provider.kernel.database import db, transaction
from tests.builders import add_account, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY

MINUTES = 45
WEEK = Week(
    tuple(DayHours(weekday, 9 * 60, 17 * 60) for weekday in range(5)),
    buffer_minutes=15,
    most_calls=7,
    lunch=Lunch(690, 870, 30),
)


def hire(app: Flask, *, workers: int, days: int) -> list[int]:
    """Workers who each have two calls on every working day."""
    world = build_world(app)
    case_id = add_case(world).case_id
    with app.app_context(), transaction():
        ids = [add_account(world, f"hired_{number}", Role.DRUG_WORKER) for number in range(workers)]
        for worker_id in ids:
            set_week(worker_id, WEEK, valid_from=A_TUESDAY.date(), valid_until=None, by=SYSTEM, now=A_TUESDAY)
            for day in filter(is_working_day, (A_TUESDAY.date() + timedelta(days=n) for n in range(days))):
                _book(case_id, worker_id, day)
    return ids


def _book(case_id: int, worker_id: int, day: date) -> None:
    for number, hour in enumerate((9, 13), start=1):
        starts_at = A_TUESDAY.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=0)
        made = Appointment(
            case_id=case_id,
            worker_id=worker_id,
            kind="assessment",
            starts_at=starts_at,
            minutes=MINUTES,
            state="took_place",
            state_at=A_TUESDAY,
            booked_by=str(SYSTEM),
        )
        db.session.add(made)
        db.session.flush()
        cells = quarter_hours(starts_at, MINUTES + WEEK.buffer_minutes)
        db.session.add_all(
            DiaryCell(worker_id=worker_id, cell=cell, appointment_id=made.id) for cell in cells
        )
        day = london_date(starts_at)
        db.session.add(CallOfDay(worker_id=worker_id, day=day, number=number, appointment_id=made.id))


def at_once(ids: list[int], until: datetime) -> int:
    found = slots_between(A_TUESDAY, until, minutes=MINUTES, now=A_TUESDAY, worker_ids=ids)
    return sum(len(slot.worker_ids) for slot in found)


def one_by_one(ids: list[int], until: datetime) -> int:
    """The peer: the same question for each worker."""
    return sum(at_once([worker_id], until) for worker_id in ids)


def timed(look: Callable[[list[int], datetime], int], ids: list[int], until: datetime) -> tuple[float, int]:
    db.session.rollback()
    begun = time.perf_counter()
    found = look(ids, until)
    return (time.perf_counter() - begun) * 1000, found


def measure(engine: str, app: Flask, *, rounds: int, workers: int, days: int) -> None:
    ids, until = hire(app, workers=workers, days=days), A_TUESDAY + timedelta(days=days)
    with app.app_context():
        pairs = [[timed(look, ids, until) for look in (at_once, one_by_one)] for _ in range(rounds)]
    counts = {found for pair in pairs for _, found in pair}
    assert len(counts) == 1, "both ways must find the same"
    ours, peers = (statistics.median(pair[way][0] for pair in pairs) for way in (0, 1))
    print(f"{engine}: {workers} workers, {days} days, {counts.pop():,} open: {ours:.0f} ms at once")
    print(f"{engine}: {peers:.0f} ms one worker after another; ratio {peers / ours:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, unless_said in (("rounds", 9), ("workers", 60), ("days", 28)):
        parser.add_argument(f"--{name}", type=int, default=unless_said)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for engine, app in each_engine(only=given.only):
        measure(engine, app, rounds=given.rounds, workers=given.workers, days=given.days)


if __name__ == "__main__":
    main()
