"""Stands in for a force's web server, over real HTTP: it records what it is sent, and answers as it is told.

An answer is taken from ``answers`` by each request, in order; with none left it answers 204:

``503``         any status, as a number
``hang``        nothing is answered until the test is over, or ``let_go``
``reset``       the connection is closed without an answer
``unsaid``      204, and the connection is closed without a word of it
``endless``     204 promised with a body that never ends
``drip``        an answer of which a letter comes every 100 ms
``…``           an address: a redirect there
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook

HANG_SECONDS = 30


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def signed_by(self, *secrets: str) -> bool:
        """Whether it carries the library's signature for each of these secrets, in this order, and no other."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        right = [Webhook(secret).sign(self.id, at, self.body.decode()) for secret in secrets]
        return self.headers["webhook-signature"].split(" ") == right


@dataclass
class Receiver:
    """Use as a context; ``url`` is where it listens. ``always`` answers when nothing else is said."""

    answers: deque[int | str] = field(default_factory=deque)
    always: int | str = 204
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    port: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Receiver:
        self.let_go = threading.Event()
        self._lock = threading.Lock()
        stand_in = self

        class Handler(_Handler):
            receiver = stand_in

        self._server = _Server((self.host, self.port), Handler)
        self._server.receiver = self
        self.port = self._server.server_port
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://{self.host}:{self.port}/in?x=1"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, received: Received) -> int | str:
        """Record a request, and say how it is answered."""
        with self._lock:
            self.received.append(received)
            return self.answers.popleft() if self.answers else self.always

    def ids(self) -> list[str]:
        return [one.id for one in self.received]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    receiver: Receiver

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.receiver.connections += 1
        return connection, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake belongs to the connection's own thread: one that never ends keeps nobody waiting."""
        if self.receiver.tls is None:
            super().finish_request(request, client_address)
            return
        with self.receiver.tls.wrap_socket(request, server_side=True) as encrypted:
            super().finish_request(encrypted, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who does not trust the certificate goes away in the middle of it."""


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def setup(self) -> None:
        super().setup()
        self.number = self.receiver.connections

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["content-length"])))

    def _answer(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.receiver.take(Received(self.path, headers, body, self.number))
        if isinstance(answer, int):
            self._say(answer)
        elif answer == "hang":
            self.receiver.let_go.wait(HANG_SECONDS)
            self.close_connection = True
        elif answer == "reset":
            self._close()
        elif answer == "unsaid":
            self._say(204)
            self._close()
        elif answer == "endless":
            self._say(200, length=10**9)
            self.receiver.let_go.wait(HANG_SECONDS)
        elif answer == "drip":
            self._drip()
        else:
            self._say(307, location=answer)

    def _say(self, status: int, *, length: int = 0, location: str | None = None) -> None:
        self.send_response(status)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _drip(self) -> None:
        for letter in b"HTTP/1.1 204 No Content\r\nX-Slow: " + b"y" * 1000:
            if self.receiver.let_go.wait(0.1):
                break
            self.wfile.write(bytes([letter]))
        self.close_connection = True

    def _close(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def certificate_for(names: Sequence[str], folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server that these names are certified of, by nobody but itself: its context, and one that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written = folder / f"{names[0]}.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    public = certificate.public_bytes(serialization.Encoding.PEM)
    written.write_bytes(private + public)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(written)
    return server, ssl.create_default_context(cadata=public.decode())
