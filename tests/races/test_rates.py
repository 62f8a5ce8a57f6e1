"""Four workers and one sender: together they keep to its rate, and each text goes out once; and the same without."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.caseload.text_senders import Sender, senders_in_use
from provider.domain.messaging import dispatch, senders
from provider.domain.messaging.models import Text, TextSender
from provider.domain.messaging.outbox import Planned, plan_texts
from provider.domain.messaging.senders import Turn
from provider.domain.schemes.models import Scheme
from provider.jobs.shift import Shift
from provider.jobs.texting import send_due_texts
from provider.kernel.database import db, transaction
from tests.builders import World, build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.races.test_plans import asked_by
from tests.races.together import at_once

WORKERS, EACH, RATE = 4, 50, 25.0


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    """200 people on the waiting list, each with a text that is due."""
    settings = app.extensions["settings"].model_copy(update={"texts_a_second": RATE})
    monkeypatch.setitem(app.extensions, "settings", settings)
    world = build_world(app)
    cases = [add_case(world, mobile=f"+4477009{number:05}").case_id for number in range(WORKERS * EACH)]
    with app.app_context(), transaction() as session:
        for case_id in cases:
            session.execute(
                sa.text(
                    "INSERT INTO waiting_list (case_id, course_id, joined_at) VALUES (:case, :course, :now)"
                ).bindparams(sa.bindparam("now", type_=Text.due_at.type)),
                {"case": case_id, "course": world.courses["awareness"], "now": A_TUESDAY},
            )
            day = A_TUESDAY + timedelta(days=1)
            text = Planned("waiting_list_joined", A_TUESDAY, day, f"waiting:{case_id}")
            plan_texts([text], case_id=case_id)
    return world


def work_together(world: World) -> None:
    shifts = [Shift(world.app, worker=f"worker-{number}") for number in range(WORKERS)]
    at_once(world.app, [lambda shift=shift: send_due_texts(shift) for shift in shifts])  # type: ignore[misc]


def test_many_workers_keep_to_one_rate_and_send_each_text_once(
    world: World, phones: Phones, clock: MovableClock
) -> None:
    phones.sender = "+447700900999"
    gone = []
    for _ in range(int(WORKERS * EACH / RATE)):
        work_together(world)
        gone.append(len(phones.arrived))
        clock.advance(seconds=1)
    assert gone == [RATE * (second + 1) for second in range(len(gone))]
    assert set(Counter(text.to for text in phones.arrived).values()) == {1}


def test_the_control_a_rate_counted_by_each_worker_is_exceeded(
    world: World, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    own: dict[int, TextSender] = defaultdict(
        lambda: TextSender(used_until=A_TUESDAY - timedelta(days=1), failures=0, rests=0)
    )

    def take_turn(_address: str, *, rate: float, most: int, **_: object) -> Turn:
        mine = own[threading.get_ident()]
        return Turn(mine, min(most, senders._unused(mine.used_until, rate, A_TUESDAY)))

    monkeypatch.setattr(senders, "take_turn", take_turn)
    work_together(world)
    assert len(phones.arrived) > 2 * RATE


@pytest.mark.parametrize("own_sender", [False, True])
def test_due_texts_are_found_by_their_index_among_many_that_are_not(
    world: World, clock: MovableClock, engine_name: str, own_sender: bool
) -> None:
    """100,000 that are planned for later are not looked at, by either engine, for one sender or for several."""
    fill(world, engine_name)
    with world.app.app_context():
        if own_sender:
            with transaction() as session:
                own = sa.update(Scheme).where(Scheme.code != "divert-adult")
                session.execute(own.values(text_sender="+447700900999"))
        usual = senders_in_use("sandbox")[0]
        assert (usual.only is not None) is own_sender
        with transaction():
            asked = asked_by(lambda: look(usual, clock))
        assert len(asked) == 3
        assert {statement for statement, values in asked if reads_texts_whole(statement, values)} == set()


def look(sender: Sender, clock: MovableClock) -> None:
    assert dispatch.anything_due(only=sender.only, now=clock.now())
    assert len(dispatch.due_texts(limit=64, only=sender.only, now=clock.now())) == 64
    assert dispatch.due_texts(limit=64, expired=True, now=clock.now()) == []


def reads_texts_whole(statement: str, values: Any) -> bool:
    how = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    with db.engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"{how} {statement}", values).all())
    return "Seq Scan on texts" in plan or "SCAN texts" in plan


def test_one_that_reads_the_texts_whole_is_noticed(world: World) -> None:
    with world.app.app_context():
        assert reads_texts_whole("SELECT id FROM texts WHERE body IS NOT NULL", ())


def fill(world: World, engine_name: str) -> None:
    numbers = (
        "SELECT n FROM generate_series(1, 100000) AS n"
        if engine_name == "postgresql"
        else "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100000) SELECT n FROM r"
    )
    later = sa.bindparam("later", A_TUESDAY + timedelta(days=5), type_=Text.due_at.type)
    with world.app.app_context():
        with db.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO texts (public_id, case_id, kind, once_key, due_at, expires_at, state, tries) "
                    "SELECT 'later' || n, (SELECT min(id) FROM cases), 'waiting_list_joined', 'later' || n, "
                    f":later, :later, 'planned', 0 FROM ({numbers}) AS numbers"
                ).bindparams(later)
            )
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
