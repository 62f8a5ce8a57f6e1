"""Every route of the officer's and the force administrator's doors, walked: new ones are walked without being named.

Nothing that was said to the provider is in a byte of them, and what belongs to another is as if it were missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from provider.domain.accounts.roles import Role
from provider.domain.forces.models import ApiKey, WebhookEndpoint
from provider.domain.people.models import PhoneNumber
from provider.domain.referrals.models import Referral
from provider.kernel.actors import Actor
from provider.kernel.database import db, transaction
from provider.pathway import closing, ending
from tests.builders import World, add_account, build_world
from tests.canaries import CANARY, plant
from tests.desk import case_of, csrf_of, sign_in
from tests.roadside import SCREENS, fill, post, refer
from tests.sheets import row, uploaded

DOORS = ("officer.", "force.")
MISSING: dict[str, Any] = {
    "token": "A" * 24,
    "reference": "2222-2222",
    "key_id": 2**40,
    "public_id": "whe_" + "0" * 24,
    "account_id": 2**40,
    "upload_id": "upl_" + "0" * 24,
    "event_id": "evt_" + "0" * 24,
}


@pytest.fixture
def world(app: Flask) -> World:
    world = build_world(app)
    with app.app_context(), transaction():
        add_account(world, "their_officer", Role.OFFICER, force_id=world.forces["thamesford"])
        add_account(
            world, "their_administrator", Role.FORCE_ADMINISTRATOR, force_id=world.forces["thamesford"]
        )
    return world


def signed_in(world: World, who: str) -> FlaskClient:
    client = world.app.test_client()
    sign_in(client, world, who)
    return client


def things_of(world: World, officer: str, administrator: str, **event: str) -> dict[str, Any]:
    """One of everything that these two have, by the name that an address calls it."""
    at_roadside, at_desk = signed_in(world, officer), signed_in(world, administrator)
    reference = refer(at_roadside, event=event)
    draft = fill(at_roadside, event=event, person={"given_name": "Alex"})
    post(at_desk, "/force/webhooks", url=f"https://{officer}.example/")
    event_id = corrected(world, reference, at_desk)
    page = uploaded(at_desk, [row(1, scheme=event.get("scheme", "divert-adult")), row(2, scheme="none")])
    with world.app.app_context():
        force_id = db.session.scalars(
            sa.select(Referral.force_id).where(Referral.reference == reference)
        ).one()
        key_id = db.session.scalars(sa.select(ApiKey.id).where(ApiKey.force_id == force_id)).first()
        webhook = sa.select(WebhookEndpoint.public_id).where(WebhookEndpoint.force_id == force_id)
        return {
            "token": draft.split("/")[3],
            "reference": reference,
            "key_id": key_id,
            "public_id": db.session.scalars(webhook).one(),
            "account_id": world.accounts[officer],
            "upload_id": page.split("/")[-1],
            "event_id": event_id,
        }


def corrected(world: World, reference: str, at_desk: FlaskClient) -> str:
    """Somebody declined and came back, so that their force reads a correction; its id."""
    case_id, by = case_of(world.app, reference).id, Actor("account", world.accounts["drug_worker"])
    now = world.app.extensions["clock"].now()
    with world.app.app_context(), transaction():
        ending.end_declined(case_id, by=by, now=now)
    with world.app.app_context(), transaction():
        closing.reopen(case_id, by=by, now=now)
    found = re.findall(r"/force/corrections/(evt_[0-9a-f]{24})/done", at_desk.get("/force/corrections").text)
    return str(found[0])


def addresses(
    app: Flask, method: str, things: dict[str, Any], *, only_with: bool
) -> Iterator[tuple[Rule, str]]:
    """The address of every route behind the doors; ``only_with``: of those that name a thing."""
    bound = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(DOORS) or method not in (rule.methods or ()):
            continue
        if only_with and not rule.arguments & things.keys():
            continue
        for name in SCREENS if "name" in rule.arguments else [None]:
            named = {argument: things[argument] for argument in rule.arguments if argument != "name"}
            yield rule, bound.build(rule.endpoint, named | ({"name": name} if name else {}), method=method)


def client_for(rule: Rule, clients: dict[str, FlaskClient]) -> FlaskClient:
    return clients[rule.endpoint.split(".")[0]]


def bare(answer: TestResponse) -> tuple[int, str, dict[str, str]]:
    """An answer less what differs from one moment to the next."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Set-Cookie")}
    return answer.status_code, re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", answer.text), headers


def test_no_word_said_to_the_provider_is_on_any_page(app: Flask, world: World) -> None:
    things = things_of(world, "officer", "force_administrator")
    with app.app_context(), transaction():
        case_id = db.session.scalars(sa.select(Referral.case_id)).one() or 0
        number_id = db.session.scalars(sa.select(PhoneNumber.id)).one()
        drug_worker = world.accounts["drug_worker"]
        assert plant(case_id=case_id, accounts=drug_worker, phone_numbers=number_id) > 20
    clients = {"officer": signed_in(world, "officer"), "force": signed_in(world, "force_administrator")}
    seen = 0
    for method in ("GET", "POST"):
        for rule, address in addresses(app, method, things, only_with=False):
            client = client_for(rule, clients)
            sent = {"csrf_token": csrf_of(client, "/refer")} if method == "POST" else None
            answer = client.open(address, method=method, data=sent, follow_redirects=True)
            assert answer.status_code < 500, address
            assert CANARY.lower() not in answer.text.lower(), address
            assert CANARY.lower() not in str(answer.headers).lower(), address
            seen += answer.status_code == 200
    assert seen > 25


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_anothers_is_as_if_it_were_missing(app: Flask, world: World, method: str) -> None:
    theirs = things_of(world, "their_officer", "their_administrator", scheme="diversion-deferred", area="")
    clients = {"officer": signed_in(world, "officer"), "force": signed_in(world, "force_administrator")}
    walked = 0
    both = [addresses(app, method, things, only_with=True) for things in (theirs, MISSING)]
    for (rule, address), (_, missing) in zip(*both, strict=True):
        client = client_for(rule, clients)
        sent = {"csrf_token": csrf_of(client, "/refer")} if method == "POST" else None
        found = bare(client.open(address, method=method, data=sent))
        assert found == bare(client.open(missing, method=method, data=sent)), address
        assert found[0] == 404, address
        walked += 1
    assert walked >= 6


def test_what_is_anothers_stands_in_no_list(app: Flask, world: World) -> None:
    theirs = things_of(world, "their_officer", "their_administrator", scheme="diversion-deferred", area="")
    clients = {"officer": signed_in(world, "officer"), "force": signed_in(world, "force_administrator")}
    for rule, address in addresses(app, "GET", theirs, only_with=False):
        if not rule.arguments:
            page = client_for(rule, clients).get(address).text
            for thing in ("reference", "token", "public_id", "upload_id"):
                assert theirs[thing] not in page, address
            assert "their_officer" not in page, address


def test_an_administrator_is_not_closed_by_another(app: Flask, world: World) -> None:
    """Administrators of a force are the provider's to open and close, themselves included."""
    client = signed_in(world, "force_administrator")
    for path in ("close", "password", "open"):
        address = f"/force/officers/{world.accounts['force_administrator']}/{path}"
        answer = client.post(address, data={"csrf_token": csrf_of(client, "/force/officers")})
        assert answer.status_code == 404


@pytest.mark.parametrize("who", ["officer", "drug_worker", "team_lead", "administrator", "commissioner"])
def test_the_door_is_for_force_administrators(app: Flask, world: World, who: str) -> None:
    client = signed_in(world, who)
    for rule, address in addresses(app, "GET", MISSING, only_with=False):
        if rule.endpoint.startswith("force."):
            assert client.get(address).status_code == 403, address
            assert app.test_client().get(address).status_code == 302, address


@pytest.mark.parametrize(
    "address",
    [
        "/force/keys/99999999999999999999/end",
        "/force/webhooks/%00/remove",
        "/force/uploads/upl_%00",
        "/force/uploads/1",
    ],
)
def test_an_identifier_that_is_none_is_not_found(app: Flask, world: World, address: str) -> None:
    assert signed_in(world, "force_administrator").get(address).status_code == 404
