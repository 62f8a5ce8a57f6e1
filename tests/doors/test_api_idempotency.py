"""The same request sent again gives the first answer again, also while the first is still being answered.

The races are real: threads with connections of their own, on either engine. Beside them stand the controls: the same
race with the protection taken away is seen to fail.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provider.domain.forces import idempotency
from provider.domain.forces.models import IdempotencyKey
from provider.domain.people import records
from provider.kernel.database import db, transaction
from provider.pathway import receiving
from provider.web.api import access
from provider.web.api import once as once_module
from tests.builders import World, build_world, count, referral_body
from tests.doors.police import Police, code_of, faults
from tests.fakes import MovableClock

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


def rows(world: World, table: str) -> int:
    with world.app.app_context():
        return count(table)


def test_the_same_again_gives_the_first_answer_to_the_byte(
    world: World, midshire: Police, clock: MovableClock
) -> None:
    body = referral_body()
    first = midshire.refer(body, once=KEY)
    assert "Idempotent-Replay" not in first.headers
    clock.advance(days=29, hours=23)
    for key in (KEY, KEY.upper()):
        again = midshire.refer(body, once=key)
        assert (again.status_code, again.data) == (201, first.data)
        assert again.headers["Idempotent-Replay"] == "true"
        assert again.headers["Location"] == first.headers["Location"]
    assert rows(world, "referrals") == 1


def test_the_same_json_written_otherwise_is_the_same(world: World, midshire: Police) -> None:
    body = referral_body()
    first = midshire.refer(body, once=KEY)
    other = json.dumps(dict(reversed(body.items())), indent=3).replace("Sam", "\\u0053am")
    again = midshire.post("/referrals", data=other, content_type="application/json", once=KEY)
    assert (again.status_code, again.data) == (201, first.data)
    assert rows(world, "referrals") == 1


def test_a_replay_is_the_first_answer_also_when_things_have_moved_on(midshire: Police) -> None:
    body = referral_body()
    first = midshire.refer(body, once=KEY).get_json()
    midshire.post(f"/referrals/{first['reference']}/withdrawal", {"reason": "other"})
    assert midshire.refer(body, once=KEY).get_json() == first


@pytest.mark.parametrize("other", [{"area": "Coventry"}, {"scheme": "no-such"}, {"person": None}])
def test_the_same_key_with_another_body_is_refused(
    world: World, midshire: Police, other: dict[str, object]
) -> None:
    body = referral_body()
    assert midshire.refer(body, once=KEY).status_code == 201
    assert code_of(midshire.refer({**body, **other}, once=KEY), 422) == "idempotency_key_reused"
    assert rows(world, "referrals") == 1


def test_a_key_is_for_one_operation(midshire: Police) -> None:
    assert (
        midshire.post("/webhook-endpoints", {"url": "https://force.example/in"}, once=KEY).status_code == 201
    )
    assert code_of(midshire.refer(referral_body(), once=KEY), 422) == "idempotency_key_reused"


def test_keys_are_per_force(world: World, midshire: Police, client: FlaskClient) -> None:
    thamesford = Police(client, world.keys["thamesford"])
    sent = {"url": "https://force.example/in"}
    first, other = (police.post("/webhook-endpoints", sent, once=KEY) for police in (midshire, thamesford))
    assert first.status_code == other.status_code == 201
    assert first.get_json()["id"] != other.get_json()["id"]


@pytest.mark.parametrize("key", ["", "x", KEY[:-1], f"{KEY},{KEY}", "{" + KEY + "}", KEY.replace("-", "")])
@pytest.mark.parametrize("path", ["/referrals", "/webhook-endpoints"])
def test_a_key_is_required_and_is_a_uuid(midshire: Police, path: str, key: str) -> None:
    answer = midshire.post(path, referral_body(), headers={"Idempotency-Key": key})
    assert code_of(answer, 400) == "idempotency_key_required"


def test_only_a_yes_is_kept(world: World, midshire: Police) -> None:
    body = referral_body()
    assert faults(midshire.refer({**body, "scheme": "no-such"}, once=KEY)) == [("/scheme", "unknown_scheme")]
    assert rows(world, "idempotency_keys") == 0
    taken = midshire.refer(body).status_code
    assert code_of(midshire.refer(body, once=KEY), 409) == "duplicate_referral"
    assert midshire.refer(referral_body(), once=KEY).status_code == taken == 201


def test_after_30_days_a_key_is_free_again(world: World, midshire: Police, clock: MovableClock) -> None:
    first = midshire.refer(referral_body(), once=KEY)
    clock.advance(days=30)
    again = midshire.refer(referral_body(), once=KEY)
    assert again.status_code == 201
    assert again.get_json()["reference"] != first.get_json()["reference"]
    with world.app.app_context(), transaction():
        idempotency.forget_answers(now=clock.now() + timedelta(days=30))
    assert rows(world, "idempotency_keys") == 0


def test_a_secret_is_shown_once_and_kept_nowhere_in_the_clear(world: World, midshire: Police) -> None:
    sent = {"url": "https://force.example/in"}
    first = midshire.post("/webhook-endpoints", sent, once=KEY).get_json()
    again = midshire.post("/webhook-endpoints", sent, once=KEY)
    assert first["secret"].startswith("whsec_")
    assert again.get_json() == {**first, "secret": None}
    with world.app.app_context():
        kept = db.session.scalars(sa.select(IdempotencyKey)).one().answer
        sealed = db.session.execute(sa.text("SELECT secret FROM webhook_endpoints")).scalar_one()
    assert kept is not None
    assert kept["secret"] is None
    assert first["secret"] not in sealed


def test_a_fault_while_the_answer_is_made_leaves_nothing_and_is_mended_by_sending_again(
    world: World, midshire: Police, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = referral_body()

    def crash(*_args: object, **_kw: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(once_module, "reply", crash)
        # The answer is made inside the transaction. A crash after it is played in tests/faults.
        assert midshire.refer(body, once=KEY).status_code == 500
    assert midshire.refer(body, once=KEY).status_code == 201
    assert rows(world, "referrals") == 1


def both(world: World, *sends: Callable[[Police], TestResponse]) -> list[TestResponse]:
    """Each sent from a thread of its own, with a connection of its own, at once."""
    answers: list[TestResponse] = []
    start = threading.Barrier(len(sends))

    def run(send: Callable[[Police], TestResponse]) -> None:
        police = Police(world.app.test_client(), world.keys["midshire"])
        start.wait()
        answers.append(send(police))

    threads = [threading.Thread(target=run, args=(send,)) for send in sends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is first is in no hurry, so that the other is surely there before it is done."""
    real = records.find_known

    def after_a_while(*args: object, **kw: object) -> object:
        time.sleep(0.3)
        return real(*args, **kw)  # type: ignore[arg-type]

    monkeypatch.setattr(receiving, "find_known", after_a_while)


@pytest.mark.usefixtures("slowly")
def test_twins_at_once_make_one_referral_and_get_one_answer(world: World) -> None:
    body = referral_body()
    answers = both(world, *[lambda police: police.refer(body, once=KEY)] * 3)
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.data for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotent-Replay", "") for answer in answers) == ["", "true", "true"]
    assert (rows(world, "referrals"), rows(world, "people")) == (1, 1)


@pytest.mark.usefixtures("slowly")
def test_control_twins_without_the_key_in_the_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked up before, kept afterwards: both find nothing, and both are carried out."""
    monkeypatch.setattr(once_module, "claim", lambda asked, *, now: idempotency.first_answer(asked, now=now))
    body = referral_body(force_reference=None)
    answers = both(world, *[lambda police: police.refer(body, once=KEY)] * 2)
    assert [answer.status_code for answer in answers] == [201] * 2
    assert rows(world, "referrals") == 2


@pytest.mark.usefixtures("slowly")
def test_the_same_person_and_reference_at_once_under_two_keys_is_one_referral(world: World) -> None:
    body = referral_body()
    answers = both(world, *[lambda police: police.refer(body)] * 2)
    taken, refused = sorted(answers, key=lambda answer: answer.status_code)
    assert taken.status_code == 201
    assert code_of(refused, 409) == "duplicate_referral"
    assert refused.get_json()["reference"] == taken.get_json()["reference"]
    assert (rows(world, "referrals"), rows(world, "people")) == (1, 1)


@pytest.mark.usefixtures("slowly")
def test_control_the_same_person_at_once_without_taking_turns(
    world: World, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL both then see nobody; what SQLite's single writer does by itself cannot be taken away there."""
    if engine_name == "sqlite":
        pytest.skip("SQLite's writers take turns by nature")
    monkeypatch.setattr(receiving, "take_turns", lambda _key: None)
    body = referral_body(force_reference=None)
    both(world, *[lambda police: police.refer(body)] * 2)
    assert rows(world, "people") == 2


def test_who_waits_for_a_twin_too_long_is_told_so(
    app: Flask, world: World, midshire: Police, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (once_module, access):
        monkeypatch.setattr(module, "PATIENCE", 1)
    held, done = threading.Event(), threading.Event()

    def never_ready() -> None:
        with app.app_context(), transaction():
            asked = idempotency.Request(world.forces["midshire"], KEY, "hash")
            idempotency.claim(asked, now=app.extensions["clock"].now())
            held.set()
            done.wait(20)

    twin = threading.Thread(target=never_ready)
    twin.start()
    held.wait(10)
    started = time.monotonic()
    answer = midshire.refer(referral_body(), once=KEY)
    waited = time.monotonic() - started
    done.set()
    twin.join()
    assert code_of(answer, 409) == "idempotency_in_flight"
    assert 0.5 < waited < 8
