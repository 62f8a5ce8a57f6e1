"""Calls over connections that are kept open, each call under one deadline for all of it.

What a failure says about the request decides which of two is raised. Before its first byte was handed to the system it
surely never left. From then on nobody knows, and it is never sent again from here.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse, IncompleteRead
from urllib.parse import urlsplit

import certifi

IDLE_SECONDS = 20.0
"""A connection unused for longer is not used again: the other side may be about to close it."""

MOST_BYTES = 1_000_000


class NeverLeft(Exception):
    """No connection was made: nothing of the request went out."""


class BrokeOff(Exception):
    """The request went out, or began to, and was not answered whole. ``in_time``: not for want of time."""

    def __init__(self, *, in_time: bool) -> None:
        self.in_time = in_time
        super().__init__("broke off" if in_time else "no answer in time")


@dataclass(frozen=True)
class Patience:
    """How many seconds: to be connected, between two pieces of an answer, and for all of it together."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True)
class Answered:
    """``headers`` have their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Lines:
    """Connections to one host, used by any number of threads: each call has one to itself."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._host, self._tls = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._prefix, self._host_said = parts.path.rstrip("/"), parts.netloc.rpartition("@")[2]
        self._idle: deque[tuple[socket.socket, float]] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def ask(
        self, method: str, target: str, *, body: bytes | None, headers: Mapping[str, str], patience: Patience
    ) -> Answered:
        """Raises NeverLeft or BrokeOff."""
        ends = time.monotonic() + patience.total
        line = self._kept() or self._connected(patience)
        try:
            line.settimeout(patience.read)
            line.sendall(self._request(method, target, body, headers))
            answer, lasts = _read(line, method, patience.read, ends)
        except (OSError, HTTPException) as fault:
            line.close()
            raise BrokeOff(in_time=not isinstance(fault, TimeoutError)) from fault
        if lasts:
            self._idle.append((line, time.monotonic()))
        else:
            line.close()
        return answer

    def _kept(self) -> socket.socket | None:
        """The connection that was used last, unless it was left too long, or closed from the other side."""
        while True:
            try:
                line, since = self._idle.pop()
            except IndexError:
                return None
            if time.monotonic() - since < IDLE_SECONDS and not _was_closed(line):
                return line
            line.close()

    def _connected(self, patience: Patience) -> socket.socket:
        try:
            line = _reach(self._host, self._port, time.monotonic() + patience.connect)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _trusted().wrap_socket(line, server_hostname=self._host) if self._tls else line
        except OSError as fault:
            raise NeverLeft from fault

    def _request(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        """Head and body in one piece, so that they leave together."""
        said = {"Host": self._host_said, "Content-Length": str(len(body or b"")), **headers}
        lines = [f"{method} {self._prefix}{target} HTTP/1.1", *(f"{name}: {said[name]}" for name in said)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def _close_all(idle: deque[tuple[socket.socket, float]]) -> None:
    for line, _ in idle:
        line.close()


def _reach(host: str, port: int, ends: float) -> socket.socket:
    """A connection to the first of the host's addresses that takes one; all of them together have until ``ends``."""
    fault: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        tried = socket.socket(family, kind, protocol)
        try:
            tried.settimeout(max(ends - time.monotonic(), 0.001))
            tried.connect(address)
        except OSError as refused:
            tried.close()
            fault = refused
        else:
            return tried
    raise fault


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed. Read once: it takes longer than a call."""
    return ssl.create_default_context(cafile=certifi.where())


def _was_closed(line: socket.socket) -> bool:
    """Whether the other side has closed a connection that waits, or said something that nobody asked for."""
    looking = select.poll()
    looking.register(line, select.POLLIN)
    return bool(looking.poll(0))


def _read(line: socket.socket, method: str, read_seconds: float, ends: float) -> tuple[Answered, bool]:
    """The answer, and whether the connection can be used again."""
    answer = _TimedResponse(line, method=method, read_seconds=read_seconds, ends=ends)
    try:
        answer.begin()
        said = answer.read(MOST_BYTES)
        if answer.length:
            raise IncompleteRead(said, answer.length)
        lasts = answer.isclosed() and not answer.will_close
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answered(answer.status, named, said), lasts
    finally:
        answer.close()


class _TimedResponse(HTTPResponse):
    """An answer that is read until ``ends`` and no longer, however slowly it drips in."""

    def __init__(
        self, sock: socket.socket, *, method: str | None = None, read_seconds: float, ends: float
    ) -> None:
        super().__init__(sock, method=method)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock, read_seconds, ends))


class _Timed(io.RawIOBase):
    def __init__(self, sock: socket.socket, read_seconds: float, ends: float) -> None:
        self._sock, self._read_seconds, self._ends = sock, read_seconds, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(left, self._read_seconds))
        return self._sock.recv_into(buffer)
