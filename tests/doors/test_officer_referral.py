"""The officer's referral over HTTP, without JavaScript: five screens, one referral."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person, PhoneNumber
from provider.domain.referrals.models import Referral, ReferralDraft
from provider.kernel.database import db
from tests.builders import World, build_world, count
from tests.desk import csrf_of, sign_in
from tests.roadside import errors_in, fill, post, refer, reference_in, values_in


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    sign_in(client, world, "officer")
    return client


def test_five_screens_make_one_referral(app: Flask, world: World, officer: FlaskClient) -> None:
    reference = refer(officer)
    with app.app_context():
        referral, person, number = one_referral()
        assert referral.reference == reference
        assert referral.status == "accepted"
        assert referral.received_by == "officer"
        assert referral.officer_account_id == world.accounts["officer"]
        assert referral.officer_collar_number == "4312"
        assert referral.force_reference == "20/123456/26"
        assert referral.drugs == [{"substance": "cannabis", "class": "B", "quantity": "2 g"}]
        assert referral.notice_version == "2026-1"
        assert referral.responsibility_accepted is True
        assert referral.risk_markers == ["lone_working"]
        assert referral.sent_name == "Sam Example"
        assert (person.self_defined_ethnicity, person.officer_observed_ethnicity) == ("B1", "3")
        assert number.confirmed_by == "officer"
        assert number.voicemail_wanted


def one_referral() -> tuple[Referral, Person, PhoneNumber]:
    found = db.session.execute(
        sa.select(Referral, Person, PhoneNumber)
        .join(Person, Person.id == Referral.person_id)
        .join(PhoneNumber, PhoneNumber.person_id == Person.id)
    ).one()
    return found.Referral, found.Person, found.PhoneNumber
