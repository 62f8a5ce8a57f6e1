"""Where a connection may go: a name is resolved, every address it has is checked, and one that was checked is connected
to. It is done anew for every connection, so that no second answer of a name server, and no redirect, leads elsewhere.

A deadline holds for all of it: each wait is given what is left of it, so that not even an answer that drips in letter
by letter outlasts it.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
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


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to addresses that were checked, until ``deadline`` by the monotonic clock. ``made`` counts connections.

    ``public_only`` off lets any address be reached: for a demo and for tests.
    """

    def __init__(self, *, public_only: bool, resolve: Resolve) -> None:
        self.made, self.deadline = 0, 0.0
        self._public_only, self._resolve = public_only, resolve
        self._network = httpcore.SyncBackend()

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError where there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Another address of the name is tried only where no connection to the one before was made."""
        addresses = self._checked(host, port)
        self.made += 1
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connect(address, port, seconds=SECONDS_EACH)
        return self._connect(addresses[-1], port, seconds=self.left())

    def _connect(self, address: str, port: int, *, seconds: float) -> httpcore.NetworkStream:
        return _Stream(self._network.connect_tcp(address, port, min(seconds, self.left())), self)

    def _checked(self, host: str, port: int) -> Sequence[str]:
        """The name's addresses. Raises NotPublic where one of them is not public: then none is to be trusted."""
        asking = ThreadPoolExecutor(1, "name")
        try:
            # Only this way is a name server that does not answer given up on.
            addresses = asking.submit(self._resolve, host, port).result(self.left())
        finally:
            asking.shutdown(wait=False)
        if not addresses or (self._public_only and not all(is_public(address) for address in addresses)):
            raise NotPublic
        return addresses


class _Stream(httpcore.NetworkStream):
    """A stream whose every wait ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, network: CheckedNetwork) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._network.left()
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
