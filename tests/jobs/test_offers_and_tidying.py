"""Offers end in time and go to the next; what is over is forgotten; notices leave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa
from flask import Flask

from provider.domain.accounts.models import Account
from provider.domain.accounts.sign_in import open_session
from provider.domain.forces.models import IdempotencyKey, WebhookEndpoint
from provider.domain.forces.rate_limits import count_use
from provider.domain.messaging import inbox
from provider.domain.referrals.models import Referral
from provider.jobs.run import run_all_once
from provider.kernel.actors import SYSTEM, Actor
from provider.kernel.database import db, transaction
from provider.pathway import allocating
from provider.pathway.steps import begin
from tests.builders import World, add_session, build_world, count
from tests.cases import Known, add_case
from tests.fakes import A_TUESDAY, MovableClock, Phones

SOMEONE = Actor("account", 1)


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def wait(world: World, name: str, mobile: str) -> Known:
    known = add_case(world, given_name=name, mobile=mobile)
    with world.app.app_context(), transaction():
        allocating.wait_for_place(known.case_id, world.courses["awareness"], by=SOMEONE, now=A_TUESDAY)
    return known


def test_an_offer_that_nobody_takes_goes_to_the_next(
    world: World, clock: MovableClock, phones: Phones
) -> None:
    wait(world, "Sam", "+447700900001")
    wait(world, "Alex", "+447700900002")
    add_session(world, course="awareness", starts_at=A_TUESDAY + timedelta(days=9), capacity=1)
    run_all_once(world.app)
    offers = [text.to for text in phones.arrived if "there is a place in our" in text.body]
    assert offers == ["+447700900001"]
    clock.advance(hours=23)
    run_all_once(world.app)
    assert count_places(world, released=True) == 0
    clock.advance(hours=2)
    run_all_once(world.app)
    offers = [text.to for text in phones.arrived if "there is a place in our" in text.body]
    assert offers == ["+447700900001", "+447700900002"]
    assert count_places(world, released=True) == 1
    clock.advance(days=2)
    run_all_once(world.app)
    assert len([text for text in phones.arrived if "there is a place in our" in text.body]) == 2


def count_places(world: World, *, released: bool) -> int:
    with world.app.app_context():
        rows = db.session.execute(sa.text("SELECT released_because FROM places")).scalars().all()
        return sum((because is not None) is released for because in rows)


def test_what_is_over_is_forgotten(world: World, clock: MovableClock) -> None:
    with world.app.app_context(), transaction():
        for number, age in enumerate((timedelta(days=29), timedelta(days=31))):
            db.session.add(
                IdempotencyKey(
                    force_id=1, key=f"key-{number}", request_hash="h", status=201, created_at=A_TUESDAY - age
                )
            )
            for kind in ("text_inbound", "meeting"):
                inbox.store(
                    kind, once_key=f"{number}", body={"MessageSid": f"SM{number}"}, now=A_TUESDAY - age
                )
        count_use("somebody", now=A_TUESDAY - timedelta(hours=1))
        count_use("somebody else", now=A_TUESDAY)
        account = db.session.scalars(sa.select(Account).limit(1)).one()
        open_session(account, now=A_TUESDAY - timedelta(days=40))
        open_session(account, now=A_TUESDAY)
    run_all_once(world.app)
    with world.app.app_context():
        tables = ("idempotency_keys", "rate_windows", "sign_in_sessions", "callbacks")
        assert {table: count(table) for table in tables} == {**dict.fromkeys(tables, 1), "callbacks": 2}


class Force(BaseHTTPRequestHandler):
    taken: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append(self.headers["webhook-id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def force() -> Iterator[HTTPServer]:
    Force.taken = []
    server = HTTPServer(("127.0.0.1", 0), Force)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_force_is_told_of_each_event_once(world: World, force: HTTPServer) -> None:
    known = add_case(world)
    with world.app.app_context(), transaction():
        db.session.add(
            WebhookEndpoint(
                public_id="whe_1",
                force_id=world.forces["midshire"],
                url=f"http://127.0.0.1:{force.server_port}/",
                secret=world.app.extensions["secret_box"].seal("whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0"),
                created_at=A_TUESDAY,
            )
        )
        referral = db.session.get_one(Referral, known.referral_id)
        referral.status = "accepted"
        begin(referral, by=SYSTEM, now=A_TUESDAY)
    for _ in range(2):
        run_all_once(world.app)
    with world.app.app_context():
        told = list(db.session.execute(sa.text("SELECT public_id FROM compliance_events")).scalars())
    assert len(told) == 1
    assert Force.taken == told
