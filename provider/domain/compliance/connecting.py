"""Where a connection may go: a name is resolved, every address it has is checked, and one that was checked is connected
to. It is done anew for every connection, so that no second answer of a name server, and no redirect, leads elsewhere.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import httpcore

from provider.kernel.addresses import is_public

Resolve = Callable[[str, int], Sequence[str]]

SECONDS_EACH = 5
"""How long one address of a name may take to answer before the next is tried."""


class NotPublic(Exception):
    """The name leads, or may lead, to an address that nothing is sent to."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address that the system knows for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked. ``made`` counts the connections.

    ``public_only`` off lets any address be reached: for a demo and for tests.
    """

    def __init__(self, *, public_only: bool, resolve: Resolve) -> None:
        self.made = 0
        self._public_only, self._resolve = public_only, resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 – httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Another address of the name is tried only where no connection to the one before was made."""
        addresses = await self._checked(host, port)
        self.made += 1
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(address, port, timeout=SECONDS_EACH)
        return await self._network.connect_tcp(addresses[-1], port, timeout=timeout)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        """The name's addresses. Raises NotPublic where one of them is not public: then none is to be trusted."""
        addresses = await asyncio.to_thread(self._resolve, host, port)
        if not addresses or (self._public_only and not all(is_public(address) for address in addresses)):
            raise NotPublic
        return addresses
