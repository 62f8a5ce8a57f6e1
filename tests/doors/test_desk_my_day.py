"""My day: what waits for a drug worker, in the order of the work, and taking on what is nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.people.models import Person, RestrictedReader
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import booking, contacting
from tests.builders import World, build_world
from tests.desk import case_of, csrf_of, refer, referral_of, section, send, sign_in, somebody
from tests.fakes import MovableClock
from tests.queries import queries_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


def take(app: Flask, world: World, reference: str, *, who: str = "drug_worker") -> int:
    case_id = case_of(app, reference).id
    with app.app_context(), transaction():
        contacting.take_on(
            case_id, by=Actor("account", world.accounts[who]), now=app.extensions["clock"].now()
        )
    return case_id


def test_with_nothing_to_do_it_says_so(desk: FlaskClient) -> None:
    page = desk.get("/my-day").text
    assert "Nobody is waiting to be taken on." in page
    assert "Nobody has to be rung just now." in page
    assert "No appointments today." in page


def test_what_nobody_has_taken_stands_at_the_top_the_oldest_due_first(
    app: Flask, world: World, desk: FlaskClient, clock: MovableClock
) -> None:
    first = refer(app, world, person=somebody(1))
    clock.advance(days=1)
    second = refer(app, world, person=somebody(2))
    sign_in(desk, world, "drug_worker")
    page = section(desk.get("/my-day").text, "new")
    assert page.index(first) < page.index(second)
    assert "Thu 26 Nov, 5pm" in page


def test_first_contact_that_is_late_says_how_late(
    app: Flask, world: World, desk: FlaskClient, clock: MovableClock
) -> None:
    refer(app, world)
    clock.advance(days=3)
    sign_in(desk, world, "drug_worker")
    assert "Late: due 16 hours ago" in section(desk.get("/my-day").text, "new")


def test_one_button_takes_a_referral_on(app: Flask, world: World, desk: FlaskClient) -> None:
    reference = refer(app, world)
    answer = send(desk, "/my-day", f"/referrals/{reference}/take")
    assert answer.location == f"/referrals/{reference}"
    assert case_of(app, reference).assigned_to_id == world.accounts["drug_worker"]
    page = desk.get("/my-day").text
    assert reference not in section(page, "new")
    assert reference in section(page, "ring")


def test_what_a_colleague_has_just_taken_is_refused(app: Flask, world: World, desk: FlaskClient) -> None:
    reference = refer(app, world)
    take(app, world, reference, who="drug_worker_2")
    answer = send(desk, "/my-day", f"/referrals/{reference}/take")
    assert answer.location == "/my-day"
    assert "A colleague has just taken this one." in desk.get("/my-day").text
    assert case_of(app, reference).assigned_to_id == world.accounts["drug_worker_2"]


def test_ring_now_says_why_and_later_today_stands_apart(
    app: Flask, world: World, desk: FlaskClient, clock: MovableClock
) -> None:
    now = refer(app, world, person=somebody(1))
    later = refer(app, world, person=somebody(2, contact={"best_times": "evenings"}))
    for reference in (now, later):
        take(app, world, reference)
    ring = section(desk.get("/my-day").text, "ring")
    assert ring.index(now) < ring.index("Later today") < ring.index(later)
    assert "First call." in ring
    assert "when they said it suits" in ring or "suits them" in ring


def test_only_ones_own_calls_are_in_ones_day(app: Flask, world: World, desk: FlaskClient) -> None:
    reference = refer(app, world)
    take(app, world, reference, who="drug_worker_2")
    assert reference not in desk.get("/my-day").text


def test_an_appointment_of_an_earlier_day_stays_until_somebody_settles_it(
    app: Flask, world: World, desk: FlaskClient, clock: MovableClock
) -> None:
    reference = refer(app, world)
    case_id = take(app, world, reference)
    book(app, world, case_id, clock)
    assert reference in section(desk.get("/my-day").text, "calls")
    clock.advance(days=2)
    sign_in(desk, world, "drug_worker")
    calls = section(desk.get("/my-day").text, "calls")
    assert reference in calls
    assert "Over: say how it went" in calls


def test_waiting_work_leads_to_its_next_step(app: Flask, world: World, desk: FlaskClient) -> None:
    young = refer(app, world, scheme="divert-young-people", person=somebody(1, date_of_birth="2010-05-14"))
    dead = refer(app, world, person=somebody(2))
    record(app, world, take(app, world, dead), AttemptOutcome.NUMBER_NOT_IN_USE)
    tasks = section(desk.get("/my-day").text, "tasks")
    assert "No responsible adult is recorded" in tasks
    assert f"/referrals/{young}#call" in tasks
    assert f"/referrals/{dead}/number" in tasks


def test_whom_somebody_has_to_recognise_is_listed(app: Flask, world: World, desk: FlaskClient) -> None:
    refer(app, world, person=somebody(1, given_name="Stephen", family_name="Moore"))
    held = refer(
        app, world, person=somebody(1, given_name="Steven", family_name="Moore", mobile="07700 900500")
    )
    assert referral_of(app, held).status == "held"
    tasks = section(desk.get("/my-day").text, "tasks")
    assert f"/matches/{held}" in tasks
    assert "Held: the force waits" in tasks


def test_a_team_lead_may_look_at_anothers_day_and_a_worker_may_not(
    app: Flask, world: World, client: FlaskClient
) -> None:
    reference = refer(app, world)
    take(app, world, reference)
    other = world.accounts["drug_worker"]
    sign_in(client, world, "drug_worker_2")
    assert client.get(f"/my-day?worker={other}").status_code == 403
    client.post("/sign-out", data={"csrf_token": csrf_of(client, "/my-day")})
    sign_in(client, world, "team_lead")
    page = client.get(f"/my-day?worker={other}").text
    assert "Drug Worker Example’s day" in page
    assert reference in section(page, "ring")
    assert client.get("/my-day?worker=999999").status_code == 404


def test_a_restricted_person_is_masked_except_to_named_readers(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    reference = refer(app, world, person=somebody(1))
    person_id = referral_of(app, reference).person_id
    with app.app_context(), transaction():
        db.session.get_one(Person, person_id).restricted = True
    page = section(desk.get("/my-day").text, "new")
    assert "Restricted record" in page
    assert "Perab" not in page
    with app.app_context(), transaction():
        reader = RestrictedReader(person_id=person_id, account_id=world.accounts["drug_worker"])
        db.session.add(reader)
    assert "Perab" in section(desk.get("/my-day").text, "new")


@pytest.mark.parametrize("role", ["facilitator", "commissioner", "administrator", "officer"])
def test_it_is_for_who_rings_people(world: World, client: FlaskClient, role: str) -> None:
    sign_in(client, world, role)
    assert client.get("/my-day").status_code == 403


def test_it_asks_as_much_of_the_database_for_sixty_as_for_three(
    app: Flask, world: World, desk: FlaskClient, clock: MovableClock
) -> None:
    counts = []
    for numbers in (range(3), range(3, 60)):
        for number in numbers:
            reference = refer(app, world, person=somebody(number))
            if number % 3:
                record(app, world, take(app, world, reference), AttemptOutcome.NUMBER_NOT_IN_USE)
            elif number % 2:
                take(app, world, reference)
        with queries_of(app) as sent:
            assert desk.get("/my-day").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 20


def record(app: Flask, world: World, case_id: int, outcome: AttemptOutcome) -> None:
    by = Actor("account", world.accounts["drug_worker"])
    with app.app_context(), transaction():
        contacting.record_attempt(case_id, outcome=outcome, by=by, now=app.extensions["clock"].now())


def book(app: Flask, world: World, case_id: int, clock: MovableClock) -> None:
    by = Actor("account", world.accounts["drug_worker"])
    with app.app_context(), transaction():
        booking.book(case_id, starts_at=clock.now() + timedelta(minutes=90), by=by, now=clock.now())


def test_a_safeguarding_note_waits_also_when_the_referral_has_ended(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    reference = refer(app, world)
    case_id = take(app, world, reference)
    by, now = Actor("account", world.accounts["drug_worker"]), app.extensions["clock"].now()
    with app.app_context(), transaction():
        contacting.write_note(case_id, kind="safeguarding", text="At once.", by=by, now=now)
    record(app, world, case_id, AttemptOutcome.DECLINED)
    assert referral_of(app, reference).status == "not_engaged"
    assert reference in section(desk.get("/my-day").text, "tasks")
