"""Notices signed by Standard Webhooks 1.0 and posted, over one connection while there is something to send."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from types import TracebackType

import httpcore
import httpx
from standardwebhooks.webhooks import Webhook

from provider.domain.compliance.connecting import CheckedNetwork, NotPublic, Resolve, resolve
from provider.domain.compliance.delivery import Notice, Outcome

SECONDS = 15
"""For all of it together: finding the name, connecting, sending, and the first line of the answer."""

REST_SECONDS, REST_BYTES = 1, 64 * 1024
"""How much of an answer's body is waited for and thrown away, so that the connection can be used again."""


class _NotHttps(Exception):
    """In production nothing goes over a line that anybody can read."""


# The first that fits names the problem.
_PROBLEMS: tuple[tuple[type[Exception], str], ...] = (
    (_NotHttps, "not_https"),
    (NotPublic, "address_not_public"),
    (TimeoutError, "no_answer_in_time"),
    (httpcore.TimeoutException, "no_answer_in_time"),
    (httpcore.ConnectError, "no_connection"),
    (httpcore.NetworkError, "no_answer"),
    (httpcore.ProtocolError, "no_answer"),
    (OSError, "name_not_found"),
    (httpx.InvalidURL, "name_not_found"),
    (ValueError, "name_not_found"),
)
_FAULTS = tuple(kind for kind, _ in _PROBLEMS)


def signed_headers(notice: Notice, *, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers that Standard Webhooks asks for, over the exact bytes of the body: a signature for each secret."""
    body = notice.body.decode()
    return {
        "webhook-id": notice.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(one).sign(notice.message_id, now, body) for one in secrets),
        "content-type": "application/json",
        "user-agent": "provider-notices/1",
    }


class Line:
    """A line to one endpoint, used as a context: its connection is kept from one notice to the next.

    ``public_only``: https, and addresses on the public network, alone.
    """

    def __init__(self, url: str, *, public_only: bool, resolve: Resolve = resolve) -> None:
        self._url, self._public_only = url, public_only
        self._network = CheckedNetwork(public_only=public_only, resolve=resolve)

    def __enter__(self) -> Line:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(), max_connections=1, network_backend=self._network
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def send(self, notice: Notice, *, secrets: Sequence[str], now: datetime) -> Outcome:
        """Post a notice and say how it went; never raises for anything that the other side does.

        No transaction is open. ``secrets`` are the signing secrets, newest first.
        """
        headers = signed_headers(notice, secrets=secrets, now=now)
        status: int | None = None
        problem: str | None = None
        started = time.monotonic()
        self._network.deadline = started + SECONDS
        try:
            status = self._post(notice.body, headers)
        except _FAULTS as fault:
            problem = _problem(fault)
        return Outcome(status, problem, milliseconds=int((time.monotonic() - started) * 1000))

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        url = httpx.URL(self._url)
        if self._public_only and url.scheme != "https":
            raise _NotHttps
        made = self._network.made
        try:
            return self._post_once(url, body, headers)
        except (httpcore.NetworkError, httpcore.ProtocolError):
            # A kept connection may have been closed from there just as it was used: that is nobody's failure.
            if self._network.made > made:
                raise
        return self._post_once(url, body, headers)

    def _post_once(self, url: httpx.URL, body: bytes, headers: dict[str, str]) -> int:
        """The answer's status. A redirect is an answer like any other."""
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
        )
        sent = list({**headers, "host": url.netloc.decode("ascii")}.items())
        with self._pool.stream("POST", target, headers=sent, content=body) as answer:
            self._network.deadline = time.monotonic() + REST_SECONDS
            with suppress(
                TimeoutError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError
            ):
                _throw_away(answer)
            return int(answer.status)


def _throw_away(answer: httpcore.Response) -> None:
    """Nothing of what is answered is kept, or looked at."""
    length = 0
    for part in answer.iter_stream():
        length += len(part)
        if length > REST_BYTES:
            return


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed. Read once: it takes longer than a delivery."""
    return httpx.create_ssl_context(trust_env=False)


def _problem(fault: Exception) -> str:
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(fault)):
        return "certificate_not_trusted"
    return next(code for kind, code in _PROBLEMS if isinstance(fault, kind))


def _causes(fault: BaseException | None) -> Iterable[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__
