"""A number in an address that numbers nothing is not found, and in a query is as if it were not there."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from provider.web.addresses import LARGEST
from tests.builders import World, build_world
from tests.desk import csrf_of, refer, sign_in

BEYOND = "9" * 25
KNOWN = {"reference": "2222-2222", "language": "en", "kind": "call_me"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def numbered(app: Flask, number: str) -> list[tuple[Rule, str]]:
    """The address of every route that has a number in it, with this one in all such places."""
    found = []
    for rule in app.url_map.iter_rules():
        if any(isinstance(one, IntegerConverter) for one in rule._converters.values()):
            path = re.sub(r"<int[^:]*:\w+>", number, rule.rule)
            found.append((rule, re.sub(r"<(\w+)>", lambda name: KNOWN[name[1]], path)))
    return found


@pytest.mark.parametrize(("who", "at_least"), [("team_lead", 40), ("administrator", 40), (None, 2)])
@pytest.mark.parametrize("number", [BEYOND, str(2**63), str(LARGEST)])
def test_what_numbers_nothing_is_never_our_fault(
    app: Flask, world: World, client: FlaskClient, who: str | None, at_least: int, number: str
) -> None:
    csrf = None
    if who is not None:
        sign_in(client, world, who)
        csrf = csrf_of(client, "/my-day" if who == "team_lead" else "/accounts")
    walked, nowhere = numbered(app, number), int(number) > LARGEST
    wrong = []
    for rule, address in walked:
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = client.open(address, method=method, data={"csrf_token": csrf} if csrf else None)
            if answer.status_code >= 500 or (nowhere and answer.status_code not in {404, 405}):
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []
    assert len(walked) >= at_least


@pytest.mark.parametrize("number", [BEYOND, str(2**63), "-1", "0", "x", "١", "1_0", ""])
def test_what_numbers_nothing_in_a_query_is_as_if_it_were_not_there(
    app: Flask, world: World, client: FlaskClient, number: str
) -> None:
    sign_in(client, world, "team_lead")
    reference = refer(app, world)
    for query in (
        *("my-day?worker", "diary?worker", "sessions/add?like", "referrals?page"),
        *("phone-numbers?page", f"referrals/{reference}/texts?page"),
    ):
        assert client.get(f"/{query}={number}").status_code == 200, query
