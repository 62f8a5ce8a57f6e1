"""The audit page: the latest first, found by reference, action and colleague, and whether the chain holds."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.caseload.audit_page import A_PAGE, AuditFilter, audit_page
from provider.domain.audit.sealing import seal_trail
from provider.domain.audit.trail import record
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from tests.builders import World, build_world
from tests.desk import sign_in
from tests.fakes import A_TUESDAY, MovableClock
from tests.pathway.walking import Walk
from tests.queries import queries_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def entries(world: World, number: int = 3) -> None:
    worker = Actor("account", world.accounts["drug_worker"])
    with transaction():
        for place in range(number):
            record("thing.done", "thing", place, by=worker, now=A_TUESDAY, place=place)
        record("other.done", "thing", 0, by=SYSTEM, now=A_TUESDAY)


def actions_on(text: str) -> list[str]:
    return re.findall(r'data-label="What">([^<]+)<', text)


def test_the_latest_come_first_and_are_narrowed_down(app: Flask, world: World, client: FlaskClient) -> None:
    with app.app_context():
        entries(world)
    sign_in(client, world, "administrator")
    assert actions_on(client.get("/audit").text)[:3] == ["audit.read", "sign_in", "other.done"]
    assert actions_on(client.get("/audit?action=thing.done").text) == ["thing.done"] * 3
    text = client.get("/audit", query_string={"account": world.emails["drug_worker"]}).text
    assert actions_on(text) == ["thing.done"] * 3
    assert "Drug Worker Example" in text


def test_a_reference_finds_what_was_done_about_the_person(
    app: Flask, world: World, client: FlaskClient, clock: MovableClock
) -> None:
    with app.app_context():
        entries(world)
        reference = Walk(world, clock).referred().reference
    sign_in(client, world, "administrator")
    text = client.get("/audit", query_string={"reference": reference.lower().replace("-", " ")}).text
    assert actions_on(text) == ["referral.moved"]
    assert reference in text
    assert "Example, Sam" not in text
    assert "Sam Example" not in text


@pytest.mark.parametrize(
    "query", ["reference=K7QM-2X4D", "reference=%00", "account=nobody@x.example", "reference=x"]
)
def test_what_is_known_to_nobody_is_said(world: World, client: FlaskClient, query: str) -> None:
    sign_in(client, world, "administrator")
    answer = client.get(f"/audit?{query}")
    assert answer.status_code == 200
    if "%00" not in query:
        assert "Nobody is known by that" in answer.text


@pytest.mark.parametrize("before", ["0", "-1", "x", "99999999999999999999999"])
def test_a_page_that_is_none_is_the_first(world: World, client: FlaskClient, before: str) -> None:
    sign_in(client, world, "administrator")
    assert actions_on(client.get(f"/audit?before={before}").text)[0] == "audit.read"


def test_pages_follow_each_other_without_a_gap(app: Flask, world: World) -> None:
    with app.app_context():
        entries(world, number=A_PAGE + 10)
        first = audit_page(AuditFilter())
        second = audit_page(AuditFilter(before=first.older))
    assert (len(first.lines), len(second.lines), second.older) == (A_PAGE, 11, None)
    assert first.lines[-1].id == second.lines[0].id + 1


def test_it_says_whether_the_chain_holds(app: Flask, world: World, client: FlaskClient) -> None:
    with app.app_context():
        entries(world)
        with transaction():
            seal_trail(limit=10, now=A_TUESDAY)
    sign_in(client, world, "administrator")
    assert "The newest 4 entries hold" in client.get("/audit").text
    with app.app_context(), transaction() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(sa.text("DROP TRIGGER audit_entries_no_update"))
        connection.execute(sa.text("UPDATE audit_entries SET action = 'x' WHERE id = 2"))
    assert "The trail does not hold" in client.get("/audit").text


def test_it_asks_as_much_however_long_the_trail_is(app: Flask, world: World) -> None:
    def asked() -> int:
        with queries_of(app) as sent, app.app_context():
            audit_page(AuditFilter())
        return len(sent)

    with app.app_context():
        entries(world)
    before = asked()
    with app.app_context():
        entries(world, number=80)
        db.session.rollback()
    assert asked() == before


@pytest.mark.parametrize("who", ["team_lead", "drug_worker", "commissioner", "force_administrator"])
def test_only_who_may_reads_the_trail(world: World, client: FlaskClient, who: str) -> None:
    sign_in(client, world, who)
    assert client.get("/audit").status_code == 403
    assert client.get("/accounts").status_code == 403
