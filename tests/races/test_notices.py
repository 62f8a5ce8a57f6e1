"""Workers side by side, and a force that changes its mind meanwhile: each notice once, in order; and the controls."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from flask import Flask

from config import ROOT
from provider.domain.compliance import turns
from provider.domain.compliance.delivery import Notice, Outcome, next_notices, note
from provider.domain.compliance.turns import Turn
from provider.domain.forces.models import WebhookEndpoint
from provider.jobs import notifying
from provider.jobs.notifying import send_notices
from provider.jobs.shift import Shift
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import subscribing
from provider.pathway.subscribing import Subscribed
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.fakes import MovableClock
from tests.notices import add_endpoint, deliver, endpoint_of, ids_in_feed, publish
from tests.races.together import PATIENCE, at_once
from tests.stand_ins.receiver import Received, Receiver

EVENTS = 30
TAKEN = Outcome(204, None, 5)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def known(world: World) -> Known:
    return add_case(world)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def workers(world: World, count: int) -> None:
    shifts = [Shift(world.app, worker=f"worker-{number}") for number in range(count)]
    at_once(world.app, [lambda shift=shift: send_notices(shift) for shift in shifts])  # type: ignore[misc]


class TestWorkersSideBySide:
    def test_send_each_notice_once_and_in_order(self, world: World, known: Known) -> None:
        with Receiver() as first, Receiver() as second, Receiver() as third:
            for force, one in (("midshire", first), ("midshire", second), ("thamesford", third)):
                add_endpoint(world, one.url, force=force)
            ours = publish(world, known, EVENTS)
            theirs = publish(world, known, EVENTS, force="thamesford")
            workers(world, 3)
            assert (first.ids(), second.ids(), third.ids()) == (ours, ours, theirs)

    def test_control_a_lease_that_lapses_at_once_lets_them_send_double(
        self, world: World, known: Known, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(turns, "LEASE", timedelta(0))
        monkeypatch.setattr(notifying, "_has_time", lambda *_: True)
        add_endpoint(world, receiver.url)
        publish(world, known, 3)
        two = threading.Barrier(2)
        meet_first(receiver, two)
        workers(world, 2)
        assert Counter(receiver.ids())[ids_in_feed(world)[0]] >= 2

    def test_an_endpoint_that_somebody_changes_keeps_no_other_waiting(
        self, world: World, known: Known, receiver: Receiver, engine_name: str
    ) -> None:
        if engine_name == "sqlite":
            pytest.skip("SQLite's writers take turns: nobody can hold a row while another writes")
        held = add_endpoint(world, "http://127.0.0.1:9/")
        add_endpoint(world, receiver.url)
        publish(world, known)
        deliver_numbers(world)
        with world.app.app_context(), transaction():
            db.session.refresh(endpoint_of(held, world), with_for_update=True)
            at_once(world.app, [lambda: claim_and_send(world, receiver)])
        assert len(receiver.received) == 1


def meet_first(receiver: Receiver, barrier: threading.Barrier) -> None:
    """The first two requests are answered together: neither before the other is there."""
    take, met = receiver.take, threading.Semaphore(2)

    def take_together(received: Received) -> int | str:
        if met.acquire(blocking=False):
            barrier.wait(PATIENCE)
        return take(received)

    receiver.take = take_together  # type: ignore[method-assign]


def deliver_numbers(world: World) -> None:
    with world.app.app_context():
        notifying._number()


def claim_and_send(world: World, receiver: Receiver) -> None:
    shift = Shift(world.app)
    with transaction():
        turn = turns.claim(now=shift.now())
    assert turn is not None
    assert turn.url == receiver.url
    notifying._take_turn(shift, turn)


def claim(clock: MovableClock) -> Turn | None:
    with transaction():
        return turns.claim(now=clock.now())


def said(turn: Turn, notice: Notice, outcome: Outcome, clock: MovableClock) -> Turn | None:
    with transaction():
        return note(turn, notice, outcome, jitter=0, now=clock.now())


class TestALease:
    def test_what_is_claimed_is_nobody_elses_until_it_lapses(
        self, world: World, known: Known, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        publish(world, known, 2)
        deliver_numbers(world)
        with world.app.app_context():
            slow = claim(clock)
            assert slow is not None
            assert claim(clock) is None
            clock.advance(seconds=61)
            quick = claim(clock)
            assert quick is not None
            (notice, after), (again, _) = next_notices(slow, limit=2), next_notices(quick, limit=2)
            assert (notice.message_id, notice.body) == (again.message_id, again.body)
            for late in (Outcome(500, None, 5), TAKEN):
                assert said(slow, notice, late, clock) is None
            assert endpoint_of(made, world).delivered_through == 0
            goes_on = said(quick, again, TAKEN, clock)
            assert goes_on is not None
            assert goes_on.delivered_through == 1
            assert said(slow, notice, Outcome(410, None, 5), clock) is None
            goes_on = said(goes_on, after, TAKEN, clock)
            assert goes_on is not None
            assert (goes_on.delivered_through, goes_on.tries) == (2, 0)

    def test_a_worker_that_was_held_up_sends_nothing_more(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        """As when its machine slept: by now the endpoint may be another's."""
        add_endpoint(world, receiver.url)
        happened = publish(world, known, 3)
        deliver_numbers(world)
        with world.app.app_context():
            turn = claim(clock)
        assert turn is not None
        clock.advance(seconds=40)
        shift = Shift(world.app)
        with world.app.app_context():
            notifying._take_turn(shift, turn)
        assert receiver.received == []
        deliver(world)
        assert receiver.ids() == happened

    @pytest.mark.slow
    def test_a_worker_killed_while_it_sends_leaves_the_same_id_to_be_sent_again(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        add_endpoint(world, receiver.url)
        happened = publish(world, known, 3)
        receiver.answers.append("hang")
        with worker_on(world) as worker:
            until(lambda: bool(receiver.received), worker)
            worker.send_signal(signal.SIGKILL)
        assert receiver.ids() == happened[:1]
        deliver(world)
        clock.set(datetime.now(UTC) + timedelta(minutes=2))
        deliver(world)
        assert receiver.ids() == [happened[0], *happened]
        assert receiver.received[0].body == receiver.received[1].body


def worker_on(world: World) -> subprocess.Popen[bytes]:
    """A worker process of its own on the same database."""
    with world.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    secrets = {"SECRET_KEY": "s" * 32, "DATA_KEYS": "k" * 32, "PROVIDER_ENV": "test", "DATABASE_URL": url}
    command = [sys.executable, "-m", "flask", "--app", "provider", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **secrets}, stderr=subprocess.DEVNULL)


def until(true: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if true():
            return
        assert worker.poll() is None, "the worker is gone"
        time.sleep(0.05)
    worker.kill()
    pytest.fail("the worker sent nothing")


class TestAReplayMeanwhile:
    def test_loses_nothing_and_keeps_the_order(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        """A force asks again and again while its events are on their way: each is followed by the next, or by an
        earlier one where it asked, and in the end by the last."""
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, EVENTS)
        places = [random.Random(seed).randint(1, EVENTS) for seed in range(5)]

        def ask() -> None:
            for place in places:
                time.sleep(0.03)
                with transaction():
                    subscribing.replay(endpoint_of(made, world), place, by=SYSTEM, now=clock.now())

        shift = Shift(world.app)
        at_once(world.app, [lambda: send_notices(shift), ask])
        deliver(world)
        got = [happened.index(one) + 1 for one in receiver.ids()]
        assert got[0] == 1
        assert got[-1] == EVENTS
        assert set(got) == set(range(1, EVENTS + 1))
        jumps = [(before, after) for before, after in pairwise(got) if after != before + 1]
        assert all(after <= before for before, after in jumps)
        assert len(jumps) <= len(places)

    def test_what_was_in_flight_does_not_undo_it(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 5)
        turn, notice = in_flight(world, clock)
        with world.app.app_context():
            with transaction():
                subscribing.replay(endpoint_of(made, world), 1, by=SYSTEM, now=clock.now())
            assert said(turn, notice, TAKEN, clock) is None
            with transaction():
                turns.release(turn)
        deliver(world)
        assert receiver.ids() == happened

    def test_control_noting_it_without_looking_loses_what_was_asked_for(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        """What is usually written: the endpoint has taken this event, so it goes on after it."""
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 5)
        turn, notice = in_flight(world, clock)
        with world.app.app_context():
            with transaction():
                subscribing.replay(endpoint_of(made, world), 1, by=SYSTEM, now=clock.now())
            with transaction():
                db.session.execute(
                    sa.update(WebhookEndpoint).values(delivered_through=notice.sequence, lease=None)
                )
                turns.release(turn)
                db.session.execute(sa.update(WebhookEndpoint).values(leased_until=None))
        deliver(world)
        assert receiver.ids() == happened[3:]

    def test_nor_does_a_failure_that_was_in_flight(
        self, world: World, known: Known, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, "http://127.0.0.1:9/")
        publish(world, known, 5)
        turn, notice = in_flight(world, clock)
        with world.app.app_context():
            with transaction():
                subscribing.replay(endpoint_of(made, world), 1, by=SYSTEM, now=clock.now())
            assert said(turn, notice, Outcome(410, None, 5), clock) is None
            endpoint = endpoint_of(made, world)
            assert (endpoint.state, endpoint.tries, endpoint.delivered_through) == ("active", 0, 0)


def in_flight(world: World, clock: MovableClock) -> tuple[Turn, Notice]:
    """Two of five events were taken, and the third is on its way."""
    deliver_numbers(world)
    with world.app.app_context():
        turn = claim(clock)
        for _ in range(2):
            assert turn is not None
            turn = said(turn, next_notices(turn, limit=1)[0], TAKEN, clock)
        assert turn is not None
        return turn, next_notices(turn, limit=1)[0]


def test_two_changes_of_a_secret_at_once_are_one(world: World, clock: MovableClock) -> None:
    made = add_endpoint(world, "https://force.example/")
    box = world.app.extensions["secret_box"]

    def change() -> Subscribed:
        with transaction():
            return subscribing.change_secret(endpoint_of(made, world), box=box, by=SYSTEM, now=clock.now())

    answers = at_once(world.app, [change, change])
    shown = [one.secret for one in answers if isinstance(one, Subscribed)]
    assert len(shown) == 1
    with world.app.app_context():
        endpoint = endpoint_of(made, world)
        assert (box.open(endpoint.secret), box.open(endpoint.previous_secret or "")) == (
            shown[0],
            made.secret,
        )
