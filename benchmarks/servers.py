"""Starts a server under gunicorn for the length of a benchmark, and drives it with many clients at once."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

WORKERS, THREADS, CLIENTS = 2, 8, 16


@dataclass(frozen=True)
class Request:
    path: str
    body: bytes
    headers: Mapping[str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn(application: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Serve ``application`` on a free port of the loopback address; stopped by its process id."""
    port = free_port()
    command = [
        *(
            sys.executable,
            "-m",
            "gunicorn",
            application,
            "--bind",
            f"127.0.0.1:{port}",
            "--no-control-socket",
        ),
        *("--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)),
        *("--log-level", "warning", "--keep-alive", "30"),
    ]
    server = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("the server did not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start in time")


def drive(port: int, requests: list[Request], *, expect: int) -> float:
    """Send every request once, CLIENTS at a time on kept-alive connections; answers requests a second."""
    waiting = iter(requests)
    lock, wrong = threading.Lock(), []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                break
            connection.request("POST", request.path, request.body, dict(request.headers))
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != expect:
                wrong.append((answer.status, text[:300]))
        connection.close()

    took = _run_together(client)
    if wrong:
        raise SystemExit(f"{len(wrong)} wrong answers, the first: {wrong[0]}")
    return len(requests) / took


def _run_together(client: Callable[[], None]) -> float:
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def as_json(body: object) -> bytes:
    return json.dumps(body).encode()
