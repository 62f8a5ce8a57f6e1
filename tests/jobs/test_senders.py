"""A sender is given no more than its rate, and rests when its texts do not go through; the others go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.caseload.text_senders import senders_now
from provider.domain.messaging import senders
from provider.domain.messaging.gateways import NotSent, SendUnknown, Sent
from provider.domain.messaging.models import Text, TextSender
from provider.domain.messaging.outbox import plan_text
from provider.domain.schemes.models import Scheme
from provider.jobs.lanes import AT_ONCE
from provider.jobs.shift import Shift
from provider.jobs.texting import send_due_texts
from provider.kernel.database import db, transaction
from tests.builders import World, build_world, count
from tests.cases import add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones

USUAL, OWN = "MG" + "b" * 32, "+447700900999"


@dataclass
class Network(Phones):
    """Phones behind a network that fails as long as ``fails`` says something of the sender."""

    sender: str = USUAL
    fails: Callable[[str], Exception | None] = lambda sender: None
    asked: list[str] = field(default_factory=list)

    def send(self, *, sender: str = "", **text: Any) -> Sent:
        self.asked.append(sender)
        fault = self.fails(sender)
        if fault is not None:
            raise fault
        return super().send(**text)


@pytest.fixture
def network(clock: MovableClock) -> Network:
    return Network(clock)


@pytest.fixture
def world(app: Flask, network: Network) -> Iterator[World]:
    app.extensions["text_gateway"] = network
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"texts_a_second": 10.0})
    yield build_world(app)
    app.extensions["settings"] = settings


def plan(world: World, number: int, *, scheme: str = "divert-adult", hours: float = 24) -> int:
    """Somebody on the waiting list with a text that is due and expires after so many hours; answers their case."""
    case_id = add_case(world, mobile=f"+4477009{number:05}", scheme=scheme).case_id
    with world.app.app_context(), transaction() as session:
        session.execute(
            sa.text(
                "INSERT INTO waiting_list (case_id, course_id, joined_at) VALUES (:case, :course, :now)"
            ).bindparams(sa.bindparam("now", type_=Text.due_at.type)),
            {"case": case_id, "course": world.courses["awareness"], "now": A_TUESDAY},
        )
        plan_text(
            "waiting_list_joined",
            case_id=case_id,
            due_at=A_TUESDAY,
            expires_at=A_TUESDAY + timedelta(hours=hours),
            once_key=f"waiting:{case_id}",
        )
    return case_id


def run(world: World) -> None:
    with world.app.app_context():
        send_due_texts(Shift(world.app))


def give_own_sender(world: World, scheme: str) -> None:
    with world.app.app_context(), transaction() as session:
        session.execute(sa.update(Scheme).where(Scheme.code == scheme).values(text_sender=OWN))


def in_states(world: World) -> dict[str, int]:
    with world.app.app_context():
        rows = db.session.execute(sa.select(Text.state, sa.func.count()).group_by(Text.state))
        return {row[0]: row[1] for row in rows}


def too_many(_sender: str) -> NotSent:
    return NotSent(20429, temporary=True, because="too_many")


def hangs(_sender: str) -> SendUnknown:
    return SendUnknown("no_answer_in_time")


def test_no_more_goes_out_than_the_rate_and_nothing_waits_longer_than_it_says(
    world: World, network: Network, clock: MovableClock
) -> None:
    for number in range(25):
        plan(world, number)
    gone = []
    for _ in range(4):
        run(world)
        run(world)
        gone.append(len(network.arrived))
        clock.advance(seconds=1)
    assert gone == [10, 20, 25, 25]
    assert in_states(world) == {"sent": 25}


def test_a_sender_that_was_idle_has_saved_up_no_more_than_a_second(
    world: World, network: Network, clock: MovableClock
) -> None:
    plan(world, 0)
    run(world)
    clock.advance(hours=1)
    for number in range(1, 15):
        plan(world, number)
    run(world)
    assert len(network.arrived) == 11


@pytest.mark.parametrize(
    ("rate", "after", "most"), [(3.0, 1 / 3, 1), (0.5, 1.9, 0), (0.5, 2.0, 1), (7.0, 1, 7)]
)
def test_what_a_rate_gives_after_a_while(
    app: Flask, clock: MovableClock, rate: float, after: float, most: int
) -> None:
    with app.app_context(), transaction():
        turn = senders.take_turn(USUAL, rate=rate, most=100, went=False, now=clock.now())
        assert turn.most == max(int(rate), 1)
        senders.spend(turn, turn.most, rate=rate, now=clock.now())
    with app.app_context(), transaction():
        now = clock.advance(seconds=after)
        assert senders.take_turn(USUAL, rate=rate, most=100, went=False, now=now).most == most


def test_a_scheme_with_a_sender_of_its_own_uses_it(world: World, network: Network) -> None:
    give_own_sender(world, "divert-young-people")
    plan(world, 1)
    plan(world, 2, scheme="divert-young-people")
    run(world)
    assert sorted(network.asked) == sorted([USUAL, OWN])
    with world.app.app_context():
        assert {one.address: one.schemes for one in senders_now()} == {
            USUAL: (),
            OWN: ("divert-young-people",),
        }


@pytest.mark.parametrize("fault", [too_many, hangs])
def test_a_sender_rests_when_its_texts_do_not_go_through_and_the_others_go_on(
    world: World, network: Network, clock: MovableClock, fault: Callable[[str], Exception]
) -> None:
    give_own_sender(world, "divert-young-people")
    for number in range(8):
        plan(world, number)
        plan(world, 100 + number, scheme="divert-young-people")
    network.fails = lambda sender: fault(sender) if sender == OWN else None
    run(world)
    tried = network.asked.count(OWN)
    assert senders.FAILURES <= tried <= 8
    assert len(network.arrived) == 8
    run(world)
    assert network.asked.count(OWN) == tried
    with world.app.app_context():
        resting = {one.address: one.rests_since for one in senders_now()}
    assert resting[OWN] == clock.now()
    assert resting[USUAL] is None


def test_after_a_rest_one_goes_ahead_and_the_others_follow_the_nearest_deadline_first(
    world: World, network: Network, clock: MovableClock
) -> None:
    cases = [plan(world, number, hours=30 - number) for number in range(9)]
    network.fails = too_many
    run(world)
    tried = len(network.asked)
    for _ in range(3):
        clock.advance(minutes=6)
        run(world)
    assert len(network.asked) == tried + 3
    network.fails = lambda sender: None
    clock.advance(minutes=6)
    run(world)
    assert in_states(world) == {"sent": len(cases)}
    assert network.arrived[0].to == "+447700900008"
    with world.app.app_context():
        assert senders_now()[0].rests_since is None


def test_the_control_a_sender_that_does_not_rest_is_asked_for_every_text(
    world: World, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "FAILURES", 1_000_000)
    for number in range(9):
        plan(world, number)
    network.fails = hangs
    run(world)
    assert len(network.asked) == 9


def test_a_network_that_asks_us_to_wait_is_given_the_time(
    world: World, network: Network, clock: MovableClock
) -> None:
    plan(world, 1)
    network.fails = lambda sender: NotSent(20429, temporary=True, because="too_many", wait_seconds=600)
    run(world)
    network.fails = lambda sender: None
    clock.advance(seconds=599)
    run(world)
    assert network.arrived == []
    clock.advance(seconds=2)
    run(world)
    assert len(network.arrived) == 1


def test_a_refusal_of_one_text_says_nothing_of_the_sender(world: World, network: Network) -> None:
    for number in range(9):
        plan(world, number)
    network.fails = lambda sender: NotSent(21610, temporary=False)
    run(world)
    assert in_states(world) == {"failed": 9}
    with world.app.app_context():
        assert senders_now()[0].rests_since is None


def test_what_expires_while_the_sender_rests_is_dropped_then_and_makes_one_call(
    world: World, network: Network, clock: MovableClock
) -> None:
    for number in range(8):
        plan(world, number, hours=2)
    late = plan(world, 9, hours=2)
    with world.app.app_context(), transaction():
        plan_text(
            "waiting_list_joined",
            case_id=late,
            due_at=A_TUESDAY,
            expires_at=A_TUESDAY + timedelta(hours=3),
            once_key="another",
        )
        db.session.add(
            TextSender(
                address=USUAL,
                used_until=A_TUESDAY,
                failures=0,
                rests=9,
                rests_since=A_TUESDAY,
                rests_until=A_TUESDAY + timedelta(days=1),
                rests_because="no_connection",
            )
        )
    clock.advance(hours=4)
    run(world)
    assert network.asked == []
    assert in_states(world) == {"dropped": 10}
    with world.app.app_context():
        assert count("texts", state_because="too_late") == 10
        assert count("tasks", kind="text_failed") == 9
        assert count("tasks", kind="text_failed", case_id=late) == 1


def test_rests_grow_and_are_never_the_same_for_all() -> None:
    longest = [senders.rest_for(rests, 1.0).total_seconds() for rests in range(1, 12)]
    assert longest[:5] == [10, 20, 40, 80, 160]
    assert max(longest) == 300
    assert senders.rest_for(3, 0.5).total_seconds() == 20
    assert senders.rest_for(9, 0.0) == senders.SHORTEST_REST


def test_told_to_stop_a_worker_finishes_what_is_on_its_way_and_keeps_nothing(
    world: World, network: Network
) -> None:
    for number in range(AT_ONCE + 8):
        plan(world, number)
    world.app.extensions["settings"] = world.app.extensions["settings"].model_copy(
        update={"texts_a_second": 1000.0}
    )
    shift = Shift(world.app)
    on_their_way = threading.Barrier(AT_ONCE)

    def stop(_sender: str) -> None:
        on_their_way.wait(10)
        shift.stopping.set()

    network.fails = stop
    with world.app.app_context():
        send_due_texts(shift)
    assert len(network.arrived) == AT_ONCE
    assert in_states(world) == {"sent": AT_ONCE, "planned": 8}
    with world.app.app_context():
        assert count("texts", tries=0, claimed_by=None) == 8
        assert count("text_links", dead_at=None) == AT_ONCE


def test_what_was_claimed_too_long_ago_is_not_begun(
    world: World, network: Network, clock: MovableClock
) -> None:
    """A worker that was held up may have lost what it holds."""
    for number in range(AT_ONCE + 2):
        plan(world, number)
    world.app.extensions["settings"] = world.app.extensions["settings"].model_copy(
        update={"texts_a_second": 1000.0}
    )
    on_their_way = threading.Barrier(AT_ONCE)

    def held_up(_sender: str) -> None:
        if len(network.asked) <= AT_ONCE:
            on_their_way.wait(10)
            clock.set(A_TUESDAY + timedelta(seconds=90))

    network.fails = held_up
    run(world)
    run(world)
    assert in_states(world) == {"sent": AT_ONCE + 2}
    assert len(network.arrived) == AT_ONCE + 2
    with world.app.app_context():
        assert count("text_links") == AT_ONCE + 4


@pytest.mark.parametrize(
    ("address", "whether"),
    [
        ("MG" + "0123456789abcdef" * 2, True),
        ("+447700900123", True),
        ("Waymark", True),
        ("07700900123", False),
        ("A name too long", False),
        ("MG123", True),
        ("1234567", False),
        ("", False),
    ],
)
def test_what_can_be_a_sender(address: str, whether: bool) -> None:
    assert senders.is_sender(address) is whether
