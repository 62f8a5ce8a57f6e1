"""Days on which the whole service is closed: entered over HTTP, and heeded wherever a working day is asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.booking_page import booking_page
from provider.caseload.closures_page import closures_page
from provider.caseload.deadlines import unmet_dues
from provider.domain.contact.models import Task
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.diary.closures import closed_days
from provider.domain.diary.models import Closure
from provider.domain.diary.queries import at_work, slots_between
from provider.domain.referrals.models import Case
from provider.domain.referrals.status import Status
from provider.kernel.actors import SYSTEM
from provider.kernel.calendar import london_date
from provider.kernel.database import db, transaction
from provider.pathway import booking, opening, shutting
from tests.builders import World, add_session, build_world
from tests.cases import add_case
from tests.desk import send, sign_in, somebody
from tests.doors.test_sessions import new_session
from tests.doors.test_sessions_moved_and_run import run
from tests.doors.test_spread import choices
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import Walk
from tests.queries import queries_of

TODAY = A_TUESDAY.date()
TOMORROW = TODAY + timedelta(days=1)
TEN = A_TUESDAY.replace(hour=10, minute=0) + timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def lead(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "team_lead")
    return client


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


def form(first: date, last: date | None = None, **more: Any) -> dict[str, Any]:
    """What is typed for a closure."""
    parts = {"first_day": first, "last_day": last}
    typed = {
        f"{name}-{part}": str(getattr(day, part)) if day else ""
        for name, day in parts.items()
        for part in ("day", "month", "year")
    }
    return {**typed, "name": "", **more}


def shut(world: World, first: date, last: date | None = None, *, name: str | None = None) -> int:
    with world.app.app_context(), transaction():
        return shutting.shut(first, last or first, name=name, by=SYSTEM, now=A_TUESDAY).id


def days_open(world: World, days: int = 6) -> set[date]:
    with world.app.app_context():
        found = slots_between(A_TUESDAY, A_TUESDAY + timedelta(days=days), minutes=45, now=A_TUESDAY)
        return {london_date(slot.starts_at) for slot in found}


def add_call(world: World, who: str = "drug_worker", *, name: str = "Sam") -> int:
    known = add_case(world, status=Status.ACCEPTED, given_name=name)
    with world.app.app_context(), transaction():
        made = booking.book(
            known.case_id, starts_at=TEN, worker_id=world.accounts[who], by=SYSTEM, now=A_TUESDAY
        )
        return made.id


def test_there_is_none_at_first_and_one_that_is_entered_is_on_the_list(
    lead: FlaskClient, world: World
) -> None:
    assert "None entered" in lead.get("/closures").text
    page = send(lead, "/closures/add", **form(date(2026, 12, 29), date(2026, 12, 31), name="Christmas"))
    assert page.location == "/closures"
    shown = lead.get("/closures").text
    assert "Tuesday 29 December 2026 to Thursday 31 December 2026" in shown
    assert "Christmas" in shown
    assert "Team Lead Example" in shown


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (form(TODAY - timedelta(days=1)), "A closure begins today or later"),
        (form(TOMORROW, TODAY), "The last day is before the first"),
        (form(TOMORROW, TOMORROW + timedelta(days=31)), "A closure has at most 31 days"),
        ({**form(TOMORROW), "first_day-day": ""}, "First day closed must include a day"),
        (form(TOMORROW, name="x" * 61), "60 characters"),
        (form(date(2026, 12, 31)), "We are closed on one of these days already"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    lead: FlaskClient, world: World, typed: dict[str, Any], sentence: str
) -> None:
    shut(world, date(2026, 12, 29), date(2026, 12, 31))
    answer = send(lead, "/closures/add", **{"name": "Moving house", **typed})
    assert answer.status_code == 200
    assert sentence in answer.text
    assert f'value="{typed["first_day-year"]}"' in answer.text
    with world.app.app_context():
        assert len(db.session.scalars(sa.select(Closure)).all()) == 1


def test_on_a_day_that_is_closed_nobody_works(world: World) -> None:
    assert TOMORROW in days_open(world)
    closure = shut(world, TOMORROW)
    assert TOMORROW not in days_open(world)
    with world.app.app_context():
        assert at_work(TEN) == frozenset()
        with transaction():
            shutting.open_again(closure, by=SYSTEM, now=A_TUESDAY)
        assert at_work(TEN)
    assert TOMORROW in days_open(world)


def test_what_is_on_those_days_is_counted_first_and_stands_on_the_list_until_it_is_seen_to(
    lead: FlaskClient, world: World
) -> None:
    call = add_call(world)
    add_call(world, "drug_worker_2", name="Alex")
    session_id = add_session(world, course="awareness", starts_at=TEN + timedelta(hours=8))
    counted = send(lead, "/closures/add", **form(TOMORROW)).text
    assert "On these days stand 2 calls and 1 session." in counted
    assert "Sam" not in counted
    assert TOMORROW in days_open(world)
    send(lead, "/closures/add", **form(TOMORROW), anyway="y")
    assert TOMORROW not in days_open(world)
    to_spread = f"/diary/{world.accounts['drug_worker']}/spread"
    shown = lead.get("/closures").text
    assert to_spread in shown
    assert f"/sessions/{session_id}/move" in shown
    assert to_spread in lead.get("/team").text
    proposed = choices(lead.get(to_spread).text, call)
    assert not any(words.startswith("Same time") or "25 Nov" in words for _, words in proposed)
    send(lead, to_spread, **{f"call_{call}": proposed[0][0]})
    assert to_spread not in lead.get("/closures").text


def test_it_is_opened_again_once(lead: FlaskClient, world: World, clock: MovableClock) -> None:
    begun = shut(world, TODAY, TODAY + timedelta(days=2))
    to_come = shut(world, date(2026, 12, 31))
    for closure in (begun, to_come):
        send(lead, "/closures/add", f"/closures/{closure}/end")
    with world.app.app_context():
        assert closed_days(since=TODAY) == frozenset()
    send(lead, "/closures/add", f"/closures/{to_come}/end")
    assert "That closure is over already" in lead.get("/closures").text
    assert "None entered" in lead.get("/closures").text
    assert send(lead, "/closures/add", "/closures/999/end").status_code == 404


def test_a_team_lead_and_an_administrator_close_and_nobody_else(app: Flask, world: World) -> None:
    closure = shut(world, TOMORROW)
    add_case(world)
    for who, answer in (
        *(("drug_worker", 403), ("facilitator", 403), ("clinical_lead", 403), ("officer", 403)),
        *(("team_lead", 200), ("administrator", 200)),
    ):
        client = app.test_client()
        sign_in(client, world, who)
        assert client.get("/closures").status_code == answer, who
        assert client.get("/closures/add").status_code == answer, who
        if answer == 403:
            assert client.post(f"/closures/{closure}/end").status_code in (400, 403), who
    with app.app_context():
        assert TOMORROW in closed_days(since=TODAY)


def test_an_administrator_is_led_nowhere_they_may_not_go(
    app: Flask, client: FlaskClient, world: World
) -> None:
    add_call(world)
    add_session(world, course="awareness", starts_at=TEN)
    shut(world, TOMORROW)
    sign_in(client, world, "administrator")
    shown = client.get("/closures").text
    assert "A team lead spreads them" in shown
    assert "A team lead moves it" in shown
    assert "/spread" not in shown
    assert "/move" not in shown


def test_the_ladder_leaves_them_out(app: Flask, walk: Walk, world: World) -> None:
    def rung_again(number: int) -> date:
        """The day on which somebody who does not answer today is rung next."""
        with app.app_context():
            referral = walk.referred(person={**somebody(number), "gender": "male"})
            walk.rung(referral, AttemptOutcome.NO_ANSWER)
            while london_date(walk.case(referral).next_call_at or walk.now) == TODAY:
                walk.clock.advance(hours=4)
                walk.rung(referral, AttemptOutcome.NO_ANSWER)
            next_call_at = walk.case(referral).next_call_at
            assert next_call_at is not None
            walk.clock.set(A_TUESDAY)
            return london_date(next_call_at)

    open_day = rung_again(1)
    shut(world, open_day)
    assert rung_again(2) == open_day + timedelta(days=1)


def test_a_deadline_in_working_days_is_a_day_later_and_one_in_calendar_days_is_not(
    app: Flask, walk: Walk, world: World
) -> None:
    def due(case_id: int) -> datetime:
        return next(
            one.at for one in unmet_dues([case_id], now=walk.now)[case_id] if one.stage == "first_contact"
        )

    with app.app_context():
        case_id = walk.referred().case_id
        assert case_id is not None
        before, stored = due(case_id), db.session.get_one(Case, case_id).first_contact_due
    shut(world, TOMORROW)
    with app.app_context():
        assert due(case_id) == before + timedelta(days=1)
        assert db.session.get_one(Case, case_id).first_contact_due == stored


def test_who_asks_to_be_rung_is_rung_once_we_are_open(app: Flask, walk: Walk, world: World) -> None:
    shut(world, TODAY, TOMORROW)
    with app.app_context():
        referral = walk.referred()
        with transaction():
            opening.call_me(referral.case_id or 0, by=SYSTEM, now=walk.now)
        due = db.session.scalars(sa.select(Task.due_at).where(Task.kind == "call_me")).one()
        assert london_date(due) == TOMORROW + timedelta(days=1)


def test_what_is_due_by_the_next_working_day_is_due_later(app: Flask, world: World) -> None:
    shut(world, TOMORROW)
    with app.app_context():
        assert london_date(shutting.end_of_day_in(1, now=A_TUESDAY)) == TOMORROW + timedelta(days=1)


def test_the_booking_page_shows_the_days_on_which_we_are_open(app: Flask, walk: Walk, world: World) -> None:
    shut(world, TOMORROW)
    with app.app_context():
        referral = walk.referred()
        page = booking_page(
            referral.id, account_id=world.accounts["drug_worker"], moving=None, first=None, now=walk.now
        )
        assert [one.day for one in page.days] == [
            TODAY,
            *(TODAY + timedelta(days=count) for count in (2, 3, 6, 7)),
        ]


def test_a_session_on_such_a_day_is_asked_about_and_a_run_passes_it_over(
    lead: FlaskClient, world: World
) -> None:
    shut(world, date(2026, 12, 8))
    wanted = new_session(world, **{"date-day": "8"})
    assert "We are closed on that day" in send(lead, "/sessions/add", **wanted).text
    passed = send(lead, "/sessions/run", **run(world, times="2")).text
    assert "a day on which we are closed: Tuesday 8 December 2026" in passed
    assert send(lead, "/sessions/add", **wanted, anyway="y").status_code == 302
    assert ">Closed</p>" in lead.get("/sessions/calendar?day=2026-12-01").text


def test_the_page_asks_as_often_however_much_is_on_those_days(app: Flask, world: World) -> None:
    def asked() -> int:
        with queries_of(app) as sent, app.app_context():
            closures_page(reader_id=world.accounts["team_lead"], now=A_TUESDAY)
        return len(sent)

    add_call(world)
    add_session(world, course="awareness", starts_at=TEN)
    shut(world, TOMORROW)
    few = asked()
    for who, name in (("drug_worker_2", "Alex"), ("team_lead", "Billie")):
        with app.app_context(), transaction():
            day = TOMORROW + timedelta(days=len(name))
            shutting.shut(day, day, name=name, by=SYSTEM, now=A_TUESDAY)
            assert who in world.accounts
        add_session(world, course="cannabis", starts_at=TEN)
    assert asked() == few
