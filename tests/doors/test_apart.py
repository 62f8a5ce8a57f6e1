"""Who is kept apart from whom, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.courses.models import Place
from provider.domain.people.models import NonAssociation, Person
from provider.kernel.actors import SYSTEM
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from tests.builders import World, add_session, build_world
from tests.cases import Known, add_case
from tests.desk import send, sign_in
from tests.fakes import A_TUESDAY

NEXT_WEEK = A_TUESDAY + timedelta(days=7)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def worker(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def sam(world: World) -> Known:
    return add_case(world, given_name="Sam")


@pytest.fixture
def alex(world: World) -> Known:
    return add_case(world, given_name="Alex", family_name="Other")


def from_(known: Known, **changes: Any) -> dict[str, Any]:
    return {"other": known.reference, "why": "family", "note": "Her brother.", **changes}


def page_of(known: Known) -> str:
    return f"/referrals/{known.reference}/apart"


def pairs(app: Flask) -> int:
    with app.app_context():
        standing = sa.select(NonAssociation.id).where(NonAssociation.ended_at.is_(None))
        return len(db.session.scalars(standing).all())


def test_a_drug_worker_keeps_two_apart_and_both_pages_say_so(
    worker: FlaskClient, app: Flask, sam: Known, alex: Known
) -> None:
    assert page_of(sam) in worker.get(f"/referrals/{sam.reference}").text
    assert "Nobody." in worker.get(page_of(sam)).text
    assert send(worker, page_of(sam), **from_(alex)).headers["Location"] == page_of(sam)
    for mine, other in ((sam, "Alex Other"), (alex, "Sam Example")):
        page = worker.get(page_of(mine)).text
        assert other in page
        assert "They are family, or were partners" in page
        assert "Her brother." in page
    send(worker, page_of(sam), f"{page_of(sam)}/1/end")
    assert pairs(app) == 0
    assert "Nobody." in worker.get(page_of(alex)).text


@pytest.mark.parametrize(
    ("changes", "sentence", "field"),
    [
        ({"other": ""}, "Enter the reference", "other"),
        ({"other": "ZZZZ-9999"}, "No referral that you may read has that reference", "other"),
        ({"why": ""}, "Choose why", "why"),
        ({"why": "spite"}, "Choose one of the answers in the list", "why"),
        ({"note": "x" * 1001}, "must be 1,000 characters or fewer", "note"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    worker: FlaskClient,
    app: Flask,
    sam: Known,
    alex: Known,
    changes: dict[str, str],
    sentence: str,
    field: str,
) -> None:
    answer = send(worker, page_of(sam), **from_(alex, **changes))
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text
    assert pairs(app) == 0


def test_nobody_is_kept_apart_from_themselves_or_twice(
    worker: FlaskClient, app: Flask, sam: Known, alex: Known
) -> None:
    assert "That is the same person" in send(worker, page_of(sam), **from_(sam)).text
    send(worker, page_of(sam), **from_(alex))
    assert "They are kept apart already" in send(worker, page_of(alex), **from_(sam)).text
    assert pairs(app) == 1


def test_where_both_have_a_place_it_is_asked_at_once_who_moves(
    worker: FlaskClient, world: World, app: Flask, sam: Known, alex: Known
) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    with app.app_context():
        for known in (sam, alex):
            with transaction():
                allocating.give_place(known.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    answer = send(worker, page_of(sam), **from_(alex))
    assert "Both have a place on Tuesday 1 December 2026 at 9:30am" in answer.text
    assert 'href="#moves"' in answer.text
    assert pairs(app) == 0
    assert send(worker, page_of(sam), **from_(alex, moves="other")).status_code == 302
    with app.app_context():
        held = db.session.scalars(sa.select(Place.case_id).where(Place.released_at.is_(None))).all()
    assert held == [sam.case_id]


def test_a_place_that_is_refused_says_nothing_of_the_other(
    worker: FlaskClient, world: World, app: Flask, sam: Known, alex: Known
) -> None:
    session_id = add_session(world, course="awareness", starts_at=NEXT_WEEK)
    send(worker, page_of(sam), **from_(alex))
    with app.app_context(), transaction():
        allocating.give_place(sam.case_id, session_id, by=SYSTEM, now=A_TUESDAY)
    course = f"/referrals/{alex.reference}/course"
    send(worker, course, f"{course}/place", session=str(session_id))
    page = worker.get(course).text
    assert "That session is not available. Choose another." in page
    assert "Sam" not in page
    assert "Tue 1 Dec" not in page


def test_who_is_restricted_is_masked_and_cannot_be_found_by_their_reference(
    worker: FlaskClient, world: World, app: Flask, sam: Known, alex: Known
) -> None:
    send(worker, page_of(sam), **from_(alex))
    with app.app_context(), transaction():
        db.session.get_one(Person, alex.person_id).restricted = True
    page = worker.get(page_of(sam)).text
    assert "Restricted record" in page
    for hidden in ("Alex", alex.reference, "Her brother."):
        assert hidden not in page
    jo = add_case(world, given_name="Jo")
    assert "No referral that you may read" in send(worker, page_of(jo), **from_(alex)).text
    assert worker.get(page_of(alex)).status_code == 403


@pytest.mark.parametrize("who", ["facilitator", "administrator", "commissioner", "clinical_lead", "officer"])
def test_nobody_else_reads_or_writes_it(client: FlaskClient, world: World, sam: Known, who: str) -> None:
    sign_in(client, world, who)
    assert client.get(page_of(sam)).status_code == 403


def test_an_unknown_pair_or_referral_is_not_found(worker: FlaskClient, sam: Known) -> None:
    assert worker.get("/referrals/ZZZZ-9999/apart").status_code == 404
    assert send(worker, page_of(sam), f"{page_of(sam)}/9/end").status_code == 404
