"""Where a force administrator starts, and the places that were bought for the force's schemes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.forces.models import ApiKey, WebhookEndpoint
from provider.domain.referrals.models import Referral
from provider.domain.referrals.status import Status
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import ending, reviewing
from tests.builders import World, build_world
from tests.cases import add_case
from tests.desk import case_of, refer, send, sign_in
from tests.doors.test_force_corrections import came_back
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import set_terms
from tests.queries import queries_of

PARTS = ("outcomes", "corrections", "reviews", "places", "uploads", "officers", "keys", "webhooks")


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def admin(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "force_administrator")
    return client


def used_lately(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.update(ApiKey).values(last_used_at=A_TUESDAY))


class TestToday:
    def test_with_nothing_to_do_it_says_so(self, app: Flask, admin: FlaskClient) -> None:
        used_lately(app)
        page = admin.get("/force").text
        assert "Nothing: every correction is carried out" in page
        assert "None of your force’s referrals has come to an end yet." in page

    def test_every_part_of_the_door_is_on_every_page(self, admin: FlaskClient) -> None:
        for part in PARTS:
            page = admin.get(f"/force/{part}").text
            for other in PARTS:
                assert f'<a href="/force/{other}"' in page
            assert f'<a href="/force/{part}" aria-current="page"' in page

    def test_a_correction_a_review_and_a_webhook_that_need_somebody(
        self, app: Flask, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        came_back(world, clock, 1)
        with_review(world, clock)
        send(admin, "/force/webhooks", url="https://hooks.force.example/")
        with app.app_context(), transaction():
            db.session.execute(sa.update(WebhookEndpoint).values(state="failing"))
        page = admin.get("/force").text
        for words in (
            "1 correction to carry out in your own records",
            "1 review of a bar with the provider",
            "Webhook failing: https://hooks.force.example/",
        ):
            assert words in page

    def test_a_key_that_nobody_uses_and_one_that_is_about_to_end(
        self, app: Flask, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        assert "API key “test” is not used" in admin.get("/force").text
        used_lately(app)
        assert "API key" not in re.sub(r"<nav.*?</nav>", "", admin.get("/force").text, flags=re.DOTALL)
        with app.app_context(), transaction():
            db.session.execute(sa.update(ApiKey).values(ends_at=clock.now() + timedelta(days=3)))
        page = admin.get("/force").text
        assert "API key “test” is about to end" in page
        assert "Something still uses it. It ends 27 November 2026" in page

    def test_the_latest_endings_stand_there(self, app: Flask, world: World, admin: FlaskClient) -> None:
        known = add_case(world, status=Status.COMPLETED)
        with app.app_context(), transaction():
            db.session.execute(sa.update(Referral).values(closed_at=A_TUESDAY))
        assert f"/force/outcomes/{known.reference}" in admin.get("/force").text

    def test_it_asks_as_much_of_many_as_of_one(
        self, app: Flask, world: World, clock: MovableClock, admin: FlaskClient
    ) -> None:
        asked = []
        for numbers in (range(1, 2), range(2, 9)):
            for number in numbers:
                came_back(world, clock, number)
            admin.get("/force")
            with queries_of(app) as sent:
                admin.get("/force")
            asked.append(len(sent))
        assert asked[0] == asked[1] <= 13


def with_review(world: World, clock: MovableClock) -> None:
    reference = refer(world.app, world)
    case_id, by = case_of(world.app, reference).id, Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        ending.end_declined(case_id, by=by, now=clock.now())
        referral = db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()
        reviewing.ask(referral, words="Please.", through="desk", by=by, now=clock.now())


BOUGHT = [{"from_": "2026-10-01", "until": "2027-03-31", "places": 20}]


class TestPlaces:
    def test_none_bought_says_who_enters_them(self, app: Flask, world: World, admin: FlaskClient) -> None:
        with app.app_context():
            for scheme in world.schemes:
                set_terms(world, scheme, places_bought=[])
        assert "No places are on record as bought" in admin.get("/force/places").text

    def test_bought_used_left_gone_and_where_it_leads(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        with app.app_context():
            set_terms(world, "divert-adult", places_bought=BOUGHT)
            set_terms(world, "divert-young-people", places_bought=[])
        for place in range(6):
            add_case(world, status=Status.COMPLETED, given_name=f"P{place}", mobile=None)
        with app.app_context(), transaction():
            db.session.execute(sa.update(Referral).values(closed_at=A_TUESDAY))
        page = admin.get("/force/places").text
        cells = re.findall(r'data-label="([^"]+)">([^<]*)<', page)
        assert ("Bought", "20") in cells
        assert ("Used", "6") in cells
        assert ("Left", "14") in cells
        assert ("Time gone", "30%") in cells
        assert ("Used in the end, at this pace", "20") in cells
        assert "<svg" in page

    def test_the_commissioner_reads_them_without_small_counts(
        self, app: Flask, world: World, client: FlaskClient
    ) -> None:
        with app.app_context():
            set_terms(world, "divert-adult", places_bought=BOUGHT)
        add_case(world, status=Status.COMPLETED)
        with app.app_context(), transaction():
            db.session.execute(sa.update(Referral).values(closed_at=A_TUESDAY))
        sign_in(client, world, "commissioner")
        page = client.get("/numbers").text
        assert "Places used of places bought" in page
        assert "Fewer than 5" in page
        assert ">19<" not in page
        lead = app.test_client()
        sign_in(lead, world, "team_lead")
        assert ">19<" in lead.get("/numbers").text
