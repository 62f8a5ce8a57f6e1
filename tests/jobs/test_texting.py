"""What goes out, when, to whom, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.caseload.text_facts import Read, TextNow
from provider.caseload.text_facts import text_now as really
from provider.domain.diary.moves import THEY_ASKED
from provider.domain.messaging import wording
from provider.domain.messaging.models import Text
from provider.domain.messaging.outbox import plan_text
from provider.domain.referrals.models import Case
from provider.jobs.run import run_all_once
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating, booking, sending
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones
from tests.texting import MOBILE, add_to_ring, book, change_number, states, texts_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def live_until(world: World, clock: MovableClock, moment: datetime) -> None:
    """Let the workers do their work until ``moment``: soon after each time at which a text is due, and at the end."""
    while clock.now() < moment:
        with world.app.app_context():
            planned = sa.select(sa.func.min(Text.due_at)).where(
                Text.state == "planned", Text.due_at > clock.now()
            )
            due = db.session.scalar(planned)
        clock.set(min(due + timedelta(minutes=1), moment) if due is not None else moment)
        run_all_once(world.app)


def test_a_booking_is_confirmed_and_reminded_of_on_time(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world)
    starts_at = book(world, known)
    run_all_once(world.app)
    assert [text.to for text in phones.arrived] == [MOBILE]
    assert phones.arrived[0].body.startswith(
        "Hi Sam, Waymark Midshire will ring you on Wednesday 2 December at 9:30am"
    )
    assert phones.arrived[0].link is not None
    live_until(world, clock, starts_at)
    assert set(states(world, known).values()) == {"sent"}
    days_ahead = [(starts_at - text.at).total_seconds() / 86_400 for text in phones.arrived]
    assert [round(ahead) for ahead in days_ahead] == [8, 7, 3, 1, 0]
    assert timedelta(minutes=50) <= starts_at - phones.arrived[-1].at <= timedelta(hours=1)
    assert len({text.link for text in phones.arrived}) == 5


def test_the_link_is_in_the_text_alone(world: World, phones: Phones) -> None:
    known = add_to_ring(world)
    book(world, known)
    run_all_once(world.app)
    stored = texts_of(world, known)[0]
    link = phones.arrived[0].link
    assert stored.body is not None
    assert link is not None
    assert stored.body == phones.arrived[0].body.replace(link, "[link]")
    assert link.rpartition("/")[2] not in f"{stored.__dict__}"


def test_running_again_sends_nothing_twice(world: World, phones: Phones) -> None:
    book(world, add_to_ring(world))
    for _ in range(3):
        run_all_once(world.app)
    assert len(phones.arrived) == 1


def test_a_moved_booking_is_never_reminded_of(world: World, clock: MovableClock, phones: Phones) -> None:
    known = add_to_ring(world)
    starts_at = book(world, known)
    run_all_once(world.app)
    later = starts_at + timedelta(hours=3)
    appointment_id = texts_of(world, known)[0].appointment_id
    assert appointment_id is not None
    with world.app.app_context(), transaction():
        booking.move_appointment(
            appointment_id, starts_at=later, why=THEY_ASKED, by=Actor("account", 1), now=clock.now()
        )
    live_until(world, clock, later)
    about_the_old = [text.body for text in phones.arrived[1:] if "at 9:30am" in text.body]
    assert about_the_old == []
    assert len(phones.arrived) == 6


def test_a_text_that_no_longer_holds_is_dropped_even_if_nobody_cancelled_it(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world)
    book(world, known)
    with world.app.app_context(), transaction() as session:
        session.execute(sa.text("UPDATE appointments SET state = 'cancelled'"))
    run_all_once(world.app)
    assert phones.arrived == []
    assert states(world, known)["assessment_booked"] == "dropped: booking_changed"


@pytest.mark.parametrize(
    ("number", "because"),
    [
        ({"state": "bad"}, "number_bad"),
        ({"state": "opted_out"}, "number_opted_out"),
        ({"state": "not_a_mobile", "e164": None}, "no_mobile"),
        ({"texts_wanted": False}, "texts_not_wanted"),
    ],
)
def test_where_no_text_may_go_somebody_rings_instead(
    world: World, phones: Phones, number: dict[str, object], because: str
) -> None:
    known = add_to_ring(world)
    book(world, known)
    change_number(world, known, **number)
    run_all_once(world.app)
    assert phones.arrived == []
    assert states(world, known)["assessment_booked"] == f"dropped: {because}"
    with world.app.app_context():
        assert count("tasks", kind="text_failed", case_id=known.case_id) == 1


def test_before_the_number_is_confirmed_no_name_and_no_appointment(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world)
    starts_at = book(world, known)
    change_number(world, known, confirmed_at=None, confirmed_by=None)
    live_until(world, clock, starts_at)
    assert len(phones.arrived) == 1
    body = phones.arrived[0].body
    assert body.startswith(
        "Hello. Waymark Midshire will ring you on Wednesday 2 December at about 9:30am from"
    )
    assert "Sam" not in body
    assert states(world, known)["assessment_booked"] == "dropped: number_not_confirmed"
    with world.app.app_context():
        assert count("tasks", kind="text_failed") == 0


def test_a_phone_that_others_see_gets_no_name(world: World, phones: Phones) -> None:
    known = add_to_ring(world)
    change_number(world, known, who_sees="others_fine")
    book(world, known)
    run_all_once(world.app)
    assert phones.arrived[0].body.startswith("Hello, Waymark")


def test_a_child_gets_call_notices_only_until_somebody_spoke_with_them(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world, born=datetime(2010, 5, 14).date(), scheme="divert-young-people")
    change_number(world, known, confirmed_by="officer")
    book(world, known)
    run_all_once(world.app)
    assert phones.arrived == []


def test_at_night_nothing_arrives_unless_it_begins_soon(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world)
    night = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
    book(world, known)
    clock.set(night)
    run_all_once(world.app)
    assert phones.arrived == []
    clock.set(night.replace(day=25, hour=8, minute=5))
    run_all_once(world.app)
    assert len(phones.arrived) == 1


def test_too_late_is_not_sent_but_rung(world: World, clock: MovableClock, phones: Phones) -> None:
    known = add_to_ring(world)
    starts_at = book(world, known)
    clock.set(starts_at - timedelta(days=2))
    run_all_once(world.app)
    late = states(world, known)
    assert late["assessment_reminder_7d"] == "dropped: too_late"
    assert late["assessment_reminder_3d"] == "dropped: too_late"
    with world.app.app_context():
        assert count("tasks", kind="text_failed", case_id=known.case_id) == 1


def test_the_last_text_before_a_session_leads_to_us_and_not_to_the_meeting(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    starts_at = A_TUESDAY + timedelta(days=2)
    session_id = add_session(world, course="awareness", starts_at=starts_at)
    known = add_case(world)
    give_place(world, known, session_id, clock)
    live_until(world, clock, starts_at)
    last = phones.arrived[-1]
    assert "starts at 9:30am" in last.body
    assert last.link is not None
    assert last.link.startswith("http://localhost/p/")
    assert "meet.example" not in last.body


def give_place(world: World, known: Known, session_id: int, clock: MovableClock) -> None:
    with world.app.app_context(), transaction():
        allocating.give_place(known.case_id, session_id, by=Actor("account", 1), now=clock.now())


def test_the_first_call_is_announced_by_who_rings_from_where_and_when_and_nothing_else(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    known = add_to_ring(world)
    change_number(world, known, confirmed_at=None, confirmed_by=None)
    with world.app.app_context(), transaction() as session:
        session.execute(sa.text("UPDATE accounts SET name = 'Kim Example'"))
        case = session.get_one(Case, known.case_id)
        case.next_call_at = clock.now() + timedelta(hours=3)
        plan_text(
            "first_contact_soon",
            case_id=case.id,
            due_at=case.next_call_at - timedelta(minutes=30),
            expires_at=case.next_call_at + timedelta(hours=1),
            once_key="first",
        )
    live_until(world, clock, clock.now() + timedelta(hours=4))
    assert len(phones.arrived) == 1
    text = phones.arrived[0]
    said = (
        "Kim from Waymark Midshire will ring you on Tuesday 24 November at about 12:30pm from 0121 496 0100."
    )
    assert text.body.startswith(f"Hello. {said}")
    assert text.at == A_TUESDAY + timedelta(hours=2, minutes=31)


def test_treatment_reads_like_any_one_to_one(world: World, clock: MovableClock, phones: Phones) -> None:
    starts_at = A_TUESDAY + timedelta(days=8)
    for mobile, kind in (("+447700900001", "one_to_one"), ("+447700900002", "treatment")):
        known = add_case(world, mobile=mobile)
        with world.app.app_context(), transaction():
            booking.book(known.case_id, starts_at=starts_at, kind=kind, by=Actor("account", 1), now=A_TUESDAY)
    live_until(world, clock, starts_at)
    bodies = [
        [text.body.replace(str(text.link), "") for text in phones.on(mobile)]
        for mobile in ("+447700900001", "+447700900002")
    ]
    assert len(bodies[0]) == 5
    assert bodies[0] == bodies[1]


def test_one_text_that_cannot_be_prepared_does_not_stand_in_the_way_of_the_others(
    world: World, clock: MovableClock, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = add_to_ring(world), add_to_ring(world, mobile="+447700900124")
    for known in (bad, good):
        book(world, known)

    def text_now(text: Text, *, read: Read | None = None, now: datetime) -> TextNow:
        if text.case_id == bad.case_id:
            raise LookupError("a fault of ours")
        return really(text, read=read, now=now)

    monkeypatch.setattr(sending, "text_now", text_now)
    run_all_once(world.app)
    assert [text.to for text in phones.arrived] == ["+447700900124"]
    monkeypatch.undo()
    clock.advance(minutes=31)
    run_all_once(world.app)
    assert [text.to for text in phones.arrived] == ["+447700900124", MOBILE]


def test_a_template_that_asks_for_too_much_makes_a_call(
    world: World, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = add_to_ring(world)
    book(world, known)
    monkeypatch.setattr(wording, "words_for", lambda name, **_: ("{by_time} {link}", "en"))
    run_all_once(world.app)
    assert phones.arrived == []
    assert states(world, known)["assessment_booked"] == "dropped: cannot_be_worded"
    with world.app.app_context():
        assert count("tasks", kind="text_failed") == 1
        assert count("text_links", dead_at=None) == 0
