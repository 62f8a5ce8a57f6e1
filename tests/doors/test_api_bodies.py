"""What is not JSON as we take it, what is too much, and what nobody asked for: each with its own no, never a 5xx."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider.web.api.too_large import THROWN_AWAY
from tests.builders import World, build_world, referral_body
from tests.doors.police import Police, code_of, faults

BODIES = ("/referrals", "/eligibility-checks", "/webhook-endpoints")
GOOD = json.dumps(referral_body())


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def midshire(world: World, client: FlaskClient) -> Police:
    return Police(client, world.keys["midshire"])


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"{'scheme': 1}",
        b'{"scheme": "a"} {}',
        b'{"scheme": "a", "scheme": "a"}',
        b'{"person": {"gender": "male", "gender": "female"}}',
        b'{"scheme": NaN}',
        b'{"scheme": -Infinity}',
        b'{"scheme": 1e999}',
        b'{"scheme": ' + b"9" * 5000 + b"}",
        b'{"scheme": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"scheme": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"scheme": "\x00"}',
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=lambda sent: repr(sent[:30]),
)
def test_what_is_not_well_formed_is_malformed(midshire: Police, path: str, sent: bytes) -> None:
    answer = midshire.post(path, data=sent, content_type="application/json")
    assert code_of(answer, 400) == "malformed_json"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json-patch+json"]
)
def test_another_content_type_is_not_taken(midshire: Police, kind: str) -> None:
    for path in BODIES:
        answer = midshire.post(path, data=GOOD, headers={"Content-Type": kind})
        assert code_of(answer, 415) == "unsupported_media_type"


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_with_a_parameter_is_json(midshire: Police, kind: str) -> None:
    assert midshire.post("/referrals", data=GOOD, headers={"Content-Type": kind}).status_code == 201


def test_a_body_may_have_64_kib_and_no_more(midshire: Police) -> None:
    padded = GOOD[:-1] + " " * (64 * 1024 - len(GOOD)) + "}"
    assert midshire.post("/referrals", data=padded, content_type="application/json").status_code == 201
    for more in (" ", " " * 10**6):
        answer = midshire.post("/referrals", data=padded + more, content_type="application/json")
        assert code_of(answer, 413) == "content_too_large"


def test_a_body_without_end_is_thrown_away_for_a_while_and_no_longer(midshire: Police) -> None:
    class Endless:
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += max(size, 0)
            return b" " * size

        readline = read

    stream = Endless()
    answer = midshire.client.post(
        "/api/v1/referrals",
        headers={"Authorization": f"Bearer {midshire.key}", "Content-Type": "application/json"},
        environ_overrides={"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert code_of(answer, 413) == "content_too_large"
    assert stream.taken < THROWN_AWAY + 200_000


@pytest.mark.parametrize(
    "path", ["/schemes", "/compliance-events", "/webhook-endpoints", "/compliance-report.csv"]
)
def test_a_parameter_that_is_not_known_is_named(midshire: Police, path: str) -> None:
    assert faults(midshire.get(f"{path}?a/b~=1")) == [("a/b~", "unknown_field")]
    problem = midshire.get(f"{path}?nonsense=secret").get_json()
    assert problem["errors"][0] == {
        "parameter": "nonsense",
        "code": "unknown_field",
        "detail": "There is no such field.",
    }
    assert "secret" not in json.dumps(problem)


def test_a_query_is_refused_on_a_post_too(midshire: Police) -> None:
    assert faults(midshire.post("/referrals?dry_run=1", referral_body())) == [("dry_run", "unknown_field")]


@pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "", "1.5", "1e2", " 5", "٥", "9" * 40])
def test_a_limit_is_a_whole_number_from_1_to_500(midshire: Police, limit: str) -> None:
    assert faults(midshire.get("/compliance-events", query_string={"limit": limit})) == [("limit", "invalid")]


@pytest.mark.parametrize(
    "cursor", ["", "x", "MTox!", "MTox=", "é", "\x00", "LTE6LTE", "MTotMQ", "OTk5OTo1", "A" * 9000]
)
def test_a_cursor_is_one_that_the_feed_gave(midshire: Police, cursor: str) -> None:
    assert faults(midshire.get("/compliance-events", query_string={"after": cursor})) == [
        ("after", "invalid")
    ]


def test_every_fault_of_a_query_is_told_at_once(midshire: Police) -> None:
    answer = midshire.get("/compliance-events?limit=0&limit=1&extra=1")
    assert ("limit", "invalid") in faults(answer)
    assert ("extra", "unknown_field") in faults(answer)


@pytest.mark.parametrize(
    "reference",
    ["x", "%00", "%FF%FE", "K7QM-2X4D%00", "A" * 3000, "..%2f..", "K7QM%2F2X4D", "'", "%F0%9F%98%80"],
)
def test_whatever_stands_where_a_reference_should_is_not_found(midshire: Police, reference: str) -> None:
    for path in (
        f"/referrals/{reference}",
        f"/compliance-events/{reference}",
        f"/schemes/{reference}/assessment-slots",
    ):
        assert code_of(midshire.get(path), 404) == "not_found"
    assert midshire.delete(f"/webhook-endpoints/{reference}").status_code == 404


def test_no_answer_repeats_what_was_sent(midshire: Police) -> None:
    body = referral_body(person={"given_name": "Canary" * 40, "date_of_birth": "canary", "gender": "canary"})
    body |= {"scheme": "canary", "setting": "canary", "occurred_at": "canary"}
    answer = midshire.refer(body)
    assert len(faults(answer)) >= 5
    assert "canary" not in answer.text.lower()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.dictionaries(st.sampled_from([*referral_body(), "url", "reason"]), JSON, max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=JSON | FIELDS | FIELDS.map(lambda some: {**referral_body(), **some}))
def test_no_json_at_all_makes_a_5xx(midshire: Police, sent: object) -> None:
    raw = json.dumps(sent)
    for path in BODIES:
        midshire.client.application.extensions["clock"].advance(minutes=1)
        answer = midshire.post(path, data=raw, content_type="application/json")
        assert answer.status_code in {200, 201, 400, 409, 422}, answer.text
