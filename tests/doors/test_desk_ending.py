"""Ending a referral at the desk: what the pathway allows, in the words of the trade."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.contact.outcomes import AttemptOutcome
from provider.kernel.actors import Actor
from provider.kernel.database import transaction
from provider.pathway import contacting
from tests.builders import World, build_world
from tests.desk import case_of, refer, referral_of, send, sign_in
from tests.fakes import MovableClock


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def desk(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world, "drug_worker")
    return client


@pytest.fixture
def reference(app: Flask, world: World, desk: FlaskClient) -> str:
    reference = refer(app, world)
    send(desk, "/my-day", f"/referrals/{reference}/take")
    return reference


def end(desk: FlaskClient, reference: str, ending: str):
    return send(desk, f"/referrals/{reference}/close", ending=ending)


def test_it_has_to_be_said_why(desk: FlaskClient, reference: str) -> None:
    page = end(desk, reference, "").text
    assert "Choose why it ends" in page
    assert 'href="#ending"' in page


@pytest.mark.parametrize("reason", ["number", "opted_out", "no_interpreter", "hospital", "custody", "death"])
def test_not_reached_is_nobodys_fault(app: Flask, desk: FlaskClient, reference: str, reason: str) -> None:
    assert end(desk, reference, reason).location == f"/referrals/{reference}"
    referral = referral_of(app, reference)
    assert (referral.status, referral.ended_reason, referral.may_reoffer) == ("not_reached", reason, True)
    assert "nobody’s fault" in desk.get(f"/referrals/{reference}").text


def test_who_declines_has_not_engaged(app: Flask, desk: FlaskClient, reference: str) -> None:
    end(desk, reference, "declined")
    assert referral_of(app, reference).status == "not_engaged"


def test_before_every_call_is_made_it_is_refused_with_what_is_missing(
    app: Flask, desk: FlaskClient, reference: str
) -> None:
    page = end(desk, reference, "after_calls").text
    assert "There are calls still to make" in page
    assert referral_of(app, reference).status == "accepted"


def test_when_the_ladder_is_done_the_page_says_so_and_it_can_end(
    app: Flask, world: World, desk: FlaskClient, reference: str, clock: MovableClock
) -> None:
    ring_until_the_end(app, world, reference, clock)
    sign_in(desk, world, "drug_worker")
    assert "Every call has been tried." in desk.get(f"/referrals/{reference}").text
    end(desk, reference, "after_calls")
    referral = referral_of(app, reference)
    assert (referral.status, referral.ended_reason) == ("not_engaged", "no_response")
    page = desk.get(f"/referrals/{reference}").text
    assert "The number works, the whole ladder of calls was tried, and there was no response." in page


def test_it_cannot_end_twice(desk: FlaskClient, reference: str) -> None:
    end(desk, reference, "hospital")
    assert "This referral has already ended." in end(desk, reference, "custody").text


def test_reopened_too_late_it_says_what_can_be_done(
    app: Flask, world: World, desk: FlaskClient, reference: str, clock: MovableClock
) -> None:
    end(desk, reference, "declined")
    clock.advance(days=29)
    sign_in(desk, world, "drug_worker")
    assert "This has ended: there is nothing to do." in desk.get(f"/referrals/{reference}").text
    send(desk, f"/referrals/{reference}", f"/referrals/{reference}/reopen")
    assert "The force can refer them again." in desk.get(f"/referrals/{reference}").text


def test_a_clinical_lead_ends_nothing(app: Flask, world: World, client: FlaskClient) -> None:
    reference = refer(app, world)
    sign_in(client, world, "clinical_lead")
    assert client.get(f"/referrals/{reference}/close").status_code == 403


def ring_until_the_end(app: Flask, world: World, reference: str, clock: MovableClock) -> None:
    by, case_id = Actor("account", world.accounts["drug_worker"]), case_of(app, reference).id
    outcome, confirmed = AttemptOutcome.SOMEONE_ELSE_ANSWERED, True
    while case_of(app, reference).next_call_at is not None:
        clock.set(case_of(app, reference).next_call_at or clock.now())
        with app.app_context(), transaction():
            contacting.record_attempt(
                case_id, outcome=outcome, number_confirmed=confirmed, by=by, now=clock.now()
            )
        outcome, confirmed = AttemptOutcome.NO_ANSWER, False
    clock.set(clock.now() + timedelta(days=4))
