"""What is another force's, named in a query, a form or a body instead of the address: as if nothing had that name."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from provider.domain.accounts.roles import Role
from provider.domain.compliance.feed import cursor
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from tests.builders import World, add_account, build_world
from tests.desk import csrf_of, sign_in
from tests.doors.police import Police
from tests.doors.test_between_forces import MISSING, of_force

FROM_THEIR_EVENT = {"start": "event", "event": "{compliance-events}"}
ASKED: list[tuple[str, str, str, dict[str, Any]]] = [
    # who, method, address, what is sent; {words} in braces name a thing of the other force, {mine} one of one's own
    ("key", "GET", "/compliance-events?after={cursor}", {}),
    ("key", "POST", "/webhook-endpoints/{mine}/replay", {"from": "{compliance-events}"}),
    ("key", "PATCH", "/referrals/{own_reference}", {"force_reference": "{crime_number}"}),
    ("force_administrator", "GET", "/force?scheme={schemes}", {}),
    ("force_administrator", "POST", "/force", {"words": "{reference}"}),
    ("force_administrator", "POST", "/force", {"words": "{crime_number}"}),
    ("force_administrator", "POST", "/force", {"officer": "{collar_number}"}),
    ("force_administrator", "GET", "/force/webhooks/{mine}/replay?event={compliance-events}", {}),
    (
        "force_administrator",
        "POST",
        "/force/webhooks/{mine}/replay",
        {"start": "event", "event": "{compliance-events}"},
    ),
    ("force_administrator", "POST", "/force/officers", {"words": "{officer_name}"}),
    ("officer", "GET", "/refer?with={reference}", {}),
    ("officer", "POST", "/refer", {"draft": "{token}"}),
]
NOTHING = {
    "cursor": "nonsense",
    "crime_number": "99/999999/99",
    "collar_number": "99999",
    "officer_name": "Nobody Nowhere",
}
THEIR_CRIME_NUMBER, THEIR_COLLAR_NUMBER = "44/444444/26", "77777"


@pytest.fixture
def world(app: Flask) -> World:
    world = build_world(app)
    with app.app_context(), transaction():
        their_force = {"force_id": world.forces["thamesford"]}
        add_account(world, "their_officer", Role.OFFICER, **their_force)
        add_account(world, "their_administrator", Role.FORCE_ADMINISTRATOR, **their_force)
    return world


def theirs(world: World) -> dict[str, Any]:
    things = of_force(world, "thamesford", "their_officer", "their_administrator")
    with world.app.app_context(), transaction():
        named = {"force_reference": THEIR_CRIME_NUMBER, "officer_collar_number": THEIR_COLLAR_NUMBER}
        db.session.execute(sa.update(Referral).where(Referral.reference == things["reference"]).values(named))
    return {
        **things,
        "cursor": cursor(1, force_id=world.forces["thamesford"]),
        "crime_number": THEIR_CRIME_NUMBER,
        "collar_number": THEIR_COLLAR_NUMBER,
        "officer_name": "Their Officer Example",
    }


def bare(answer: TestResponse, things: dict[str, Any]) -> tuple[Any, ...]:
    """The answer less its moment, its form's token, and what was sent, where it is said back."""
    text = re.sub(r'(name="(?:csrf_token|draft)" value=)"[^"]+"', r"\1", answer.text)
    location = answer.headers.get("Location", "")
    for name, value in things.items():
        if len(str(value)) > 4:
            text, location = text.replace(str(value), f"[{name}]"), location.replace(str(value), f"[{name}]")
    location = re.sub(r"(?<=/draft/)[\w-]{24}", "TOKEN", location)
    names = sorted({name for name, _ in answer.headers})
    return answer.status_code, text, location, names


def ask(world: World, who: str, method: str, address: str, sent: dict[str, Any]) -> TestResponse:
    if who == "key":
        police = Police(world.app.test_client(), world.keys["midshire"])
        return police._ask(method, address, **({"json": sent} if sent else {}))
    client = world.app.test_client()
    sign_in(client, world, who)
    form = {"csrf_token": csrf_of(client, address if "replay" in address else "/refer"), **sent}
    return client.open(address, method=method, data=form if method == "POST" else None)


@pytest.mark.parametrize(("who", "method", "address", "sent"), ASKED, ids=lambda one: str(one)[:40])
def test_what_is_another_forces_is_as_if_nothing_had_that_name(
    world: World, who: str, method: str, address: str, sent: dict[str, Any]
) -> None:
    own = of_force(world, "midshire", "officer", "force_administrator")
    mine = {"mine": own["webhook-endpoints"], "own_reference": own["reference"]}
    answers = []
    for things in (theirs(world), {**MISSING, **NOTHING}):
        named = {**things, **mine}
        filled = {name: _filled(value, named) for name, value in sent.items()}
        answers.append(bare(ask(world, who, method, _filled(address, named), filled), things))
    assert answers[0] == answers[1]


def _filled(text: str, things: dict[str, Any]) -> str:
    return re.sub(r"\{([\w-]+)\}", lambda found: str(things[found[1]]), text)
