"""Corrections that a force has to carry out in its own records too: listed, ticked off, taken back."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.accounts.roles import Role
from provider.domain.compliance.models import ComplianceEvent
from provider.domain.referrals.endings import NotReached
from provider.domain.referrals.models import Referral
from provider.domain.referrals.reviews import Decision
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import closing, ending, reviewing
from tests.builders import World, add_account, build_world, count
from tests.desk import case_of, refer, send, sign_in, somebody
from tests.fakes import MovableClock
from tests.queries import queries_of

PAGE = "/force/corrections"
LOG = "Take the intelligence log out of your system."
BAR = "Take the bar out: it may be offered again."


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def admin(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "force_administrator")
    return client


def came_back(
    world: World, clock: MovableClock, number: int, *, declined: bool = True, **changes: str
) -> str:
    """Somebody whose referral ended, and who came back at once."""
    reference = refer(world.app, world, person=somebody(number), **changes)
    case_id, by = case_of(world.app, reference).id, Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        if declined:
            ending.end_declined(case_id, by=by, now=clock.now())
        else:
            ending.end_unreachable(case_id, reason=NotReached.HOSPITAL, by=by, now=clock.now())
    clock.advance(minutes=5)
    with world.app.app_context(), transaction():
        closing.reopen(case_id, by=by, now=clock.now())
    return reference


def listed(page: str) -> list[str]:
    return re.findall(r'id="evt_[0-9a-f]{24}"><a[^>]*>([0-9A-Z]{4}-[0-9A-Z]{4})</a>', page)


def event_ids(page: str) -> list[str]:
    return re.findall(r'action="/force/corrections/(evt_[0-9a-f]{24})/done"', page)


def tick(admin: FlaskClient) -> str:
    """Tick the first one off; its id."""
    event_id = event_ids(admin.get(PAGE).text)[0]
    assert send(admin, PAGE, f"{PAGE}/{event_id}/done").location == PAGE
    return event_id


def test_a_log_and_a_bar_that_were_taken_back_are_one_thing_to_do(
    world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    reference = came_back(world, clock, 1)
    page = admin.get(PAGE).text
    assert listed(page) == [reference]
    for words in (LOG, BAR, "Change the outcome from “Not engaged” to “Open”.", "told on 24 November 2026"):
        assert words in page
    assert "1 correction to carry out in your own records" in admin.get("/force").text


def test_who_was_not_reached_and_came_back_is_one_too_without_a_log(
    world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    reference = came_back(world, clock, 1, declined=False)
    page = admin.get(PAGE).text
    assert listed(page) == [reference]
    assert "Change the outcome from “Not reached” to “Open”." in page
    assert LOG not in page
    assert BAR not in page


def test_a_bar_that_was_lifted_on_review(world: World, clock: MovableClock, admin: FlaskClient) -> None:
    reference = refer(world.app, world)
    case_id, by = case_of(world.app, reference).id, Actor("account", world.accounts["drug_worker"])
    lead = Actor("account", world.accounts["team_lead"])
    with world.app.app_context(), transaction():
        ending.end_declined(case_id, by=by, now=clock.now())
        referral = db.session.scalars(sa.select(Referral).where(Referral.reference == reference)).one()
        reviewing.ask(referral, words="Please.", through="desk", by=by, now=clock.now())
        review_id = db.session.scalars(sa.text("SELECT id FROM bar_reviews")).one()
        reviewing.decide(review_id, decision=Decision.LIFT, reason="So.", by=lead, now=clock.now())
    page = admin.get(PAGE).text
    assert re.findall(r"<li><strong>(.*?)</strong></li>", page) == [LOG, BAR]


def test_what_has_since_ended_as_before_is_only_to_be_checked(
    world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    reference = came_back(world, clock, 1)
    case_id, by = case_of(world.app, reference).id, Actor("account", world.accounts["drug_worker"])
    with world.app.app_context(), transaction():
        ending.end_declined(case_id, by=by, now=clock.now())
    page = admin.get(PAGE).text
    assert listed(page) == [reference]
    assert "It stands again as it did before: check that your records say so." in page
    assert "Change the outcome" not in page


def test_the_oldest_stands_first_and_is_ticked_off_and_taken_back(
    app: Flask, world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    first, second = came_back(world, clock, 1), came_back(world, clock, 2)
    assert listed(admin.get(PAGE).text) == [first, second]
    event_id = tick(admin)
    assert listed(admin.get(PAGE).text) == [second]
    done = admin.get(f"{PAGE}/done").text
    assert first in done
    assert "Force Administrator Example" in done
    assert send(admin, f"{PAGE}/done", f"{PAGE}/{event_id}/undo").location == PAGE
    assert listed(admin.get(PAGE).text) == [first, second]
    assert "Taken back on" in admin.get(f"{PAGE}/done").text
    with app.app_context():
        assert count("audit_entries", action="correction.carried_out") == 1
        assert count("audit_entries", action="correction.taken_back") == 1


def test_two_administrators_share_the_list_and_the_second_to_press_is_told(
    app: Flask, world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    came_back(world, clock, 1)
    with app.app_context(), transaction():
        add_account(world, "other", Role.FORCE_ADMINISTRATOR, force_id=world.forces["midshire"])
    other = app.test_client()
    sign_in(other, world, "other")
    event_id = event_ids(other.get(PAGE).text)[0]
    tick(admin)
    send(other, "/force/officers", f"{PAGE}/{event_id}/done")
    assert "Somebody had ticked it off already." in other.get(PAGE).text
    with app.app_context():
        assert count("corrections_done") == 1
    send(other, "/force/officers", f"{PAGE}/{event_id}/undo")
    send(other, "/force/officers", f"{PAGE}/{event_id}/undo")
    assert "It was outstanding already." in other.get(PAGE).text


def test_only_a_correction_can_be_ticked_off(
    app: Flask, world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    came_back(world, clock, 1)
    admin.get(PAGE)
    with app.app_context():
        others = db.session.scalars(
            sa.select(ComplianceEvent.public_id).where(ComplianceEvent.type != "outcome.corrected")
        ).all()
    assert len(others) == 3
    for event_id in (*others, "evt_" + "0" * 24, "nonsense", "%00"):
        assert send(admin, "/force/officers", f"{PAGE}/{event_id}/done").status_code == 404


def test_another_forces_correction_is_not_there(app: Flask, world: World, clock: MovableClock) -> None:
    came_back(world, clock, 1)
    with app.app_context(), transaction():
        add_account(world, "theirs", Role.FORCE_ADMINISTRATOR, force_id=world.forces["thamesford"])
    ours, theirs = app.test_client(), app.test_client()
    sign_in(ours, world, "force_administrator")
    sign_in(theirs, world, "theirs")
    event_id = event_ids(ours.get(PAGE).text)[0]
    assert listed(theirs.get(PAGE).text) == []
    for what in ("done", "undo"):
        assert send(theirs, "/force/officers", f"{PAGE}/{event_id}/{what}").status_code == 404


def test_with_nothing_outstanding_there_is_a_next_step(admin: FlaskClient) -> None:
    assert "Nothing is outstanding" in admin.get(PAGE).text
    assert "Nothing has been ticked off yet." in admin.get(f"{PAGE}/done").text
    assert "There is nothing earlier." in admin.get(f"{PAGE}/done?before=1").text
    for before in ("0", "-1", "x", "9" * 30):
        assert admin.get(f"{PAGE}/done?before={before}").status_code == 200


def test_the_page_asks_as_much_of_ten_as_of_one(
    app: Flask, world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    asked = []
    for numbers in (range(1, 2), range(2, 11)):
        for number in numbers:
            came_back(world, clock, number)
        admin.get(PAGE)
        with queries_of(app) as sent:
            admin.get(PAGE)
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 8


def test_before_it_has_its_number_nobody_carries_it_out(
    app: Flask, world: World, clock: MovableClock, admin: FlaskClient
) -> None:
    """The page numbers what is committed, as every reader does: what it shows stands in the feed."""
    came_back(world, clock, 1)
    admin.get(PAGE)
    with app.app_context():
        assert count("compliance_events", sequence=None) == 0
