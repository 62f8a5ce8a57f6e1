"""In production no notice goes to an address that is not public: shown by counting who was really connected to.

Every proof stands beside its control: with the check taken away, the same notice arrives.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpcore
import httpx
import pytest
from flask import Flask

from provider.domain.compliance import connecting, sending
from provider.domain.compliance.delivery import Notice, Outcome
from provider.domain.compliance.sending import Line
from provider.kernel.addresses import is_public
from provider.kernel.database import transaction
from tests.builders import build_world
from tests.cases import add_case
from tests.fakes import A_TUESDAY
from tests.notices import add_endpoint, attempts, deliver, endpoint_of, publish
from tests.stand_ins.receiver import Receiver, certificate_for

NAME = "force.example"
OUTSIDE, INSIDE = "127.0.0.2", "127.0.0.1"
"""Both are this machine; in these tests the first stands for an address on the public network."""

SECRET = "whsec_" + "a" * 44


@dataclass
class Listener:
    """Counts who connects to this machine, by IPv4 or IPv6, and hangs up on them."""

    port: int
    connections: int = 0


@pytest.fixture
def listener() -> Iterator[Listener]:
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    with closing(socket.create_server(("", 0), family=family, dualstack_ipv6=both)) as server:
        found = Listener(server.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                found.connections += 1
                connection.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield found
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def post(url: str, *answers: Sequence[str], public_only: bool = True, notices: int = 1) -> list[Outcome]:
    """What came of notices to this address. ``answers`` are what the name server says, one after the other."""
    said = iter(answers)
    look_up = (lambda _host, _port: next(said)) if answers else connecting.resolve
    with Line(url, public_only=public_only, resolve=look_up) as line:
        return [
            line.send(Notice(f"evt_{number}", b"{}"), secrets=[SECRET], now=A_TUESDAY)
            for number in range(notices)
        ]


def problem(url: str, *answers: Sequence[str]) -> str | None:
    (outcome,) = post(url, *answers)
    assert outcome.status is None
    return outcome.problem


REACHING = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "127.0.0.2",
    "user@127.0.0.1",
    "force.example@127.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
]
"""Ways to write this machine's own address that the system takes for it: the control reaches the listener by each."""

NOT_REACHING = [
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost.",
    "[::1]",
    "[::]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[::1%25lo]",
    "[fe80::1%251]",
    "127%2e0.0.1",
    "127。0。0。1",
    "１２７.0.0.1",
    "⑯⑨.254.169.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[fc00::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]
"""More of them, and everything else that is not public: here some reach the listener, and some cannot."""


@pytest.mark.parametrize("host", [*REACHING, *NOT_REACHING])
def test_no_way_to_write_an_address_leads_inside(listener: Listener, host: str) -> None:
    assert problem(f"https://{host}:{listener.port}/in") in {"address_not_public", "name_not_found"}
    assert listener.connections == 0


@pytest.mark.parametrize("host", REACHING)
def test_control_without_the_check_each_leads_there(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(connecting, "is_public", lambda _address: True)
    post(f"https://{host}:{listener.port}/in")
    assert listener.connections >= 1


def test_nothing_goes_over_a_line_that_is_not_encrypted(listener: Listener) -> None:
    assert problem(f"http://{NAME}:{listener.port}/in", ["8.8.8.8"]) == "not_https"
    assert listener.connections == 0


@pytest.mark.parametrize(
    "addresses",
    [
        [INSIDE],
        ["8.8.8.8", INSIDE],
        [INSIDE, "8.8.8.8"],
        ["2606:4700:4700::1111", "::1"],
        ["::ffff:8.8.8.8"],
        ["fe80::1%eth0"],
        ["10.0.0.1"],
        [],
    ],
)
def test_one_address_that_is_not_public_is_enough(listener: Listener, addresses: list[str]) -> None:
    assert problem(f"https://{NAME}:{listener.port}/in", addresses) == "address_not_public"
    assert listener.connections == 0


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A force's server on the public network, with a certificate that is believed."""
    server, believing = certificate_for([NAME], tmp_path)
    monkeypatch.setattr(sending, "_trusted", lambda: believing)
    monkeypatch.setattr(connecting, "is_public", lambda address: address == OUTSIDE or is_public(address))
    with Receiver(tls=server, host=OUTSIDE) as receiver:
        yield receiver


@pytest.fixture
def inside(outside: Receiver) -> Iterator[Receiver]:
    """Something of ours, at the same port as that server."""
    with Receiver(tls=outside.tls, host=INSIDE, port=outside.port) as receiver:
        yield receiver


def test_a_notice_goes_to_the_address_and_names_the_host(outside: Receiver) -> None:
    url = f"https://{NAME}:{outside.port}/in?x=1"
    assert [one.status for one in post(url, [OUTSIDE], notices=3)] == [204, 204, 204]
    assert outside.connections == 1
    assert {one.headers["host"] for one in outside.received} == {f"{NAME}:{outside.port}"}
    assert {one.path for one in outside.received} == {"/in?x=1"}


class TestASecondAnswerOfTheNameServer:
    def test_leads_nowhere(self, outside: Receiver, inside: Receiver) -> None:
        """The connection breaks, the name is asked for again, and now it is one of ours."""
        outside.answers.extend([204, "unsaid"])
        url = f"https://{NAME}:{outside.port}/in"
        outcomes = post(url, [OUTSIDE], [INSIDE], notices=3)
        assert [one.status for one in outcomes] == [204, 204, None]
        assert outcomes[2].problem == "address_not_public"
        assert inside.connections == 0

    def test_is_not_asked_for_between_the_check_and_the_connection(
        self, outside: Receiver, inside: Receiver
    ) -> None:
        (outcome,) = post(f"https://{NAME}:{outside.port}/in", [OUTSIDE], [INSIDE])
        assert outcome.status == 204
        assert (len(outside.received), inside.connections) == (1, 0)

    def test_control_checking_the_name_and_connecting_to_the_name_leads_inside(
        self, outside: Receiver, inside: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is usually written: the name is looked up to be checked, and again by whoever connects."""

        def connect_to_the_name(
            network: connecting.CheckedNetwork, host: str, port: int, **_more: object
        ) -> httpcore.NetworkStream:
            network._checked(host, port)
            (address,) = network._resolve(host, port)
            return httpcore.SyncBackend().connect_tcp(address, port)

        monkeypatch.setattr(connecting.CheckedNetwork, "connect_tcp", connect_to_the_name)
        post(f"https://{NAME}:{outside.port}/in", [OUTSIDE], [INSIDE])
        assert (outside.connections, len(inside.received)) == (0, 1)


class TestARedirect:
    def test_leads_nowhere(self, outside: Receiver, inside: Receiver) -> None:
        outside.answers.append(f"https://{INSIDE}:{inside.port}/in")
        (outcome,) = post(f"https://{NAME}:{outside.port}/in", [OUTSIDE])
        assert outcome.status == 307
        assert inside.connections == 0

    def test_control_following_it_leads_inside(self, outside: Receiver, inside: Receiver) -> None:
        outside.answers.append(f"https://{INSIDE}:{inside.port}/in")
        client = httpx.Client(verify=False, follow_redirects=True, trust_env=False)
        with client:
            assert client.post(f"https://{OUTSIDE}:{outside.port}/in").status_code == 204
        assert len(inside.received) == 1


class TestTheCertificate:
    def test_of_another_name_is_not_taken(
        self, outside: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url = f"https://other.example:{outside.port}/in"
        assert problem(url, [OUTSIDE]) == "certificate_not_trusted"
        assert outside.received == []

    def test_that_nobody_vouches_for_is_not_taken(
        self, outside: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(connecting, "is_public", lambda _address: True)
        assert problem(f"https://{NAME}:{outside.port}/in", [OUTSIDE]) == "certificate_not_trusted"
        assert outside.received == []


def test_where_one_address_cannot_be_reached_the_next_is_tried(outside: Receiver) -> None:
    outside_too = ["127.0.0.3", OUTSIDE]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connecting, "is_public", lambda _address: True)
        (outcome,) = post(f"https://{NAME}:{outside.port}/in", outside_too)
    assert outcome.status == 204


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/", "no_connection"),
        ("http://no-such-host.invalid/", "name_not_found"),
        ("http://[::1", "name_not_found"),
        ("http://xn--a/", "name_not_found"),
        (f"http://{'a' * 70}.example/", "name_not_found"),
    ],
)
def test_whatever_is_wrong_there_is_said_and_not_raised(url: str, said: str) -> None:
    (outcome,) = post(url, public_only=False)
    assert outcome.problem == said


def test_in_production_the_job_itself_sends_nothing_inside(
    app: Flask, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that came into the table some other way, or a name that was public when it was added."""
    world = build_world(app)
    made = add_endpoint(world, "https://force.example/")
    with app.app_context(), transaction():
        endpoint_of(made, world).url = f"https://127.0.0.1:{listener.port}/"
    publish(world, add_case(world))
    settings = app.extensions["settings"].model_copy(update={"provider_env": "production"})
    monkeypatch.setitem(app.extensions, "settings", settings)
    deliver(world)
    assert attempts(world) == [(None, "address_not_public")]
    assert listener.connections == 0
