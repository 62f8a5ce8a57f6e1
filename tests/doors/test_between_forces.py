"""Every route there is, the API's operations among them, by each method, as one force's key, administrator and officer,
with what is another force's: answered exactly as an identifier that nothing has.

The routes are read from the application: a new one is walked without being named, and one that names a thing of a new
kind fails here until that thing is planted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from provider.domain.accounts.roles import Role
from provider.domain.contact.tasks import raise_task
from provider.domain.referrals.models import Referral
from provider.kernel.database import db, transaction
from provider.pathway import hearing
from provider.web.api.operations import OPERATIONS
from tests.builders import World, add_account, build_world
from tests.desk import csrf_of, sign_in
from tests.doors import test_force_door_isolation as at_the_doors
from tests.doors import test_isolation as by_api
from tests.doors.test_isolation import PERSON, body_for
from tests.fakes import MovableClock
from tests.pathway.walking import Walk

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ASKERS = ("key", "force_administrator", "officer")
OWN_DOORS: Mapping[str, tuple[str, ...]] = {
    "key": ("api.",),
    "force_administrator": ("force.", "officer."),
    "officer": ("officer.",),
}
FOR_ANYBODY = {
    "static": "files of the look",
    "participant.look": "the link itself is what lets somebody in",
    "participant.enter": "the link itself is what lets somebody in",
    "participant.what_happens_next": "a neutral page that an officer shows to whoever stands there",
    "participant.number_to_save": "the number of that page",
}
"""Routes whose address holds no force's thing, and why."""

NO_NUMBER = 2**31 - 1
MISSING: Mapping[str, Any] = {
    **by_api.NONE,
    **at_the_doors.MISSING,
    **dict.fromkeys(
        ("session_id", "course_id", "place_id", "appointment_id", "task_id", "worker_id"), NO_NUMBER
    ),
    **dict.fromkeys(("reply_id", "alarm_id", "absence_id", "closure_id", "pair_id"), NO_NUMBER),
    **dict.fromkeys(("scheme_id", "version"), NO_NUMBER),
    "language": "xx",
    "kind": "no_such_text",
}
"""By kind of thing: an identifier that nothing has."""


@dataclass(frozen=True)
class Walked:
    """One address of a route, with what is another's in it, and with what is nobody's."""

    rule: Rule
    method: str
    found: str
    missing: str

    def __str__(self) -> str:
        return f"{self.method} {self.found}"


@pytest.fixture
def world(app: Flask) -> World:
    world = build_world(app)
    with app.app_context(), transaction():
        add_account(world, "their_officer", Role.OFFICER, force_id=world.forces["thamesford"])
        their_force = {"force_id": world.forces["thamesford"]}
        add_account(world, "their_administrator", Role.FORCE_ADMINISTRATOR, **their_force)
    return world


@pytest.fixture
def theirs(world: World, clock: MovableClock) -> dict[str, Any]:
    return {**placed(world, clock), **of_force(world, "thamesford", "their_officer", "their_administrator")}


def placed(world: World, clock: MovableClock) -> dict[str, Any]:
    """Somebody whom the other force referred, as far as the desk has brought them."""
    walk = Walk(world, clock)
    with world.app.app_context():
        referral = walk.deferred(person={**PERSON, "contact": {"number_checked": True}})
        walk.spoken_to(referral)
        appointment = walk.booked(referral)
        walk.assessed(referral)
        with transaction():
            hearing.reply("SM1", from_e164="+447700900998", body="It is me", opt_out=None, now=walk.now)
        session_id = walk.session()
        return {
            "appointment_id": appointment.id,
            "session_id": session_id,
            "course_id": world.courses["awareness"],
            "place_id": walk.placed(referral, session_id),
            "task_id": db.session.scalar(sa.text("SELECT min(id) FROM tasks")) or 1,
            "reply_id": db.session.scalar(sa.text("SELECT min(id) FROM replies")),
            "alarm_id": 1,
            "pair_id": 1,
            "absence_id": 1,
            "closure_id": 1,
            "worker_id": world.accounts["drug_worker"],
            "scheme_id": world.schemes["diversion-deferred"],
            "version": 1,
            "language": "cy",
            "kind": "assessment_booked",
        }


def of_force(world: World, force: str, officer: str, administrator: str) -> dict[str, Any]:
    """One of everything that a force has, by kind: made through its own doors."""
    event = {"scheme": "diversion-deferred", "area": ""} if force == "thamesford" else {}
    things = at_the_doors.things_of(world, officer, administrator, **event)
    planted = by_api.Planted(world, things["reference"], things["reference"], 0, {}, "")
    return {**things, **by_api.things_of(planted, force)}


def kind_of(segment: str, argument: str) -> str:
    """What an address names: by its own name, or, where that is any identifier, by what stands before it."""
    return segment if argument in {"id", "code"} else argument


def addresses(app: Flask, theirs: Mapping[str, Any]) -> Iterator[Walked]:
    """Every address that names a thing, by each method."""
    bound = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint in FOR_ANYBODY or not rule.arguments:
            continue
        for chosen in choices(rule):
            found, missing = (
                bound.build(rule.endpoint, {**named(rule, things), **chosen}) for things in (theirs, MISSING)
            )
            for method in METHODS:
                yield Walked(rule, method, found, missing)


def named(rule: Rule, things: Mapping[str, Any]) -> dict[str, Any]:
    found = re.findall(r"/([\w-]+)/<(?:[^:>]+:)?(\w+)>", rule.rule)
    itself = {argument: argument for argument in rule.arguments}
    kinds = itself | {argument: kind_of(segment, argument) for segment, argument in found}
    plain = [argument for argument in kinds if not isinstance(rule._converters[argument], AnyConverter)]
    unknown = {kinds[argument] for argument in plain} - things.keys()
    assert not unknown, f"{rule.rule}: plant one of each, and say what nothing has: {unknown}"
    return {argument: things[kinds[argument]] for argument in plain}


def choices(rule: Rule) -> Iterator[dict[str, str]]:
    """Every way of choosing where an address offers a choice of words."""
    some = {
        name: sorted(one.items) for name, one in rule._converters.items() if isinstance(one, AnyConverter)
    }
    for chosen in product(*some.values()):
        yield dict(zip(some, chosen, strict=True))


def asks(
    world: World, who: str, client: FlaskClient, token: str, walked: Walked, address: str
) -> TestResponse:
    """A request in order but for whose thing it names."""
    sent: dict[str, Any] = {}
    if who == "key":
        operation = next((one for one in OPERATIONS if f"api.{one.id}" == walked.rule.endpoint), None)
        body = body_for(operation, "divert-adult") if operation is not None else None
        sent = {"json": body} if body is not None else {}
        once = {"Idempotency-Key": "00000000-0000-4000-8000-000000000001"}
        sent["headers"] = {"Authorization": f"Bearer {world.keys['midshire']}", **once}
    elif walked.method not in {"GET", "HEAD", "OPTIONS"}:
        sent = {"data": {"csrf_token": token}}
    return client.open(address, method=walked.method, **sent)


def bare(answer: TestResponse, address: str) -> tuple[Any, ...]:
    """An answer less its moment, its form's token, and the address that was asked for where it leads back to it."""
    text = re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", answer.text)
    headers = [(name, value) for name, value in answer.headers.items() if name not in {"Date", "Set-Cookie"}]
    for written in (address, quote(address), quote(address, safe="")):
        text = text.replace(written, "ADDRESS")
        headers = [(name, value.replace(written, "ADDRESS")) for name, value in headers]
    if answer.status_code == 302:
        headers = [(name, value) for name, value in headers if name != "Content-Length"]
    cookies = sorted(value.split("=")[0] for value in answer.headers.getlist("Set-Cookie"))
    return answer.status_code, text, sorted(headers), cookies


@pytest.mark.parametrize("who", ASKERS)
def test_what_is_another_forces_is_as_if_it_were_missing(
    app: Flask, world: World, theirs: dict[str, Any], who: str
) -> None:
    client = app.test_client()
    token = ""
    if who != "key":
        sign_in(client, world, who)
        token = csrf_of(client, "/refer")
    own = refused = 0
    for walked in addresses(app, theirs):
        found, missing = (
            bare(asks(world, who, client, token, walked, address), address)
            for address in (walked.found, walked.missing)
        )
        assert found == missing, str(walked)
        if walked.method in (walked.rule.methods or set()) - {"OPTIONS"}:
            # A key has no form's token: at the doors for people it is stopped there.
            assert found[0] in {302, 400, 401, 403, 404}, str(walked)
            if walked.rule.endpoint.startswith(OWN_DOORS[who]):
                assert found[0] == 404, str(walked)
                own += 1
        refused += 1
    assert own >= 6
    assert refused > 400


def need_number(app: Flask, reference: str, *, now: datetime) -> None:
    """The force is asked for another number, so that there is a page to give one."""
    with app.app_context(), transaction():
        case_id = db.session.scalar(sa.select(Referral.case_id).where(Referral.reference == reference))
        raise_task("number_suspect", case_id=case_id, due_at=now, now=now)


@pytest.mark.parametrize("who", ASKERS)
def test_what_is_their_own_is_found(app: Flask, world: World, clock: MovableClock, who: str) -> None:
    """The control: the addresses are right, and only whose thing it is was wrong."""
    ours = {**placed(world, clock), **of_force(world, "midshire", "officer", "force_administrator")}
    need_number(app, ours["reference"], now=clock.now())
    if who == "force_administrator":
        with app.app_context(), transaction():
            mine = {"officer_account_id": world.accounts[who]}
            db.session.execute(
                sa.update(Referral).where(Referral.reference == ours["reference"]).values(mine)
            )
    client = app.test_client()
    if who != "key":
        sign_in(client, world, who)
    asked = [
        (str(walked), asks(world, who, client, "", walked, walked.found).status_code)
        for walked in addresses(app, ours)
        if walked.method == "GET"
        and "GET" in (walked.rule.methods or ())
        and walked.rule.endpoint.startswith(OWN_DOORS[who])
        and not (who == "force_administrator" and "token" in walked.rule.arguments)
    ]
    assert len(asked) >= 3
    assert [one for one, status in asked if status != 200] == []
