"""What only a real server sees: bodies in pieces, lengths that are wrong, requests that are hardly HTTP."""

from __future__ import annotations

import http.client
import json
import socket
import uuid
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from flask import Flask

from provider.web.api.examples import SENT
from tests.contracts.live import live
from tests.contracts.tester_world import world_for_the_tester

WHOLE = json.dumps(SENT["send_referral"]).encode()


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def ask(url: str, request: bytes) -> tuple[int, bytes]:
    """The status, and all that came back. The server closes, or has hung up on what it could not read."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as line:
        with suppress(ConnectionError):
            line.sendall(request)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.slow
def test_what_only_a_server_sees_is_answered_as_described(app: Flask, database_url: str) -> None:
    key = world_for_the_tester(app)["key"].encode()

    def post(*headers: bytes, body: bytes, path: bytes = b"/api/v1/referrals") -> bytes:
        own = (
            b"Host: localhost",
            b"Connection: close",
            b"Authorization: Bearer " + key,
            b"Content-Type: application/json",
            b"Idempotency-Key: " + str(uuid.uuid4()).encode(),
        )
        return b"\r\n".join([b"POST " + path + b" HTTP/1.1", *own, *headers, b"", body])

    in_pieces = b"Transfer-Encoding: chunked"
    with live(database_url) as url:
        for request, expected in (
            (post(in_pieces, body=chunked(WHOLE[:100], WHOLE[100:])), 201),
            (post(in_pieces, body=chunked(*[b" " * 16384] * 64)), 413),
            (post(in_pieces, body=chunked(b'{"scheme": "\x00"}')), 400),
            (post(in_pieces, b"Content-Encoding: gzip", body=chunked(b"\x1f\x8b\x08")), 415),
            (post(b"Content-Length: 1048576", body=b" " * 2**20), 413),
            (post(b"Content-Length: 0", body=b""), 400),
            (post(body=b""), 400),
            (post(b"Content-Length: 2", body=b"{}", path=b"/api/v1/referrals?a=%00"), 422),
            (b"GET /api/v1/schemes HTTP/1.0\r\nAuthorization: Bearer " + key + b"\r\n\r\n", 200),
            (b"GET /api/v1/schemes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 401),
            (b"TRACE /api/v1/schemes HTTP/1.0\r\nAuthorization: Bearer " + key + b"\r\n\r\n", 405),
        ):
            status, answer = ask(url, request)
            assert status == expected, (request[:300], answer[:500])
            assert status < 400 or b"application/problem+json" in answer
        for request in (
            post(b"Content-Length: x", body=b"{}"),
            post(b"Content-Length: 1", b"Content-Length: 2", body=b"{}"),
            post(in_pieces, body=b"zz\r\n{}\r\n"),
            post(b"X-Odd: \x00", b"Content-Length: 2", body=b"{}"),
            b"GET /api/v1/" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            b"\x00\x01\x02\r\n\r\n",
        ):
            status, answer = ask(url, request)
            assert 400 <= status < 500, (request[-100:], answer[:300])


@pytest.mark.slow
@pytest.mark.parametrize("pieces", [False, True], ids=["with_a_length", "in_pieces"])
def test_the_line_is_good_for_another_request_after_a_body_that_was_too_large(
    app: Flask, database_url: str, *, pieces: bool
) -> None:
    key = world_for_the_tester(app)["key"]
    with live(database_url) as url:
        parts = urlsplit(url)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        own = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        for megabytes in (1, 5):
            body = [b" " * 2**20] * megabytes
            once = {"Idempotency-Key": str(uuid.uuid4())}
            sent = iter(body) if pieces else b"".join(body)
            line.request("POST", "/api/v1/referrals", body=sent, headers=own | once, encode_chunked=pieces)
            assert json.loads(answered(line, 413))["code"] == "content_too_large"
            line.request("GET", "/api/v1/schemes", headers=own)
            answered(line, 200)
        line.close()


def answered(line: http.client.HTTPConnection, status: int) -> bytes:
    answer = line.getresponse()
    assert answer.status == status
    return answer.read()
