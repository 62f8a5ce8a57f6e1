"""The team page: who has how much, what is late, and giving cases to somebody."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.team import team_page
from provider.domain.contact.outcomes import AttemptOutcome
from provider.domain.people.models import Person
from provider.domain.referrals.models import Case, Referral
from provider.kernel.database import db, transaction
from tests.builders import World, add_session, build_world, count
from tests.desk import send, sign_in
from tests.fakes import MovableClock
from tests.pathway.walking import Walk, person
from tests.queries import queries_of

NAMES = ("Abel", "Bridget", "Cormac", "Delphine")


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def walk(world: World, clock: MovableClock) -> Walk:
    return Walk(world, clock)


def referred(walk: Walk, number: int) -> Referral:
    given = NAMES[number]
    born, mobile = f"19{80 + number}-0{number + 1}-1{number}", f"07700 90010{number}"
    address = {"line_1": None, "town": None, "postcode": f"B{number + 2} 3CD"}
    sent = person(
        given_name=given, family_name=f"{given}son", date_of_birth=born, mobile=mobile, address=address
    )
    return walk.referred(person=sent)


def worker_of(app: Flask, reference: str) -> int | None:
    with app.app_context():
        return db.session.scalar(
            sa.select(Case.assigned_to_id)
            .join(Referral, Referral.case_id == Case.id)
            .where(Referral.reference == reference)
        )


def test_it_counts_each_workers_cases_and_what_is_late(app: Flask, walk: Walk, world: World) -> None:
    with app.app_context():
        rung, _new = referred(walk, 0), referred(walk, 1)
        walk.rung(rung)
        walk.clock.advance(days=7)
        page = team_page(reader_id=world.accounts["team_lead"], now=walk.now)
    lines = {line.id: line for line in page.workers}
    mine = lines[world.accounts["drug_worker"]]
    assert (mine.open_cases, mine.due_today, mine.late) == (1, 0, 1)
    assert lines[world.accounts["drug_worker_2"]].open_cases == 0
    assert world.accounts["facilitator"] not in lines
    assert [(line.who.name, line.late) for line in page.unassigned.lines] == [("Bridget Bridgetson", True)]


def test_a_first_contact_is_late_until_somebody_rings(app: Flask, walk: Walk, world: World) -> None:
    reader = world.accounts["team_lead"]
    with app.app_context():
        referral = referred(walk, 0)
        case_id = walk.case(referral).id
        from provider.pathway.contacting import assign

        with transaction():
            assign(case_id, world.accounts["drug_worker"], by=walk.lead, now=walk.now)
        assert team_page(reader_id=reader, now=walk.now).late_first_contacts.total == 0
        walk.clock.advance(days=7)
        assert team_page(reader_id=reader, now=walk.now).late_first_contacts.total == 1
        walk.rung(referral)
        assert team_page(reader_id=reader, now=walk.now).late_first_contacts.total == 0


def test_cases_are_given_to_somebody(app: Flask, walk: Walk, world: World, client: FlaskClient) -> None:
    with app.app_context():
        one, other, kept = (referred(walk, number).reference for number in range(3))
    sign_in(client, world, "team_lead")
    text = client.get("/team").text
    assert "With nobody, or late" in text
    answer = send(client, "/team", cases=[one, other], worker=str(world.accounts["drug_worker_2"]))
    assert answer.location == "/team"
    assert "2 cases given to Drug Worker 2 Example." in client.get("/team").text
    assert worker_of(app, one) == worker_of(app, other) == world.accounts["drug_worker_2"]
    assert worker_of(app, kept) is None
    with app.app_context():
        assert count("audit_entries", action="case.assigned") == 2


def test_one_workers_cases_are_given_away(app: Flask, walk: Walk, world: World, client: FlaskClient) -> None:
    with app.app_context():
        referral = referred(walk, 0)
        walk.rung(referral)
    sign_in(client, world, "team_lead")
    page = f"/team/{world.accounts['drug_worker']}"
    assert "Abel Abelson" in client.get(page).text
    send(client, page, cases=[referral.reference], worker=str(world.accounts["drug_worker_2"]))
    assert worker_of(app, referral.reference) == world.accounts["drug_worker_2"]
    assert client.get("/team/999999").status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Choose at least one case"),
        ({"cases": ["K7QM-2X4D"], "worker": "1"}, "Choose one of the answers in the list"),
        ({"cases": [], "worker": "x"}, "Choose one of the answers in the list"),
    ],
)
def test_what_is_missing_is_said_beside_it(
    app: Flask, walk: Walk, world: World, client: FlaskClient, form: dict[str, object], said: str
) -> None:
    with app.app_context():
        referred(walk, 0)
    sign_in(client, world, "team_lead")
    assert said in send(client, "/team", **form).text


def test_a_restricted_record_is_masked_and_not_given(
    app: Flask, walk: Walk, world: World, client: FlaskClient
) -> None:
    with app.app_context():
        referral = referred(walk, 0)
        with transaction():
            db.session.get_one(Person, referral.person_id).restricted = True
    sign_in(client, world, "team_lead")
    text = client.get("/team").text
    assert "Abelson" not in text
    assert f'value="{referral.reference}"' not in text


def test_courses_short_of_places_come_first(app: Flask, walk: Walk, world: World) -> None:
    add_session(world, course="cannabis", starts_at=walk.now.replace(day=28), capacity=3)
    with app.app_context():
        waits = referred(walk, 0)
        walk.assessed(waits)
        walk.waiting(waits)
        page = team_page(reader_id=world.accounts["team_lead"], now=walk.now)
    by_name = {line.course: line for line in page.courses}
    assert (by_name["Looking forward"].waiting, by_name["Looking forward"].short) == (1, True)
    enough = by_name["Looking forward: everyday use"]
    assert (enough.sessions, enough.free, enough.short) == (1, 3, False)
    assert page.courses[-1] == enough


def test_it_asks_as_much_of_the_database_however_many_cases(app: Flask, walk: Walk, world: World) -> None:
    def asked() -> int:
        with queries_of(app) as sent, app.app_context():
            team_page(reader_id=world.accounts["team_lead"], now=walk.now)
        return len(sent)

    assert asked() == 16
    with app.app_context():
        referred(walk, 0)
        walk.rung(referred(walk, 1), AttemptOutcome.NO_ANSWER)
        walk.clock.advance(days=20)
    few = asked()
    with app.app_context():
        for number in range(2, len(NAMES)):
            walk.rung(referred(walk, number), AttemptOutcome.NO_ANSWER)
        walk.clock.advance(days=20)
    assert asked() == few <= 30


@pytest.mark.parametrize("who", ["drug_worker", "administrator", "commissioner", "officer"])
def test_only_the_lead_spreads_work(world: World, client: FlaskClient, who: str) -> None:
    sign_in(client, world, who)
    assert client.get("/team").status_code == 403
    assert client.get("/team/1").status_code == 403
