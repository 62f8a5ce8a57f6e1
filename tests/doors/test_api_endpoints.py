"""Where a force's events are sent: added, listed, tested and removed over HTTP; what addresses are taken."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from provider.kernel.addresses import is_public
from tests.builders import World, build_world, count
from tests.doors.police import Police, code_of, faults

URL = "https://force.example/in?x=1"


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


@pytest.fixture
def in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: Settings = app.extensions["settings"]
    monkeypatch.setitem(
        app.extensions, "settings", settings.model_copy(update={"provider_env": "production"})
    )


def test_an_endpoint_is_added_with_a_secret_that_no_list_shows(midshire: Police) -> None:
    answer = midshire.post("/webhook-endpoints", {"url": URL})
    made = answer.get_json()
    assert answer.status_code == 201
    assert list(made) == ["id", "url", "state", "secret"]
    assert (made["url"], made["state"]) == (URL, "active")
    assert made["secret"].startswith("whsec_")
    assert midshire.get("/webhook-endpoints").get_json() == {
        "endpoints": [{"id": made["id"], "url": URL, "state": "active"}]
    }


def test_an_endpoint_is_removed_once(midshire: Police) -> None:
    made = midshire.post("/webhook-endpoints", {"url": URL}).get_json()
    answer = midshire.delete(f"/webhook-endpoints/{made['id']}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert code_of(midshire.delete(f"/webhook-endpoints/{made['id']}"), 404) == "not_found"
    assert midshire.get("/webhook-endpoints").get_json() == {"endpoints": []}


def test_a_test_is_asked_for(world: World, midshire: Police) -> None:
    made = midshire.post("/webhook-endpoints", {"url": URL}).get_json()
    answer = midshire.post(f"/webhook-endpoints/{made['id']}/test")
    assert (answer.status_code, answer.get_json()["id"]) == (202, made["id"])


def test_ten_endpoints_are_enough(midshire: Police) -> None:
    statuses = [midshire.post("/webhook-endpoints", {"url": URL}).status_code for _ in range(11)]
    assert statuses == [201] * 10 + [409]


def test_what_was_done_is_on_the_trail(world: World, midshire: Police) -> None:
    made = midshire.post("/webhook-endpoints", {"url": URL}).get_json()
    midshire.post(f"/webhook-endpoints/{made['id']}/test")
    midshire.delete(f"/webhook-endpoints/{made['id']}")
    with world.app.app_context():
        for action in ("endpoint.added", "endpoint.tested", "endpoint.removed"):
            assert count("audit_entries", action=action) == 1


ODD = [
    "x",
    "//force.example",
    "ftp://force.example/",
    "javascript:alert(1)",
    "https://",
    "https://user:pw@force.example/",
    "https://force.example:99999/",
    "https://[::1",
    "https://force.example/#part",
    "https://fórce.example/",
    "https://force.example/a b",
    "https://force.example/a\tb",
    "https://force.example\\@127.0.0.1/",
    "https://force.example./",
    "https://localhost./",
    "https://127.0.0.1./",
    "https://127%2e0.0.1/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[127.0.0.1]/",
    "https://[::ffff:127.0.0.1",
    "https://force_example..org/",
    "https://127.0.0.1@force.example/",
    "https://force.example@127.0.0.1/",
    "https:///127.0.0.1/",
    "https:force.example",
]


@pytest.mark.parametrize("url", ODD)
def test_what_is_no_plain_address_is_refused(midshire: Police, url: str) -> None:
    assert faults(midshire.post("/webhook-endpoints", {"url": url})) == [("/url", "invalid")]


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({}, ("/url", "required")),
        ({"url": None}, ("/url", "required")),
        ({"url": 5}, ("/url", "invalid")),
        ({"url": "https://force.example/" + "a" * 2000}, ("/url", "too_long")),
        ({"url": URL, "secret": "mine"}, ("/secret", "unknown_field")),
    ],
)
def test_a_url_and_nothing_else_is_asked_for(
    midshire: Police, sent: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert faults(midshire.post("/webhook-endpoints", sent)) == [fault]


@pytest.mark.parametrize(
    "url",
    [
        "http://force.example/in",
        "https://localhost/in",
        "https://in.localhost/",
        "https://127.0.0.1/",
        "https://10.1.2.3:8443/in",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://0177.1/",
        "https://127.0.0.0x1/",
        "https://0x7f.0.0.1/",
        "https://010.0.0.1/",
        "https://0/",
        "https://192.168.1.1/",
        "https://172.16.0.1/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://192.88.99.1/",
        "https://[::]/",
        "https://[::7f00:1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:0:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001::1]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[fec0::1]/",
        "https://[ff0e::1]/",
        "https://[2001:db8::1]/",
        "https://LOCALHOST/",
        "https://intranet/",
        "https://printer.local/",
        "https://db.internal/",
        "https://nas.home.arpa/",
        "https://force.example:22/",
        "https://force.example:80/",
        "https://force.example:0/",
        "https://force.example:1023/",
    ],
)
@pytest.mark.usefixtures("in_production")
def test_in_production_an_address_known_not_to_be_public_is_refused(midshire: Police, url: str) -> None:
    assert faults(midshire.post("/webhook-endpoints", {"url": url})) == [("/url", "invalid")]


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://8.8.8.8/in",
        "https://[2606:4700:4700::1111]:8443/in",
        "https://Events.Force.Example:443/in?a=1&b=%20",
        "https://xn--frce-5qa.example/in",
        "https://force.example:1024/",
        "https://localhost.force.example/",
        "https://8.8.8.8.force.example/",
    ],
)
@pytest.mark.usefixtures("in_production")
def test_in_production_a_public_https_address_is_taken(midshire: Police, url: str) -> None:
    assert midshire.post("/webhook-endpoints", {"url": url}).status_code == 201


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.31.196.1",
        "192.52.193.1",
        "192.175.48.1",
        "198.51.100.1",
        "203.0.113.1",
        "0.1.2.3",
        "2620:4f:8000::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2002:a00:1::",
        "64:ff9b::a00:1",
        "::ffff:10.0.0.1",
        "8.8.8.8.",
        "08.8.8.8",
        "0x8.8.8.8",
        "134744072",
        "８.8.8.8",
        " 8.8.8.8",
        "8.8.8.8/32",
        "2606:4700:4700::1111%1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::8.8.8.8",
        "::ffff:8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:808:808::1",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "81.2.69.160", "2606:4700:4700::1111", "2a00:1450:4009::1"])
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(address)
