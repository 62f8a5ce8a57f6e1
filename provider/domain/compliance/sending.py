"""One notice, signed by Standard Webhooks 1.0 and posted: to a public address alone, wherever its name leads.

Where only public addresses are allowed the name is resolved once, every address it has is checked, and the connection
goes to an address that was checked: a second answer from the name server, or a redirect, leads nowhere.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import httpx
from standardwebhooks.webhooks import Webhook

from provider.domain.compliance.delivery import Notice, Outcome
from provider.kernel.addresses import is_public

SECONDS = 15
Resolve = Callable[[str, int], Sequence[str]]


class _NotPublic(Exception):
    """The name leads, or may lead, to an address that nothing is sent to."""


# The first that fits names the problem.
_PROBLEMS: tuple[tuple[type[Exception], str], ...] = (
    (_NotPublic, "address_not_public"),
    (TimeoutError, "no_answer_in_time"),
    (httpx.TimeoutException, "no_answer_in_time"),
    (httpx.ConnectError, "no_connection"),
    (httpx.HTTPError, "no_answer"),
    (OSError, "name_not_found"),
    (httpx.InvalidURL, "name_not_found"),
    (ValueError, "name_not_found"),
)
_FAULTS = tuple(kind for kind, _ in _PROBLEMS)


@dataclass(frozen=True)
class Target:
    """Where a request really goes: ``url`` names the address that was checked, ``host`` the name it stands for."""

    url: httpx.URL
    host: str


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address that the system knows for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def signed_headers(notice: Notice, *, secret: str, now: datetime) -> dict[str, str]:
    """The headers that Standard Webhooks asks for, over the exact bytes of the body."""
    return {
        "webhook-id": notice.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(notice.message_id, now, notice.body.decode()),
        "content-type": "application/json",
    }


def send(
    notice: Notice, *, secret: str, public_only: bool, now: datetime, resolve: Resolve = resolve
) -> Outcome:
    """Post a notice and say how it went; never raises for anything that the other side does. No transaction is open.

    ``public_only``: https, and addresses on the public network, alone. 15 seconds for all of it together.
    """
    headers = signed_headers(notice, secret=secret, now=now)
    status: int | None = None
    problem: str | None = None
    started = time.monotonic()
    try:
        status = asyncio.run(_post(notice, headers, public_only=public_only, resolve=resolve))
    except _FAULTS as fault:
        problem = next(code for kind, code in _PROBLEMS if isinstance(fault, kind))
    return Outcome(status, problem, milliseconds=int((time.monotonic() - started) * 1000))


async def _post(notice: Notice, headers: dict[str, str], *, public_only: bool, resolve: Resolve) -> int:
    """The answer's status. Another address of the name is tried only where no connection to the one before was made."""
    async with asyncio.timeout(SECONDS):
        url = httpx.URL(notice.url)
        targets = await asyncio.to_thread(_checked, url, resolve) if public_only else [Target(url, url.host)]
        headers = {**headers, "host": url.netloc.decode("ascii")}
        async with _client() as client:
            for target in targets[:-1]:
                with suppress(httpx.ConnectError):
                    return await _post_to(target, client, notice.body, headers)
            return await _post_to(targets[-1], client, notice.body, headers)


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=_trusted(), trust_env=False, follow_redirects=False, timeout=SECONDS)


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed. Read once: it takes longer than a delivery."""
    return httpx.create_ssl_context(trust_env=False)


async def _post_to(target: Target, client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> int:
    """The name stays in the Host header and in the certificate that is asked for; the answer's body is never read."""
    server = {"sni_hostname": target.host}
    request = client.build_request("POST", target.url, content=body, headers=headers, extensions=server)
    response = await client.send(request, stream=True)
    await response.aclose()
    return response.status_code


def _checked(url: httpx.URL, resolve: Resolve) -> Sequence[Target]:
    """The same request to each address that was checked. Raises _NotPublic where any of the name's is not public."""
    if url.scheme != "https":
        raise _NotPublic
    addresses = resolve(url.host, url.port or 443)
    if not addresses or not all(is_public(address) for address in addresses):
        raise _NotPublic
    return [Target(url.copy_with(host=address), url.host) for address in addresses]
