"""What a drug worker says to a voicemail or to somebody else: beside the call, neutral, in the scheme's words."""

from __future__ import annotations

from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from provider.domain.people.models import Person
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import rewording
from tests.builders import World, build_world
from tests.desk import refer, sign_in
from tests.fakes import A_TUESDAY


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def test_what_to_say_to_a_voicemail_stands_beside_the_call_in_the_schemes_words(
    app: Flask, world: World, client: FlaskClient
) -> None:
    reference = refer(app, world)
    with app.app_context(), transaction() as session:
        session.execute(sa.text("UPDATE accounts SET name = 'Kim Example' WHERE role = 'drug_worker'"))
    sign_in(client, world, "drug_worker")
    page = unescape(client.get(f"/referrals/{reference}").text)
    assert "Hello, this is Kim from Waymark Midshire. I am ringing for a short talk" in page
    for when in ("On a voicemail", "To a phone that asks who is calling", "To somebody else who picks up"):
        assert when in page
    own = "Hello, {who} here. Ring me on {phone}."
    with app.app_context(), transaction():
        rewording.reword(
            world.schemes["divert-adult"],
            "voicemail",
            "en",
            own,
            seen=0,
            by=Actor("account", world.accounts["team_lead"]),
            now=A_TUESDAY,
        )
    assert "Kim from Waymark Midshire here. Ring me on 0121 496 0100." in unescape(
        client.get(f"/referrals/{reference}").text
    )


def test_it_is_said_in_their_language_where_there_is_one(
    app: Flask, world: World, client: FlaskClient
) -> None:
    reference = refer(app, world)
    with app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(language="cy"))
    sign_in(client, world, "drug_worker_2")
    assert "Helo, Waymark Midshire sydd yma." in client.get(f"/referrals/{reference}").text
