"""Requests counted across processes: exactly as many are let in as the limit says, whichever process they come to."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from provider.domain.accounts.secrets import token_hash
from provider.domain.forces import keys
from provider.kernel.actors import SYSTEM
from provider.kernel.database import transaction
from provider.pathway.commissioning import end_one_key, issue_key
from provider.web.api.operations import ELIGIBILITY_A_MINUTE
from tests.builders import World, referral_body
from tests.faults.served import ClockFile
from tests.faults.serving import Answer, Server, at_once, served

LIMIT, AT_ONCE = 50, 16
PERSON = {"given_name": "Alex", "family_name": "Example", "date_of_birth": "1990-01-01"}


@pytest.fixture(scope="module")
def running(place: tuple[World, ClockFile]) -> Iterator[Server]:
    with served(*place, rate_limit=LIMIT) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """At the start of a minute in which nobody has asked anything yet."""
    another_minute(running.clock)
    return running


def another_minute(clock: ClockFile) -> None:
    clock.set(clock.now() + timedelta(hours=1))


def ask_often(
    server: Server, times: int, method: str, path: str, sent: object = None, **more: str
) -> list[Answer]:
    """So many requests, from sixteen connections at once."""

    def some(number: int) -> list[Answer]:
        return [server.ask(method, path, sent, **more) for _ in range(number)]

    shares = [times // AT_ONCE + (1 if place < times % AT_ONCE else 0) for place in range(AT_ONCE)]
    return [answer for answers in at_once([partial(some, share) for share in shares]) for answer in answers]


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_exactly_as_many_as_the_limit_are_let_in(server: Server) -> None:
    answers = ask_often(server, 160, "GET", "/schemes")
    assert statuses(answers) == {200: LIMIT, 429: 160 - LIMIT}
    assert len({answer.headers["X-Process"] for answer in answers}) > 1
    assert {answer.headers["Retry-After"] for answer in answers if answer.status == 429} == {"60"}


def test_control_counted_by_each_process_more_are_let_in(place: tuple[World, ClockFile]) -> None:
    another_minute(place[1])
    with served(*place, rate_limit=LIMIT, without="count") as server:
        answers = ask_often(server, 160, "GET", "/schemes")
    assert statuses(answers)[200] > LIMIT


def test_a_limit_is_over_when_it_was_said_to_be(server: Server) -> None:
    ask_often(server, LIMIT + 5, "GET", "/schemes")
    server.clock.set(server.clock.now() + timedelta(seconds=40, milliseconds=500))
    refused = server.ask("GET", "/schemes")
    assert (refused.status, refused.json["code"]) == (429, "rate_limited")
    assert refused.headers["Retry-After"] == "20"
    server.clock.set(server.clock.now() + timedelta(seconds=20))
    assert statuses(ask_often(server, LIMIT + 1, "GET", "/schemes")) == {200: LIMIT, 429: 1}


def test_another_key_is_not_touched_by_it(server: Server) -> None:
    ask_often(server, LIMIT + 5, "GET", "/schemes")
    assert server.ask("GET", "/schemes", force="thamesford").status == 200


def test_eligibility_has_its_own_count(server: Server) -> None:
    asked = {"scheme": "divert-adult", "person": PERSON}
    answers = ask_often(server, 40, "POST", "/eligibility-checks", asked)
    assert statuses(answers) == {200: ELIGIBILITY_A_MINUTE, 429: 10}
    assert server.ask("GET", "/schemes").status == 200


def test_who_is_refused_has_lost_nothing(server: Server) -> None:
    key, body = str(uuid.uuid4()), referral_body()
    ask_often(server, LIMIT + 5, "GET", "/schemes")
    refused = server.ask("POST", "/referrals", body, Idempotency_Key=key)
    assert refused.status == 429
    assert server.count("SELECT count(*) FROM idempotency_keys WHERE key = :key", key=key) == 0
    assert server.count("SELECT count(*) FROM referrals") == 0
    server.clock.set(server.clock.now() + timedelta(seconds=int(refused.headers["Retry-After"])))
    taken = server.ask("POST", "/referrals", body, Idempotency_Key=key)
    assert (taken.status, taken.replayed) == (201, False)


def test_refusing_writes_nothing(server: Server) -> None:
    """Who asks on and on over the limit costs a read: the count stands still."""
    ask_often(server, LIMIT + 5, "GET", "/schemes")
    counted = "SELECT max(count) FROM rate_windows WHERE expires_at > :now"
    now = server.clock.now().replace(tzinfo=None)
    before = server.count(counted, now=now)
    assert statuses(ask_often(server, 20, "GET", "/schemes")) == {429: 20}
    assert server.count(counted, now=now) == before <= LIMIT + AT_ONCE


def test_wrong_keys_are_limited_by_their_address_and_a_right_one_is_let_in(server: Server) -> None:
    wrong = ask_often(server, 2 * LIMIT + 10, "GET", "/schemes", key="pdk_guessed")
    assert statuses(wrong) == {401: 2 * LIMIT, 429: 10}
    assert {answer.headers["Retry-After"] for answer in wrong if answer.status == 429} == {"60"}
    assert server.ask("GET", "/nothing", key="pdk_guessed_again").status == 429
    assert server.ask("GET", "/schemes").status == 200
    server.clock.set(server.clock.now() + timedelta(seconds=60))
    assert server.ask("GET", "/schemes", key="pdk_guessed").status == 401


def test_a_key_that_is_ended_is_refused_by_every_process_at_once(server: Server) -> None:
    force_id, now = server.world.forces["thamesford"], server.clock.now()
    with server.world.app.app_context(), transaction():
        key = issue_key(force_id, name="short", by=SYSTEM, now=now)
    assert statuses(ask_often(server, 16, "GET", "/schemes", key=key)) == {200: 16}
    with server.world.app.app_context(), transaction():
        holder = keys.holder_of(token_hash(key), now=now)
        assert holder is not None
        assert holder.last_used_at == now
        end_one_key(holder.key_id, force_id=force_id, by=SYSTEM, now=now)
    answers = ask_often(server, 32, "GET", "/schemes", key=key)
    assert statuses(answers) == {401: 32}
    assert len({answer.headers["X-Process"] for answer in answers}) > 1
