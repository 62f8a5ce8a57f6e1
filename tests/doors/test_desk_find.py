"""Finding somebody by what they can say on the telephone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import contacting
from tests.builders import World, build_world, count
from tests.desk import case_of, refer, referral_of, send, sign_in, somebody
from tests.queries import queries_of

MARY = {
    "given_name": "Mary Ann",
    "family_name": "O'Briain-Łuk",
    "date_of_birth": "1988-02-29",
    "mobile": "07700 900321",
}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def mary(app: Flask, world: World) -> str:
    for number in range(5):
        refer(app, world, person=somebody(number))
    return refer(app, world, force_reference="20/MA-77/26", person=MARY)


def find(desk: FlaskClient, what: str = "", **more: str) -> str:
    return send(desk, "/referrals", what=what, **more).text


@pytest.mark.parametrize(
    "said",
    [
        "Mary",
        "mary ann",
        "obriain luk",
        "O’Briain",
        "Mary Ann O'Briain",
        "O'Briain-Luk, Mary",
        "20/MA-77/26",
        "20/ma-77/26",
        "07700900321",
        "+44 7700 900321",
    ],
)
def test_somebody_is_found_by_a_name_a_number_or_the_forces_reference(
    desk: FlaskClient, mary: str, said: str
) -> None:
    page = find(desk, said)
    assert f"/referrals/{mary}" in page
    assert "Perab" not in page


def test_somebody_is_found_by_our_reference_as_people_say_it(desk: FlaskClient, mary: str) -> None:
    assert f"/referrals/{mary}" in find(desk, mary.replace("-", " ").lower())


def test_somebody_is_found_by_the_date_of_birth_alone_and_both_have_to_fit(
    desk: FlaskClient, mary: str
) -> None:
    born = {"born-day": "29", "born-month": "2", "born-year": "1988"}
    assert f"/referrals/{mary}" in find(desk, **born)
    assert "Nobody was found." in find(desk, "Mary", **{**born, "born-year": "1984"})


@pytest.mark.parametrize("said", ["%", "_", "' OR 1=1 --", "\\", "zzz", "*", "🙂", "a" * 100])
def test_nothing_found_says_what_to_try(desk: FlaskClient, mary: str, said: str) -> None:
    page = find(desk, said)
    assert "Nobody was found." in page
    assert "Try less of the name" in page


def test_bad_input_is_said_at_its_field_and_stays(desk: FlaskClient) -> None:
    assert 'href="#what"' in find(desk)
    page = find(desk, "Mary", **{"born-day": "31", "born-month": "2", "born-year": "1988"})
    assert "Date of birth must be a real date" in page
    assert 'value="Mary"' in page
    assert "too long" in find(desk, "a" * 101) or "100 characters or fewer" in find(desk, "a" * 101)


def test_nothing_that_was_looked_for_stands_in_an_address(app: Flask, desk: FlaskClient, mary: str) -> None:
    page = find(desk, "Mary")
    assert "?what" not in page
    with app.app_context():
        assert count("audit_entries", action="referrals.searched") == 1
        detail = db.session.execute(
            db.select(db.metadata.tables["audit_entries"].c.detail).where(
                db.metadata.tables["audit_entries"].c.action == "referrals.searched"
            )
        ).scalar_one()
    assert detail == {"found": 1}


def test_a_restricted_person_is_found_by_reference_alone_and_masked(
    app: Flask, desk: FlaskClient, mary: str
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Person, referral_of(app, mary).person_id).restricted = True
    for said in ("Mary", "07700 900321", "20/MA-77/26"):
        assert "Nobody was found." in find(desk, said)
    page = find(desk, mary)
    assert "Restricted record" in page
    assert "Mary Ann" not in page


def test_before_a_search_ones_own_open_referrals_stand_there(
    app: Flask, world: World, desk: FlaskClient, mary: str
) -> None:
    assert "You have no open referrals." in desk.get("/referrals").text
    with app.app_context(), transaction():
        contacting.take_on(
            case_of(app, mary).id,
            by=Actor("account", world.accounts["drug_worker"]),
            now=app.extensions["clock"].now(),
        )
    assert f"/referrals/{mary}" in desk.get("/referrals").text


def test_many_are_shown_a_page_at_a_time_with_as_many_queries_as_few(
    app: Flask, world: World, desk: FlaskClient
) -> None:
    counts, page = [], ""
    for numbers in (range(3), range(3, 60)):
        for number in numbers:
            refer(app, world, person=somebody(number))
        with queries_of(app) as sent:
            page = find(desk, "Per")
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert "1 to 25 of 60" in page
    last = find(desk, "Per", page="3")
    assert "51 to 60 of 60" in last
    assert "Next" not in last
    assert "Nobody was found." in find(desk, "Per", page="40")
