"""Notices: in order, tried again as promised, nobody kept waiting by somebody else. The receivers are real servers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.compliance import sending
from provider.domain.compliance.models import ComplianceEvent, NoticeAttempt
from provider.domain.compliance.replaying import Start
from provider.domain.compliance.retrying import RETRIES
from provider.domain.forces.models import WebhookEndpoint
from provider.domain.forces.rotating import SecretChangedAlready
from provider.jobs import notifying
from provider.jobs.notifying import send_notices
from provider.jobs.shift import Shift
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import subscribing
from tests.builders import World, build_world
from tests.cases import Known, add_case
from tests.fakes import MovableClock
from tests.notices import add_endpoint, attempts, box, deliver, endpoint_of, ids_in_feed, publish, state_of
from tests.queries import queries_of
from tests.stand_ins.receiver import Receiver


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


def wait_out(clock: MovableClock, wait: timedelta) -> None:
    """Until a retry that was promised after ``wait`` is due for certain, whatever its jitter."""
    clock.advance(seconds=wait.total_seconds() * 1.1)


class TestThreeDaysDown:
    def test_nothing_is_lost_the_order_is_kept_and_the_tries_come_as_promised(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        """Down in every way there is; events go on happening; at each step it is not tried a second too early."""
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 3)
        down: list[int | str] = [500, "reset", 307, 404, "reset", 503, 429, "reset", 500]
        receiver.answers.extend(down)
        began = clock.now()
        deliver(world)
        for tried, wait in enumerate(RETRIES, start=1):
            happened += publish(world, known, 2)
            assert receiver.ids() == happened[:1] * tried
            clock.advance(seconds=wait.total_seconds() - 1)
            deliver(world)
            assert len(receiver.received) == tried, "not before its time"
            wait_out(clock, wait)
            deliver(world)
        assert clock.now() - began > timedelta(days=3)
        assert receiver.ids() == [happened[0]] * 9 + happened
        assert happened == ids_in_feed(world)
        assert all(one.signed_by(made.secret) for one in receiver.received)
        assert state_of(world, made) == "active"

    def test_after_the_last_try_it_is_failing_and_left_alone(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = down_for_good(world, known, receiver, clock)
        tries = len(receiver.received)
        assert tries == len(RETRIES) + 1
        clock.advance(days=30)
        publish(world, known)
        deliver(world)
        assert len(receiver.received) == tries
        with world.app.app_context():
            counted = db.session.scalars(sa.select(NoticeAttempt.tries).order_by(NoticeAttempt.id)).all()
            assert list(counted) == list(range(1, tries + 1))
            assert endpoint_of(made, world).delivered_through == 0

    def test_a_test_that_gets_through_resumes_it(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = down_for_good(world, known, receiver, clock)
        receiver.received.clear()
        receiver.always = 204
        act(world, made, subscribing.ask_for_test, clock)
        deliver(world)
        test, *events = receiver.received
        assert json.loads(test.body)["type"] == "endpoint.test"
        assert test.signed_by(made.secret)
        assert [one.id for one in events] == ids_in_feed(world)
        assert state_of(world, made) == "active"

    def test_one_that_does_not_changes_nothing(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = down_for_good(world, known, receiver, clock)
        receiver.received.clear()
        act(world, made, subscribing.ask_for_test, clock)
        deliver(world)
        deliver(world)
        assert len(receiver.received) == 1
        assert state_of(world, made) == "failing"

    @pytest.mark.parametrize("how", ["try again", "replay"])
    def test_so_does_a_person(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock, how: str
    ) -> None:
        made = down_for_good(world, known, receiver, clock)
        receiver.received.clear()
        receiver.always = 204
        if how == "replay":
            with world.app.app_context(), transaction():
                subscribing.replay(endpoint_of(made, world), 1, by=SYSTEM, now=clock.now())
        else:
            act(world, made, subscribing.try_again, clock)
        deliver(world)
        assert receiver.ids() == ids_in_feed(world)
        assert state_of(world, made) == "active"

    def test_after_a_person_tried_again_the_whole_row_of_tries_begins_anew(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = down_for_good(world, known, receiver, clock)
        act(world, made, subscribing.try_again, clock)
        deliver(world)
        assert state_of(world, made) == "active"
        wait_out(clock, RETRIES[0])
        receiver.always = 204
        deliver(world)
        assert receiver.ids()[-3:] == ids_in_feed(world)

    def test_410_disables_until_a_person_says_otherwise(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known, 2)
        receiver.answers.append(410)
        deliver(world)
        clock.advance(days=5)
        deliver(world)
        assert (state_of(world, made), len(receiver.received)) == ("disabled", 1)
        act(world, made, subscribing.try_again, clock)
        deliver(world)
        assert receiver.ids()[1:] == ids_in_feed(world)

    def test_a_backlog_is_sent_in_order_over_one_connection(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        """A tenth of the 5,000 that drain in minutes, in a tenth of the time: ``benchmarks.notices`` sends them all."""
        add_endpoint(world, receiver.url)
        happened = publish(world, known, 500)
        began = time.monotonic()
        deliver(world)
        assert receiver.ids() == happened
        assert receiver.connections == 1
        assert time.monotonic() - began < 30


def down_for_good(
    world: World, known: Known, receiver: Receiver, clock: MovableClock
) -> subscribing.Subscribed:
    """Three events wait for an endpoint that used up every try."""
    made = add_endpoint(world, receiver.url)
    publish(world, known, 3)
    receiver.always = 500
    deliver(world)
    for wait in RETRIES:
        wait_out(clock, wait)
        deliver(world)
    assert state_of(world, made) == "failing"
    return made


def act(world: World, made: subscribing.Subscribed, what, clock: MovableClock, **more) -> None:
    with world.app.app_context(), transaction():
        what(endpoint_of(made, world), by=SYSTEM, now=clock.now(), **more)


class TestOthersAreUnaffected:
    def test_ten_that_hang_at_one_force_and_another_force_is_told_at_once(
        self, world: World, known: Known, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As many as one force may hang at once go on hanging meanwhile, and no more of them were asked."""
        monkeypatch.setattr(sending, "SECONDS", 25)
        with ExitStack() as servers:
            hanging = [servers.enter_context(Receiver(always="hang")) for _ in range(10)]
            for one in hanging:
                add_endpoint(world, one.url)
            add_endpoint(world, receiver.url, force="thamesford")
            publish(world, known)
            shift = Shift(world.app)
            job = threading.Thread(target=run_job, args=(shift,))
            job.start()
            until(lambda: sum(len(one.received) for one in hanging) >= notifying.AT_ONCE_OF_A_FORCE)
            publish(world, known, force="thamesford")
            until(lambda: bool(receiver.received))
            assert sum(len(one.received) for one in hanging) == notifying.AT_ONCE_OF_A_FORCE
            shift.stopping.set()
            for one in hanging:
                one.let_go.set()
            job.join(20)
            assert not job.is_alive()

    def test_who_failed_before_comes_after_who_did_not(
        self, world: World, known: Known, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notifying, "AT_ONCE", 1)
        order: list[str] = []
        with Receiver() as bad, Receiver() as good:
            for name, one in (("bad", bad), ("good", good)):
                made = add_endpoint(world, one.url)
                one.take = partial(noted, order, name, one.take)  # type: ignore[method-assign]
                with world.app.app_context(), transaction():
                    endpoint_of(made, world).tries = 3 if name == "bad" else 0
            publish(world, known)
            deliver(world)
        assert order == ["good", "bad"]

    def test_a_fault_of_ours_with_one_stops_no_other_and_is_not_repeated_at_once(
        self, world: World, known: Known, receiver: Receiver, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = add_endpoint(world, receiver.url)
        with world.app.app_context(), transaction():
            endpoint_of(broken, world).secret = "not sealed by any key of ours"
        with Receiver() as other:
            add_endpoint(world, other.url)
            publish(world, known)
            deliver(world)
            deliver(world)
            assert len(other.received) == 1
        assert caplog.text.count("a turn of notices failed") == 1
        assert receiver.received == []

    def test_a_stop_finishes_what_is_in_flight_and_begins_nothing(
        self, world: World, known: Known, receiver: Receiver
    ) -> None:
        receiver.answers.append("hang")
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 5)
        shift = Shift(world.app)
        job = threading.Thread(target=run_job, args=(shift,))
        job.start()
        until(lambda: bool(receiver.received))
        receiver.answers.append(204)
        shift.stopping.set()
        receiver.let_go.set()
        job.join(20)
        assert not job.is_alive()
        sent = len(receiver.received)
        assert sent <= 2, "the one in flight, and once more where its connection had broken"
        with world.app.app_context():
            endpoint = endpoint_of(made, world)
            assert (endpoint.lease, endpoint.leased_until) == (None, None)
        receiver.received.clear()
        with world.app.app_context(), transaction():
            endpoint_of(made, world).next_try_at = None
        deliver(world)
        assert receiver.ids() == happened

    def test_events_are_read_in_batches_and_each_notice_costs_two_statements(
        self, app: Flask, world: World, known: Known, receiver: Receiver
    ) -> None:
        add_endpoint(world, receiver.url)
        publish(world, known, 100)
        with world.app.app_context():
            notifying._number()
        with queries_of(app) as sent:
            deliver(world)
        reading = [one for one in sent if "FROM compliance_events" in one and "body" not in one]
        assert len([one for one in sent if one.startswith("INSERT INTO notice_attempts")]) == 100
        assert len(reading) < 12
        assert len(sent) < 230


def noted(order: list[str], name: str, take, sent):
    order.append(name)
    return take(sent)


def run_job(shift: Shift) -> None:
    with shift.app.app_context():
        send_notices(shift)


def until(true, *, seconds: float = 10) -> None:
    for _ in range(int(seconds * 50)):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it never came to that")


class TestSecrets:
    def test_for_a_day_both_sign_the_newest_first_then_one_alone(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        old = add_endpoint(world, receiver.url)
        with world.app.app_context(), transaction():
            new = subscribing.change_secret(
                endpoint_of(old, world), box=box(world), by=SYSTEM, now=clock.now()
            )
        assert (new.public_id, new.url) == (old.public_id, old.url)
        assert new.secret != old.secret
        for moment, secrets in (
            (timedelta(0), (new.secret, old.secret)),
            (timedelta(hours=23, minutes=59), (new.secret, old.secret)),
            (timedelta(minutes=2), (new.secret,)),
        ):
            clock.advance(seconds=moment.total_seconds())
            publish(world, known)
            deliver(world)
            assert receiver.received[-1].signed_by(*secrets)

    def test_a_second_change_within_the_day_is_refused_and_changes_nothing(
        self, world: World, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, "https://force.example/")
        act(world, made, subscribing.change_secret, clock, box=box(world))
        before = stored_secrets(world, made)
        with pytest.raises(SecretChangedAlready):
            act(world, made, subscribing.change_secret, clock, box=box(world))
        assert stored_secrets(world, made) == before
        clock.advance(hours=24)
        act(world, made, subscribing.change_secret, clock, box=box(world))
        assert stored_secrets(world, made)[1] == before[0]

    def test_the_old_one_can_be_ended_at_once(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        old = add_endpoint(world, receiver.url)
        with world.app.app_context(), transaction():
            new = subscribing.change_secret(
                endpoint_of(old, world), box=box(world), by=SYSTEM, now=clock.now()
            )
        act(world, old, subscribing.end_old_secret, clock)
        publish(world, known)
        deliver(world)
        assert receiver.received[-1].signed_by(new.secret)

    def test_both_are_sealed_where_they_are_kept(self, world: World, clock: MovableClock) -> None:
        made = add_endpoint(world, "https://force.example/")
        act(world, made, subscribing.change_secret, clock, box=box(world))
        secret, previous = stored_secrets(world, made)
        assert "whsec_" not in f"{secret} {previous}"
        assert box(world).open(previous or "") == made.secret


def stored_secrets(world: World, made: subscribing.Subscribed) -> tuple[str, str | None]:
    with world.app.app_context():
        endpoint = endpoint_of(made, world)
        return endpoint.secret, endpoint.previous_secret


class TestReplay:
    def test_from_an_event_on_in_order_under_the_same_ids(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 5)
        deliver(world)
        replay(world, made, clock, event=happened[2])
        deliver(world)
        assert receiver.ids() == happened + happened[2:]
        assert receiver.received[2].body == receiver.received[5].body

    def test_what_was_recorded_since_a_moment(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known, 2)
        later = clock.now() + timedelta(days=1)
        since = publish(world, known, 2, now=later)
        deliver(world)
        receiver.received.clear()
        replay(world, made, clock, moment=later)
        deliver(world)
        assert receiver.ids() == since

    def test_everything_also_what_happened_before_the_endpoint_was_there(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        before = publish(world, known, 3)
        made = add_endpoint(world, receiver.url)
        replay(world, made, clock)
        deliver(world)
        assert receiver.ids() == before

    @pytest.mark.parametrize("when", ["in an hour", "the newest event"])
    def test_what_was_not_taken_yet_is_never_skipped(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock, when: str
    ) -> None:
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 3)
        receiver.answers.append(500)
        deliver(world)
        receiver.received.clear()
        if when == "in an hour":
            replay(world, made, clock, moment=clock.now() + timedelta(hours=1))
        else:
            replay(world, made, clock, event=happened[2])
        deliver(world)
        assert receiver.ids() == happened

    def test_an_event_of_another_force_is_none(self, world: World, known: Known, clock: MovableClock) -> None:
        made = add_endpoint(world, "https://force.example/")
        (theirs,) = publish(world, known, force="thamesford")
        with world.app.app_context():
            start = Start(event=theirs)
            assert subscribing.place_of(start, endpoint=endpoint_of(made, world)) is None


def replay(world: World, made: subscribing.Subscribed, clock: MovableClock, **start) -> None:
    with world.app.app_context(), transaction():
        endpoint = endpoint_of(made, world)
        place = subscribing.place_of(Start(**start), endpoint=endpoint)
        assert place is not None
        subscribing.replay(endpoint, place, by=SYSTEM, now=clock.now())


class TestConnections:
    def test_one_that_was_closed_without_a_word_is_no_failure(
        self, world: World, known: Known, receiver: Receiver
    ) -> None:
        add_endpoint(world, receiver.url)
        happened = publish(world, known, 4)
        receiver.answers.extend([204, "unsaid", 204, 204])
        deliver(world)
        assert receiver.ids() == happened
        assert attempts(world) == [(204, None)] * 4

    def test_an_answer_that_never_ends_was_given_all_the_same(
        self, world: World, known: Known, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sending, "REST_SECONDS", 0.2)
        add_endpoint(world, receiver.url)
        happened = publish(world, known, 2)
        receiver.answers.extend(["endless", 204])
        deliver(world)
        assert receiver.ids() == happened
        assert attempts(world) == [(200, None), (204, None)]

    @pytest.mark.parametrize("how", ["hang", "drip"])
    def test_one_that_takes_too_long_is_none(
        self, world: World, known: Known, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        usual = sending.SECONDS
        monkeypatch.setattr(sending, "SECONDS", 0.5)
        add_endpoint(world, receiver.url)
        publish(world, known)
        receiver.always = how
        began = time.monotonic()
        deliver(world)
        assert attempts(world) == [(None, "no_answer_in_time")]
        assert time.monotonic() - began < usual

    def test_the_name_is_looked_up_anew_every_turn(
        self, world: World, known: Known, receiver: Receiver
    ) -> None:
        add_endpoint(world, receiver.url)
        for _ in range(3):
            publish(world, known, 5)
            deliver(world)
        assert receiver.connections == 3

    def test_a_test_that_is_asked_for_meanwhile_goes_next(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        happened = publish(world, known, 6)
        take = receiver.take

        def take_and_ask(sent):
            if len(receiver.received) == 2:
                act(world, made, subscribing.ask_for_test, clock)
            return take(sent)

        receiver.take = take_and_ask  # type: ignore[method-assign]
        deliver(world)
        ids = receiver.ids()
        assert ids[3].startswith("evt_test_")
        assert ids[:3] + ids[4:] == happened

    def test_a_turn_ends_after_a_while_and_another_goes_on_from_there(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        add_endpoint(world, receiver.url)
        happened = publish(world, known, 6)
        take = receiver.take

        def take_slowly(sent):
            clock.advance(seconds=14)
            return take(sent)

        receiver.take = take_slowly  # type: ignore[method-assign]
        deliver(world)
        assert receiver.ids() == happened
        assert receiver.connections == 2

    def test_removed_while_it_is_sent_to_nothing_more_goes_there(
        self, world: World, known: Known, receiver: Receiver, clock: MovableClock
    ) -> None:
        made = add_endpoint(world, receiver.url)
        publish(world, known, 20)
        take = receiver.take

        def take_and_remove(sent):
            if len(receiver.received) == 3:
                act(world, made, subscribing.unsubscribe, clock)
            return take(sent)

        receiver.take = take_and_remove  # type: ignore[method-assign]
        deliver(world)
        assert len(receiver.received) == 4
        with world.app.app_context():
            assert db.session.scalars(sa.select(WebhookEndpoint.delivered_through)).one() == 3
            assert db.session.scalar(sa.select(sa.func.count(ComplianceEvent.id))) == 20
