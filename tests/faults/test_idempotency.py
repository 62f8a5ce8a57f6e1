"""The same request twice at once, or again after a crash, over real HTTP to several processes on one database.

Beside each stands its control: the same with the answer kept in a transaction of its own is seen to make two.
"""

from __future__ import annotations

import http.client
import itertools
import random
import string
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from provider.domain.forces.idempotency import PATIENCE
from tests.builders import World, referral_body
from tests.faults.served import ClockFile
from tests.faults.serving import Answer, Server, at_once, served

GIVE_UP = 30
GONE = (http.client.RemoteDisconnected, ConnectionResetError)
_people, _dice = itertools.count(1), random.Random(7)


@pytest.fixture(scope="module")
def server(place: tuple[World, ClockFile]) -> Iterator[Server]:
    with served(*place) as server:
        yield server


@pytest.fixture(scope="module")
def unprotected(place: tuple[World, ClockFile]) -> Iterator[Server]:
    """The control's server, on the same database."""
    with served(*place, without="claim") as server:
        yield server


@pytest.fixture
def claimed(tmp_path: Path) -> Path:
    return tmp_path / "claimed"


def somebody(**changes: Any) -> dict[str, Any]:
    """A body about a person of its own. Without a reference, so that nothing but the key keeps it from being two."""
    number = next(_people)
    name = "".join(_dice.choices(string.ascii_lowercase, k=10)).title()
    born = date(1960, 1, 1) + timedelta(days=397 * number)
    person = {"family_name": name, "date_of_birth": born.isoformat(), "mobile": f"07700 900{number:03}"}
    return referral_body(force_reference=None, person=person, **changes)


def sending(server: Server, body: object, key: str, **more: str) -> Callable[[], Answer]:
    return partial(server.ask, "POST", "/referrals", body, Idempotency_Key=key, **more)


def together(*sends: Callable[[], Answer]) -> list[Answer]:
    return at_once(sends)


def referrals_of(server: Server, body: dict[str, Any]) -> int:
    return server.count(
        "SELECT count(*) FROM referrals JOIN people ON people.id = referrals.person_id WHERE family_name = :name",
        name=body["person"]["family_name"],
    )


def events_of(server: Server, body: dict[str, Any]) -> int:
    return server.count(
        "SELECT count(*) FROM compliance_events JOIN referrals ON referrals.id = compliance_events.referral_id "
        "JOIN people ON people.id = referrals.person_id WHERE family_name = :name",
        name=body["person"]["family_name"],
    )


@pytest.mark.parametrize("twins", [2, 16])
def test_twins_at_once_are_one_referral_with_one_answer(server: Server, twins: int) -> None:
    body, key = somebody(), str(uuid.uuid4())
    answers = at_once([sending(server, body, key, X_Linger="0.3")] * twins)
    assert [answer.status for answer in answers] == [201] * twins
    assert [answer.replayed for answer in answers].count(False) == 1
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert (referrals_of(server, body), events_of(server, body)) == (1, 1)


def test_control_twins_whose_answer_is_kept_apart_are_two(unprotected: Server) -> None:
    body, key = somebody(), str(uuid.uuid4())
    answers = at_once([sending(unprotected, body, key, X_Linger="1")] * 2)
    assert [(answer.status, answer.replayed) for answer in answers] == [(201, False)] * 2
    assert referrals_of(unprotected, body) == 2


def test_twins_that_add_an_endpoint_add_one_whose_secret_is_shown_once(server: Server) -> None:
    key, sent = str(uuid.uuid4()), {"url": f"https://{uuid.uuid4()}.force.example/"}
    add = partial(server.ask, "POST", "/webhook-endpoints", sent, Idempotency_Key=key, X_Linger="0.3")
    answers = together(add, add, add)
    assert [answer.status for answer in answers] == [201] * 3
    assert len({answer.json["id"] for answer in answers}) == 1
    assert [answer.json["secret"] is None for answer in answers] == [answer.replayed for answer in answers]
    assert [answer.replayed for answer in answers].count(False) == 1
    listed = server.ask("GET", "/webhook-endpoints").json["endpoints"]
    assert [one["url"] for one in listed].count(sent["url"]) == 1


def test_one_key_for_two_bodies_at_once_is_for_one_of_them(server: Server) -> None:
    bodies, key = [somebody(), somebody()], str(uuid.uuid4())
    answers = at_once([sending(server, body, key, X_Linger="0.3") for body in bodies])
    assert sorted(answer.status for answer in answers) == [201, 422]
    [refused] = [answer.json for answer in answers if answer.status == 422]
    assert refused["code"] == "idempotency_key_reused"
    assert sum(referrals_of(server, body) for body in bodies) == 1


def test_one_key_at_two_forces_at_once_is_two_keys(server: Server) -> None:
    key = str(uuid.uuid4())
    ours, theirs = somebody(), somebody(scheme="diversion-deferred")
    answers = together(
        sending(server, ours, key, X_Linger="0.3"),
        sending(server, theirs, key, force="thamesford", X_Linger="0.3"),
    )
    assert [(answer.status, answer.replayed) for answer in answers] == [(201, False)] * 2
    assert answers[0].json["reference"] != answers[1].json["reference"]


def test_who_is_refused_leaves_the_key_to_who_waits(server: Server, claimed: Path) -> None:
    """The first has the key and the time to be seen with it; what it asks for is there already, so it is refused."""
    known = somebody() | {"force_reference": "20/77/26"}
    assert sending(server, known, str(uuid.uuid4()))().status == 201
    other, key = somebody(), str(uuid.uuid4())
    first = sending(server, known, key, X_Linger="1.5", X_Claimed=str(claimed))
    second = partial(_once_there, claimed, sending(server, other, key))
    refused, taken = together(first, second)
    assert (refused.status, refused.json["code"]) == (409, "duplicate_referral")
    assert (taken.status, taken.replayed) == (201, False)
    again = sending(server, other, key)()
    assert (again.status, again.replayed, again.data) == (201, True, taken.data)


def _once_there(claimed: Path, thing: Callable[[], Answer]) -> Answer:
    """When the other one has the key, and before it is done with it."""
    deadline = time.monotonic() + GIVE_UP
    while not claimed.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return thing()


def test_a_twin_that_waits_too_long_is_told_and_later_gets_the_answer(server: Server, claimed: Path) -> None:
    body, key = somebody(), str(uuid.uuid4())
    slow = sending(server, body, key, X_Linger=str(PATIENCE + 3), X_Claimed=str(claimed))
    first, twin = together(slow, partial(_once_there, claimed, sending(server, body, key)))
    assert (twin.status, twin.json["code"]) == (409, "idempotency_in_flight")
    assert (first.status, first.replayed) == (201, False)
    again = sending(server, body, key)()
    assert (again.status, again.replayed, again.data) == (201, True, first.data)
    assert (referrals_of(server, body), events_of(server, body)) == (1, 1)


def test_after_a_crash_between_commit_and_answer_the_retry_gets_the_first_answer(server: Server) -> None:
    body, key = somebody(), str(uuid.uuid4())
    with pytest.raises(GONE):
        sending(server, body, key, X_Dies="after")()
    assert (referrals_of(server, body), events_of(server, body)) == (1, 1)
    again = sending(server, body, key)()
    assert (again.status, again.replayed) == (201, True)
    read = server.ask("GET", again.headers["Location"].removeprefix("/api/v1"))
    assert read.json == again.json
    assert sending(server, body, key)().data == again.data
    assert (referrals_of(server, body), events_of(server, body)) == (1, 1)


def test_control_after_such_a_crash_an_answer_kept_apart_is_lost(unprotected: Server) -> None:
    body, key = somebody(), str(uuid.uuid4())
    with pytest.raises(GONE):
        sending(unprotected, body, key, X_Dies="after")()
    again = sending(unprotected, body, key)()
    assert (again.status, again.replayed) == (201, False)
    assert referrals_of(unprotected, body) == 2


def test_a_crash_before_the_commit_leaves_nothing_and_the_retry_makes_one(server: Server) -> None:
    body, key = somebody(), str(uuid.uuid4())
    with pytest.raises(GONE):
        sending(server, body, key, X_Dies="before")()
    assert (referrals_of(server, body), events_of(server, body)) == (0, 0)
    assert server.count("SELECT count(*) FROM idempotency_keys WHERE key = :key", key=key) == 0
    again = sending(server, body, key)()
    assert (again.status, again.replayed) == (201, False)
    assert (referrals_of(server, body), events_of(server, body)) == (1, 1)


def test_a_twin_that_waits_for_who_crashes_is_served(server: Server, claimed: Path) -> None:
    """Killed while it has the key: the twin does not get an answer that was never given."""
    body, key = somebody(), str(uuid.uuid4())

    def crash() -> Answer:
        with pytest.raises(GONE):
            sending(server, body, key, X_Linger="1.5", X_Claimed=str(claimed), X_Dies="before")()
        return Answer(0, {}, b"")

    def twin() -> Answer:
        try:
            return _once_there(claimed, sending(server, body, key))
        except GONE:  # it was with the same process
            return sending(server, body, key)()

    _, answer = together(crash, twin)
    assert (answer.status, answer.replayed) == (201, False)
    assert (referrals_of(server, body), events_of(server, body)) == (1, 1)
