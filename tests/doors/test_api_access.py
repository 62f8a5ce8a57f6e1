"""Who may, what, how often: 401, then 403, then everything else; and one force never sees another's."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from config import Settings
from provider.domain.accounts.secrets import token_hash
from provider.domain.forces.keys import SCOPES, add_key, end_key
from provider.domain.forces.models import ApiKey
from provider.kernel.addresses import network_of
from provider.kernel.database import db, transaction
from provider.web.api.operations import OPERATIONS
from tests.builders import World, build_world, count, referral_body
from tests.doors.police import API, Police, code_of, faults
from tests.fakes import MovableClock
from tests.queries import queries_of


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


@pytest.fixture
def thamesford(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["thamesford"])


def key_with(
    world: World, clock: MovableClock, *scopes: str, force: str = "midshire", key: str = "narrow"
) -> str:
    with world.app.app_context(), transaction():
        add_key(
            world.forces[force], key=key, key_hash=token_hash(key), name="x", now=clock.now(), scopes=scopes
        )
    return key


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    def to(number: int) -> None:
        settings: Settings = app.extensions["settings"]
        monkeypatch.setitem(
            app.extensions, "settings", settings.model_copy(update={"api_rate_limit": number})
        )

    return to


ADDRESSES = [
    (one.method, one.path.format(reference="K7QM-2X4D", code="divert-adult", id="x")) for one in OPERATIONS
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
@pytest.mark.parametrize(
    "shown", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic a2V5", "key-of-midshire"]
)
def test_without_a_key_that_is_live_nothing_else_is_looked_at(
    world: World, client: FlaskClient, method: str, path: str, shown: str | None
) -> None:
    headers = {"Content-Type": "text/plain"} | ({} if shown is None else {"Authorization": shown})
    answer = client.open(f"{API}{path}?x=1", method=method, headers=headers, data=b"x" * 100_000)
    assert code_of(answer, 401) == "unauthenticated"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_a_key_does_only_what_its_scopes_say(
    world: World, client: FlaskClient, clock: MovableClock, operation: Any
) -> None:
    others = [scope for scope in SCOPES if scope != operation.scope]
    police = Police(client, key_with(world, clock, *others))
    path = operation.path.format(reference="K7QM-2X4D", code="divert-adult", id="x")
    answer = client.open(
        f"{API}{path}?x=1",
        method=operation.method,
        headers={"Authorization": f"Bearer {police.key}"},
        data=b"{",
    )
    assert code_of(answer, 403) == "insufficient_scope"


def test_a_key_ends_when_it_is_said_to(world: World, midshire: Police, clock: MovableClock) -> None:
    second = Police(midshire.client, key_with(world, clock, *SCOPES, key="second"))
    with world.app.app_context(), transaction():
        first = db.session.query(ApiKey).filter_by(key_hash=token_hash(midshire.key)).one()
        end_key(first.id, force_id=first.force_id, at=clock.now() + timedelta(hours=1))
    assert midshire.get("/schemes").status_code == second.get("/schemes").status_code == 200
    clock.advance(hours=1)
    assert midshire.get("/schemes").status_code == 401
    assert second.get("/schemes").status_code == 200


def test_when_a_key_was_last_used_is_known_to_the_minute(
    world: World, midshire: Police, clock: MovableClock
) -> None:
    for seconds in (0, 30, 40):
        clock.advance(seconds=seconds)
        midshire.get("/schemes")
    with world.app.app_context():
        used = db.session.query(ApiKey).filter_by(key_hash=token_hash(midshire.key)).one().last_used_at
    assert used == clock.now()


def test_an_address_that_is_none_and_a_method_not_known_are_answered_to_who_has_a_key(
    world: World, midshire: Police, client: FlaskClient
) -> None:
    for method, path, status, code in (
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/referrals/", 404, "not_found"),
        ("GET", "//schemes", 404, "not_found"),
        ("PUT", "/referrals", 405, "method_not_allowed"),
        ("OPTIONS", "/referrals", 405, "method_not_allowed"),
        ("TRACE", "/schemes", 405, "method_not_allowed"),
    ):
        assert code_of(client.open(API + path, method=method), 401) == "unauthenticated"
        answer = client.open(API + path, method=method, headers={"Authorization": f"Bearer {midshire.key}"})
        assert code_of(answer, status) == code
        assert status != 405 or answer.headers["Allow"]


def test_a_key_may_ask_so_often_a_minute_and_no_oftener(
    world: World, midshire: Police, thamesford: Police, clock: MovableClock, limited: Any
) -> None:
    limited(5)
    assert [midshire.get("/schemes").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    answer = midshire.get("/schemes")
    assert code_of(answer, 429) == "rate_limited"
    assert int(answer.headers["Retry-After"]) == 60
    clock.advance(seconds=40)
    assert int(midshire.get("/schemes").headers["Retry-After"]) == 20
    assert thamesford.get("/schemes").status_code == 200
    clock.advance(seconds=20)
    assert midshire.get("/schemes").status_code == 200


def test_what_is_refused_counts_too(world: World, midshire: Police, limited: Any) -> None:
    limited(3)
    statuses = [midshire.post("/referrals", {"no": "referral"}).status_code for _ in range(4)]
    assert statuses == [422, 422, 422, 429]


def test_eligibility_has_a_count_of_its_own(world: World, midshire: Police) -> None:
    asked = {
        "scheme": "divert-adult",
        "person": {"given_name": "A", "family_name": "B", "date_of_birth": "1990-01-01"},
    }
    assert [midshire.post("/eligibility-checks", asked).status_code for _ in range(31)] == [200] * 30 + [429]
    assert midshire.get("/schemes").status_code == 200


def test_uses_are_counted_across_threads_and_connections(app: Flask, world: World, limited: Any) -> None:
    limited(25)
    statuses: list[int] = []

    def ask() -> None:
        police = Police(app.test_client(), world.keys["midshire"])
        statuses.extend(police.get("/schemes").status_code for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses.count(200), statuses.count(429)) == (25, 15)


def test_wrong_keys_are_counted_by_address_and_missing_ones_not_at_all(
    world: World, client: FlaskClient, clock: MovableClock, limited: Any
) -> None:
    limited(2)

    def ask(shown: str | None, address: str = "192.0.2.1") -> int:
        headers = {} if shown is None else {"Authorization": shown}
        return client.get(
            f"{API}/schemes", headers=headers, environ_base={"REMOTE_ADDR": address}
        ).status_code

    assert [ask(None) for _ in range(9)] == [ask("Bearer ") for _ in range(9)] == [401] * 9
    assert [ask(f"Bearer guess {number}") for number in range(6)] == [401] * 4 + [429] * 2
    assert ask("Bearer guess", "192.0.2.2") == 401
    assert ask(f"Bearer {world.keys['midshire']}") == 200
    assert ask(None) == 401
    # Who has one IPv6 network has all of its addresses.
    assert [ask("Bearer guess", f"2001:db8::{number}") for number in range(1, 6)] == [401] * 4 + [429]
    assert ask("Bearer guess", "2001:db8:0:1::1") == 401
    clock.advance(minutes=1)
    assert ask("Bearer guess") == 401


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("nowhere", "nowhere"),
    ],
)
def test_what_one_sender_has_to_itself(address: str, network: str) -> None:
    assert network_of(address) == network


def test_asking_takes_as_many_statements_as_it_must(world: World, midshire: Police, limited: Any) -> None:
    """Who holds the key and how often they asked are one read, the count is one write; over the limit none is."""
    limited(2)
    midshire.get("/schemes")
    with queries_of(world.app) as sent:
        midshire.get("/schemes")
    assert [one.split()[0] for one in sent if "api_keys" in one or "rate_windows" in one] == [
        "SELECT",
        "INSERT",
    ]
    midshire.get("/schemes")
    with queries_of(world.app) as sent:
        assert midshire.get("/schemes").status_code == 429
    assert [one.split()[0] for one in sent] == ["SELECT"]


def test_what_is_another_forces_looks_like_what_is_not_there(
    world: World, midshire: Police, thamesford: Police
) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    event = midshire.get("/compliance-events").get_json()["events"][0]["id"]
    endpoint = midshire.post("/webhook-endpoints", {"url": "https://force.example/in"}).get_json()["id"]
    missing = {"reference": "K7QM-2X4D", "event": "evt_" + "0" * 24, "endpoint": "whe_" + "0" * 24}
    theirs = {"reference": reference, "event": event, "endpoint": endpoint}
    asked: tuple[tuple[str, str, object], ...] = (
        ("GET", "/referrals/{reference}", None),
        ("PATCH", "/referrals/{reference}", {"force_reference": "20/1/26"}),
        ("POST", "/referrals/{reference}/withdrawal", {"reason": "charged"}),
        ("GET", "/compliance-events/{event}", None),
        ("DELETE", "/webhook-endpoints/{endpoint}", None),
        ("POST", "/webhook-endpoints/{endpoint}/test", None),
    )
    for method, path, sent in asked:
        not_there, not_ours = (
            thamesford.client.open(
                API + path.format(**ids),
                method=method,
                headers={"Authorization": f"Bearer {thamesford.key}"},
                json=sent,
            )
            for ids in (missing, theirs)
        )
        assert code_of(not_ours, 404) == "not_found"
        assert not_ours.data == not_there.data
        assert list(not_ours.headers) == list(not_there.headers)
    assert thamesford.get("/compliance-events").get_json()["events"] == []
    assert reference not in thamesford.get("/compliance-report.csv").text
    assert code_of(thamesford.get("/schemes/divert-adult/assessment-slots"), 404) == "not_found"
    assert midshire.get(f"/referrals/{reference}").get_json()["status"] == "accepted"


def test_a_cursor_of_another_force_is_no_cursor(world: World, midshire: Police, thamesford: Police) -> None:
    cursor = midshire.get("/compliance-events").get_json()["next"]
    assert faults(thamesford.get(f"/compliance-events?after={cursor}")) == [("after", "invalid")]


def test_what_a_force_reads_is_on_the_trail(world: World, midshire: Police) -> None:
    reference = midshire.refer(referral_body()).get_json()["reference"]
    midshire.get(f"/referrals/{reference}")
    event = midshire.get("/compliance-events").get_json()["events"][0]["id"]
    midshire.get(f"/compliance-events/{event}")
    midshire.get("/compliance-report.csv")
    with world.app.app_context():
        for action in ("referral.read", "feed.read", "event.read", "report.read"):
            assert count("audit_entries", action=action) == 1


def test_a_database_that_is_away_is_said_to_be(midshire: Police, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_kw: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    for place in ("provider.web.api.access.holder_of", "provider.web.api.referrals.schemes_of"):
        with monkeypatch.context() as patch:
            patch.setattr(place, away)
            answer = midshire.refer(referral_body())
        assert code_of(answer, 503) == "unavailable"
        assert int(answer.headers["Retry-After"]) > 0
    assert midshire.refer(referral_body()).status_code == 201
