"""Is this somebody we know? Side by side, and two answers."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person
from provider.kernel.database import db, transaction
from tests.builders import World, build_world, count
from tests.desk import refer, referral_of, send, sign_in, somebody


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def known(app: Flask, world: World) -> int:
    """The id of a person known as Stephen."""
    reference = refer(app, world, person=somebody(1, given_name="Stephen", family_name="Moore"))
    return referral_of(app, reference).person_id


@pytest.fixture
def held(app: Flask, world: World, known: int) -> str:
    """A referral of a Steven with the same birthday and another number."""
    return refer(
        app, world, person=somebody(1, given_name="Steven", family_name="Moore", mobile="07700 900500")
    )


def test_what_was_sent_stands_beside_who_it_may_be(desk: FlaskClient, held: str) -> None:
    page = desk.get(f"/matches/{held}").text
    assert "The referral is held until you have said so" in page
    for words in ("Stephen", "Steven", "07700 900500", "07700 900001", "Different", "Same"):
        assert words in page


def test_the_same_person_and_the_referral_goes_to_their_record(
    app: Flask, desk: FlaskClient, known: int, held: str
) -> None:
    answer = send(desk, f"/matches/{held}", same=str(known))
    assert answer.location == f"/referrals/{held}"
    referral = referral_of(app, held)
    assert (referral.person_id, referral.status) == (known, "accepted")


def test_another_person_and_the_referral_goes_on_by_itself(
    app: Flask, desk: FlaskClient, known: int, held: str
) -> None:
    send(desk, f"/matches/{held}", same="nobody")
    referral = referral_of(app, held)
    assert referral.status == "accepted"
    assert referral.person_id != known
    assert "Somebody has already said who this is." in desk.get(f"/matches/{held}").text


@pytest.mark.parametrize("nonsense", ["", "999999", "-1", "x", "1 OR 1"])
def test_an_answer_that_was_not_offered_changes_nothing(
    app: Flask, desk: FlaskClient, held: str, nonsense: str
) -> None:
    assert send(desk, f"/matches/{held}", same=nonsense).location == f"/matches/{held}"
    assert referral_of(app, held).status == "held"


def test_a_restricted_candidate_is_not_shown_and_who_cannot_compare_cannot_say_nobody(
    app: Flask, desk: FlaskClient, known: int, held: str
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Person, known).restricted = True
    page = desk.get(f"/matches/{held}").text
    assert "Stephen" not in page
    assert "Another person" not in page
    for answer in (str(known), "nobody"):
        send(desk, "/my-day", f"/matches/{held}", same=answer)
    assert referral_of(app, held).status == "held"


def test_every_record_that_was_shown_is_in_the_trail(
    app: Flask, desk: FlaskClient, known: int, held: str
) -> None:
    desk.get(f"/matches/{held}")
    with app.app_context():
        assert count("audit_entries", action="person.viewed", person_id=known) == 1
        assert count("audit_entries", action="referral.viewed", subject_id=referral_of(app, held).id) == 1


def test_it_is_for_who_settles_matches(world: World, client: FlaskClient, held: str) -> None:
    sign_in(client, world, "clinical_lead")
    assert client.get(f"/matches/{held}").status_code == 403
