"""Open slots of many workers at once: a fixed number of queries, and nobody's diary but those asked for."""

from __future__ import annotations

from datetime import date, timedelta

from provider.domain.accounts.roles import Role
from provider.domain.diary.models import WorkingPattern
from provider.domain.diary.queries import diaries_of, slots_between
from provider.kernel.calendar import london_date
from provider.kernel.database import db, transaction
from tests.builders import World, add_account
from tests.pathway.walking import Walk, checked
from tests.queries import queries_of

MONTH = timedelta(days=28)


def hire(world: World, *, since: int, count: int) -> None:
    with transaction():
        for number in range(since, since + count):
            worker_id = add_account(world, f"hired_{number}", Role.DRUG_WORKER)
            db.session.add_all(
                WorkingPattern(
                    worker_id=worker_id,
                    weekday=weekday,
                    from_minute=9 * 60,
                    until_minute=17 * 60,
                    valid_from=date(2026, 1, 1),
                )
                for weekday in range(5)
            )


def asked(walk: Walk) -> int:
    with queries_of(walk.world.app) as sent:
        assert slots_between(walk.now, walk.now + MONTH, minutes=45, now=walk.now)
    return len(sent)


def test_sixty_workers_take_as_many_queries_as_three(walk: Walk, world: World) -> None:
    walk.booked(walk.referred(person=checked()))
    before = asked(walk)
    hire(world, since=0, count=57)
    assert asked(walk) == before == 6


def test_only_the_diaries_that_are_asked_for_are_read(walk: Walk, world: World) -> None:
    walk.booked(walk.referred(person=checked()))
    other = world.accounts["drug_worker_2"]
    (diary,) = diaries_of([london_date(walk.now)], worker_ids=[other])
    assert (diary.worker_id, diary.taken, diary.calls) == (other, frozenset(), {})
    slots = slots_between(walk.now, walk.now + MONTH, minutes=45, now=walk.now, worker_ids=[other])
    assert {slot.worker_ids for slot in slots} == {(other,)}
