"""Two texts never reach one person at once: what can wait does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from provider.domain.messaging.models import Text
from provider.domain.messaging.outbox import plan_text
from provider.jobs.run import run_all_once
from provider.kernel.database import db, transaction
from provider.pathway import sending
from tests.builders import World, build_world
from tests.cases import Known
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.texting import add_to_ring, book, states, texts_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def also(world: World, known: Known, kind: str, *, due: datetime, hours: float = 8) -> None:
    """One more text to the same person, beside those of the booking."""
    with world.app.app_context(), transaction():
        plan_text(
            kind,
            case_id=known.case_id,
            due_at=due,
            expires_at=due + timedelta(hours=hours),
            once_key=f"{kind}:{due}",
            appointment_id=texts_of(world, known)[0].appointment_id,
        )


def test_a_reminder_waits_where_something_has_just_gone_out(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    also(world, known, "assessment_reminder_6d", due=clock.now() + timedelta(minutes=20))
    clock.advance(minutes=20)
    run_all_once(world.app)
    assert len(phones.arrived) == 1
    assert states(world, known)["assessment_reminder_6d"].endswith("another_text")
    clock.advance(minutes=105)
    run_all_once(world.app)
    first, second = phones.arrived
    assert second.at - first.at >= timedelta(hours=2)


def test_a_reminder_lets_what_cannot_wait_go_first(world: World, clock: MovableClock, phones: Phones) -> None:
    """What says that a booking was moved comes within the hour: the reminder of it comes well after."""
    known = add_to_ring(world)
    book(world, known)
    also(world, known, "assessment_reminder_6d", due=clock.now())
    clock.advance(minutes=1)
    run_all_once(world.app)
    assert ["on Wednesday" in text.body for text in phones.arrived] == [True]
    clock.advance(hours=2, minutes=1)
    run_all_once(world.app)
    assert len(phones.arrived) == 2


def test_of_two_that_can_wait_one_goes(world: World, clock: MovableClock, phones: Phones) -> None:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    clock.advance(hours=3)
    also(world, known, "assessment_reminder_6d", due=clock.now())
    also(world, known, "assessment_reminder_5d", due=clock.now(), hours=4)
    run_all_once(world.app)
    assert len(phones.arrived) == 2
    assert states(world, known)["assessment_reminder_5d"] == "sent"


def test_where_waiting_would_be_too_long_it_is_left_out_and_nobody_rings_instead(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    also(world, known, "assessment_reminder_6d", due=clock.now(), hours=1)
    run_all_once(world.app)
    assert states(world, known)["assessment_reminder_6d"] == "dropped: another_text"
    assert len(phones.arrived) == 1


def test_what_cannot_wait_goes_out_at_once(world: World, clock: MovableClock, phones: Phones) -> None:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    also(world, known, "assessment_moved", due=clock.now())
    run_all_once(world.app)
    assert len(phones.arrived) == 2


def test_one_person_does_not_wait_for_another(world: World, phones: Phones) -> None:
    for nth, name in enumerate(("Sam", "Alex")):
        book(world, add_to_ring(world, given_name=name, mobile=f"+44770090030{nth}"), days=8 + nth)
    run_all_once(world.app)
    assert len(phones.arrived) == 2


@pytest.mark.parametrize(
    ("kind", "minutes", "valid"),
    [
        ("assessment_reminder_1h", 60, 3600),
        ("assessment_reminder_1h", 20, 1200),
        ("assessment_booked", 30, 1800),
        ("assessment_reminder_1d", 10 * 60, 36_000),
        ("assessment_moved", 24 * 60, 86_400),
    ],
)
def test_a_text_is_valid_until_it_makes_no_sense(
    world: World, clock: MovableClock, kind: str, minutes: int, valid: int
) -> None:
    """Twilio takes ten hours at most: what is valid for longer is given those, where the text is handed over."""
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    clock.advance(hours=3)
    also(world, known, kind, due=clock.now(), hours=minutes / 60)
    with world.app.app_context(), transaction():
        claimed = sending.claim_due(limit=5, worker="w", public_url="https://go.example", now=clock.now())
    assert [ready.valid_seconds for ready in claimed.ready] == [valid]


def test_a_late_one_is_dropped_with_its_reason(world: World, clock: MovableClock, phones: Phones) -> None:
    known = add_to_ring(world)
    book(world, known)
    clock.set(A_TUESDAY.astimezone(UTC) + timedelta(days=30))
    run_all_once(world.app)
    assert phones.arrived == []
    with world.app.app_context():
        said = {text.state_because for text in db.session.query(Text)}
    assert said <= {"too_late", "started"}
