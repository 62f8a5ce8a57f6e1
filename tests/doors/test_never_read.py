"""A canary in every field that a force must never read, and every byte that one can read: pages and sheets of both
doors, every answer of the API and what it says no with, notices, headers, and what anybody may ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.compliance import feed
from provider.domain.compliance.delivery import event_body
from provider.domain.referrals.models import Referral
from provider.kernel.database import Base, db, transaction
from provider.web.api.operations import OPERATIONS
from tests.builders import World, build_world
from tests.canaries import CANARY
from tests.canaries_everywhere import kept, named_tables, plant_everywhere, unplanted
from tests.desk import csrf_of, sign_in
from tests.doors.police import Police
from tests.doors.test_between_forces import MISSING, addresses, of_force
from tests.doors.test_isolation import PERSON, body_for
from tests.fakes import MovableClock
from tests.pathway.walking import Walk

DOORS = {"officer": ("officer.",), "force_administrator": ("force.", "officer.")}
"""The administrator comes last: one of the buttons closes the officer's account."""


@dataclass(frozen=True)
class Planted:
    world: World
    ours: dict[str, Any]
    reference: str


@pytest.fixture(params=[False, True], ids=["open", "restricted"])
def planted(app: Flask, clock: MovableClock, request: pytest.FixtureRequest) -> Planted:
    """Somebody whom both forces referred, on a course, each word about them a canary; with everything a force has."""
    world = build_world(app)
    walk = Walk(world, clock)
    ours = of_force(world, "midshire", "officer", "force_administrator")
    with app.app_context():
        walk.deferred(person={**PERSON, "contact": {"number_checked": True}})
        referral = walk.referred(
            person={**PERSON, "contact": {"number_checked": True}}, force_reference="20/7/26"
        )
        walk.spoken_to(referral)
        walk.booked(referral)
        walk.assessed(referral)
        walk.placed(referral, walk.session())
        known = {"people": referral.person_id, "referrals": referral.id, "cases": walk.case(referral).id}
        with transaction():
            mine = {"officer_account_id": world.accounts["officer"]}
            db.session.execute(sa.update(Referral).where(Referral.id == referral.id).values(mine))
            known["accounts"] = world.accounts["drug_worker"]
            known["schemes"] = world.schemes["divert-adult"]
            assert plant_everywhere(known) > 90
            db.session.execute(sa.text("UPDATE people SET restricted = :it"), {"it": request.param})
        assert unplanted() == []
        return Planted(world, {**MISSING, **ours, "reference": referral.reference}, referral.reference)


def test_every_table_is_named_as_read_or_not(app: Flask) -> None:
    """One that is new: may a force read from it? Say so in ``tests/canaries_everywhere``."""
    assert named_tables() == set(Base.metadata.tables)


def test_what_was_heard_and_written_is_kept_from_forces(app: Flask) -> None:
    columns = {f"{table.name}.{column.name}" for table, some in kept() for column in some}
    for one in (
        *("assessments.answers", "notes.text", "texts.body", "replies.body", "contact_attempts.outcome"),
        *(
            "attendance_marks.reason",
            "possible_matches.likeness",
            "cases.pathway",
            "people.accessibility_needs",
        ),
        *("referrals.ended_reason", "bar_reviews.words", "bar_reviews.reason", "tasks.kind"),
    ):
        assert one in columns


def test_no_byte_that_a_force_reads_holds_any_of_it(planted: Planted) -> None:
    read = list(everything(planted))
    assert [where for where, text in read if CANARY.lower() in text.lower()] == []
    assert [where for where, text in read if any(secret in text for secret in secrets(planted))] == []
    assert sum(planted.reference in text for _, text in read) > 8, "the person is there to be read about"
    assert len(read) > 100


def test_what_is_planted_would_be_seen(planted: Planted) -> None:
    """The control: at the desk it is."""
    client = planted.world.app.test_client()
    sign_in(client, planted.world, "team_lead")
    assert CANARY in client.get("/team").text + client.get("/sessions").text


def secrets(planted: Planted) -> list[str]:
    """What lets somebody in, as it is stored."""
    with planted.world.app.app_context():
        columns = (
            "accounts.password_hash",
            "api_keys.key_hash",
            "webhook_endpoints.secret",
            "sign_in_sessions.token_hash",
        )
        named = (column.split(".") for column in columns)
        return [
            str(value)
            for table, column in named
            for value in db.session.execute(sa.text(f"SELECT {column} FROM {table}")).scalars()
        ]


def everything(planted: Planted) -> Iterator[tuple[str, str]]:
    """Where, and the whole answer with its headers."""
    yield from by_key(planted)
    for who, doors in DOORS.items():
        yield from at_doors(planted, who, doors)
    yield from by_anybody(planted)
    yield from notices(planted)


def by_key(planted: Planted) -> Iterator[tuple[str, str]]:
    """Every operation on what is the force's own, on what is nobody's, and with a body that is none; reads first."""
    police = Police(planted.world.app.test_client(), planted.world.keys["midshire"])
    by_method = sorted(OPERATIONS, key=lambda one: (one.method != "GET", one.method == "DELETE", one.id))
    for operation in by_method:
        for things in (planted.ours, MISSING):
            path = "/api/v1" + operation.path
            for walked in addresses(planted.world.app, things):
                if walked.rule.endpoint == f"api.{operation.id}":
                    path = walked.found
            for body in (body_for(operation, "divert-adult"), {"unknown": CANARY[::-1]}):
                sent = {"json": body} if operation.sent is not None else {}
                once = {"Idempotency-Key": "00000000-0000-4000-8000-00000000000" + str(len(path) % 10)}
                answer = police._ask(operation.method, path.removeprefix("/api/v1"), headers=once, **sent)
                assert answer.status_code < 500, (operation.id, answer.text)
                yield f"{operation.id} {answer.status_code}", f"{answer.text}\n{answer.headers}"


def at_doors(planted: Planted, who: str, doors: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every page, first as it is and then after each button was pressed."""
    app = planted.world.app
    client = app.test_client()
    sign_in(client, planted.world, who)
    form = {"csrf_token": csrf_of(client, "/refer")}
    pages = (one for one in addresses(app, planted.ours) if one.method == "GET")
    walks = [*without_things(app), *((one.rule, one.found) for one in pages)]
    for method in ("GET", "POST"):
        for rule, address in walks:
            if method not in (rule.methods or ()) or rule.endpoint == "staff.sign_out":
                continue
            data, follow = (form if method == "POST" else None), rule.endpoint.startswith(doors)
            answer = client.open(address, method=method, data=data, follow_redirects=follow)
            assert answer.status_code < 500 or address == "/readyz", (method, address)
            yield f"{who} {method} {address}", f"{answer.text}\n{answer.headers}"


def without_things(app: Flask) -> list[tuple[Any, str]]:
    rules = sorted(app.url_map.iter_rules(), key=str)
    return [(rule, rule.rule) for rule in rules if not rule.arguments and rule.endpoint != "sandbox.texts"]


def by_anybody(planted: Planted) -> Iterator[tuple[str, str]]:
    client = planted.world.app.test_client()
    for _, address in without_things(planted.world.app):
        answer = client.get(address, environ_base={"REMOTE_ADDR": "203.0.113.9"})
        yield f"anybody {address}", f"{answer.text}\n{answer.headers}"


def notices(planted: Planted) -> Iterator[tuple[str, str]]:
    with planted.world.app.app_context():
        for event in feed.page(planted.world.forces["midshire"], after=None, limit=500).events:
            yield f"notice {event.sequence}", event_body(event).decode()
