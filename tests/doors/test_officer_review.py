"""An officer asks for the review of a bar, of somebody they referred themselves."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.referrals.models import BarReview
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import ending
from tests.builders import World, add_account, build_world
from tests.desk import case_of, send, sign_in
from tests.fakes import MovableClock
from tests.roadside import errors_in, refer


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "officer")
    return client


def page_of(reference: str) -> str:
    return f"/refer/mine/{reference}/review"


def declined(world: World, clock: MovableClock, reference: str) -> None:
    case_id, by = case_of(world.app, reference).id, Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        ending.end_declined(case_id, by=by, now=clock.now())


def test_it_is_asked_for_in_their_own_words(world: World, clock: MovableClock, officer: FlaskClient) -> None:
    reference = refer(officer)
    assert "Review of the bar" not in officer.get(f"/refer/mine/{reference}").text
    assert "No bar stands." in officer.get(page_of(reference)).text
    declined(world, clock, reference)
    assert page_of(reference) in officer.get(f"/refer/mine/{reference}").text
    assert errors_in(send(officer, page_of(reference), words="")).keys() == {"words"}
    assert send(officer, page_of(reference), words="New facts.").status_code == 302
    page = officer.get(page_of(reference)).text
    assert "Your force wrote: New facts." in page
    assert "Ask for a review" not in page
    with world.app.app_context():
        review = db.session.scalars(sa.select(BarReview)).one()
        assert (review.asked_through, review.words) == ("force", "New facts.")


def test_a_second_time_is_refused_in_words(world: World, clock: MovableClock, officer: FlaskClient) -> None:
    reference = refer(officer)
    declined(world, clock, reference)
    send(officer, page_of(reference), words="One.")
    assert (
        "A review has been asked for already"
        in send(officer, "/refer", page_of(reference), words="Two.").text
    )


def test_another_officers_referral_is_as_if_it_were_missing(
    app: Flask, world: World, clock: MovableClock, officer: FlaskClient
) -> None:
    reference = refer(officer)
    declined(world, clock, reference)
    with app.app_context(), transaction():
        add_account(world, "other", Role.OFFICER, force_id=world.forces["midshire"])
    other = app.test_client()
    sign_in(other, world, "other")
    assert other.get(page_of(reference)).status_code == 404
    assert send(other, "/refer", page_of(reference), words="Please.").status_code == 404
