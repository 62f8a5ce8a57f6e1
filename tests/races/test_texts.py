"""Two workers and one outbox: each text goes out once; and the same with the protection taken away."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.messaging import dispatch
from provider.domain.messaging.models import Text
from provider.domain.messaging.outbox import plan_text
from provider.jobs.run import run_all_once
from provider.jobs.settling import settle_unknown_texts
from provider.jobs.shift import Shift
from provider.jobs.texting import send_due_texts
from provider.kernel.database import db, transaction
from provider.pathway import sending
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.races.together import PATIENCE, MeetOnce, at_once

TEXTS = 40


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def cases(world: World) -> list[Known]:
    """People on the waiting list, each with a text that is due."""
    known = [add_case(world, mobile=f"+4477009{number:05}") for number in range(TEXTS)]
    with world.app.app_context(), transaction():
        for one in known:
            db.session.execute(
                sa.text(
                    "INSERT INTO waiting_list (case_id, course_id, joined_at) VALUES (:case, :course, :now)"
                ).bindparams(sa.bindparam("now", type_=Text.due_at.type)),
                {"case": one.case_id, "course": world.courses["awareness"], "now": A_TUESDAY},
            )
            plan_text(
                "waiting_list_joined",
                case_id=one.case_id,
                due_at=A_TUESDAY,
                expires_at=A_TUESDAY + timedelta(days=1),
                once_key=f"waiting:{one.case_id}",
            )
    return known


def workers(world: World, count: int) -> None:
    shifts = [Shift(world.app, worker=f"worker-{number}") for number in range(count)]
    at_once(world.app, [lambda shift=shift: send_due_texts(shift) for shift in shifts])  # type: ignore[misc]


def arrivals(phones: Phones) -> Counter[str]:
    return Counter(text.to for text in phones.arrived)


def test_two_workers_send_each_text_once(
    world: World, cases: list[Known], phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "anything_due", MeetOnce(dispatch.anything_due, parties=2, when=True))
    workers(world, 2)
    assert set(arrivals(phones).values()) == {1}
    assert len(phones.arrived) == TEXTS


def test_two_claims_in_the_same_moment_take_different_texts(
    world: World, cases: list[Known], monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    looked = MeetOnce(dispatch.due_texts, parties=2, when=engine_name == "postgresql")
    monkeypatch.setattr(dispatch, "due_texts", looked)

    def claim(worker: str) -> set[int]:
        with transaction():
            claimed = sending.claim_due(limit=30, worker=worker, public_url="http://localhost", now=A_TUESDAY)
        return {ready.text_id for ready in claimed.ready}

    one, other = at_once(world.app, [lambda: claim("one"), lambda: claim("other")])
    assert not one & other
    assert len(one | other) == TEXTS


def test_many_workers_share_the_work(world: World, cases: list[Known], phones: Phones) -> None:
    workers(world, 4)
    run_all_once(world.app)
    assert set(arrivals(phones).values()) == {1}
    assert len(phones.arrived) == TEXTS


def test_the_control_looking_without_a_lock_sends_to_double(
    world: World, cases: list[Known], phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked before either takes: what neither asks again when it takes, both send."""
    seen = threading.local()
    both = threading.Barrier(2)

    def look(**_: object) -> bool:
        if hasattr(seen, "ids"):
            return False
        seen.ids = list(db.session.scalars(sa.select(Text.id).where(Text.state == "planned").limit(24)))
        both.wait(PATIENCE)
        return True

    def take(**_: object) -> Sequence[Text]:
        return db.session.scalars(sa.select(Text).where(Text.id.in_(seen.ids))).all()

    monkeypatch.setattr(dispatch, "anything_due", look)
    monkeypatch.setattr(dispatch, "due_texts", take)
    workers(world, 2)
    assert set(arrivals(phones).values()) == {2}


def taken_and_sent_by_one_that_died(world: World, phones: Phones) -> int:
    """A worker claims texts and sends them, and is gone before it says so; answers how many."""
    with world.app.app_context(), transaction():
        claimed = sending.claim_due(limit=10, worker="dead", public_url="http://localhost", now=A_TUESDAY)
    for ready in claimed.ready:
        phones.send(to=ready.to, body=ready.body, callback_url="", valid_seconds=ready.valid_seconds)
    return len(claimed.ready)


def live_on(world: World, clock: MovableClock) -> None:
    for _ in range(8):
        clock.advance(minutes=1)
        run_all_once(world.app)


def test_what_a_dead_worker_sent_is_found_and_not_sent_again(
    world: World, cases: list[Known], phones: Phones, clock: MovableClock
) -> None:
    assert taken_and_sent_by_one_that_died(world, phones) == 10
    live_on(world, clock)
    assert set(arrivals(phones).values()) == {1}
    assert len(phones.arrived) == TEXTS


def test_what_a_dead_worker_took_and_did_not_send_is_sent(
    world: World, cases: list[Known], phones: Phones, clock: MovableClock
) -> None:
    with world.app.app_context(), transaction():
        sending.claim_due(limit=10, worker="dead", public_url="http://localhost", now=A_TUESDAY)
    live_on(world, clock)
    assert set(arrivals(phones).values()) == {1}
    assert len(phones.arrived) == TEXTS


def test_the_control_taking_a_lapsed_lease_for_a_failure_sends_to_double(
    world: World, cases: list[Known], phones: Phones, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan_anew(*, now: datetime) -> None:
        lapsed = sa.update(Text).where(Text.state == "claimed", Text.lease_until < now)
        db.session.execute(lapsed.values(state="planned").execution_options(synchronize_session=False))

    monkeypatch.setattr(dispatch, "doubt_lapsed", plan_anew)
    taken_and_sent_by_one_that_died(world, phones)
    live_on(world, clock)
    assert Counter(arrivals(phones).values()) == {2: 10, 1: TEXTS - 10}


def test_a_worker_that_was_only_slow_changes_nothing_afterwards(
    world: World, cases: list[Known], phones: Phones, clock: MovableClock
) -> None:
    with world.app.app_context(), transaction():
        claimed = sending.claim_due(limit=1, worker="slow", public_url="http://localhost", now=A_TUESDAY)
    live_on(world, clock)
    slow = claimed.ready[0]
    before = len(phones.arrived)
    with world.app.app_context(), transaction():
        sending.unknown(slow, now=clock.now())
    live_on(world, clock)
    assert len(phones.arrived) == before
    with world.app.app_context():
        assert db.session.get_one(Text, slow.text_id).state == "sent"


def test_two_workers_settle_one_text_once(
    world: World, cases: list[Known], phones: Phones, clock: MovableClock
) -> None:
    taken_and_sent_by_one_that_died(world, phones)
    clock.advance(minutes=3)
    shifts = [Shift(world.app, worker=f"worker-{number}") for number in range(2)]
    at_once(world.app, [lambda shift=shift: settle_unknown_texts(shift) for shift in shifts])  # type: ignore[misc]
    live_on(world, clock)
    assert set(arrivals(phones).values()) == {1}


def test_a_text_whose_case_is_being_changed_waits(
    world: World, cases: list[Known], phones: Phones, engine_name: str
) -> None:
    if engine_name == "sqlite":
        pytest.skip("SQLite's writers take turns: nobody can be half-way when a text is claimed")
    held = cases[0]
    with world.app.app_context(), transaction():
        db.session.execute(sa.text("SELECT 1 FROM cases WHERE id = :id FOR UPDATE"), {"id": held.case_id})
        at_once(world.app, [lambda: send_due_texts(Shift(world.app))])
        assert len(phones.arrived) == TEXTS - 1
    run_all_once(world.app)
    assert len(phones.arrived) == TEXTS
