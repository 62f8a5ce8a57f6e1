"""One call over a kept connection: when it surely never left, when nobody knows, and that it ends in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from provider.kernel.lines import BrokeOff, Lines, NeverLeft, Patience

PATIENCE = Patience(connect=1, read=0.4, total=1)
FINE = b"HTTP/1.1 201 CREATED\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\n{}"

Says = Callable[[socket.socket, int], bool]


@contextmanager
def server(says: Says) -> Iterator[tuple[str, list[int]]]:
    """``says`` answers a request, the nth of its connection, and whether that stays; counts them by connection."""
    requests: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        closing = threading.Event()

        def serve() -> None:
            while not closing.is_set():
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                requests.append(0)
                threading.Thread(target=talk, args=(line, len(requests) - 1), daemon=True).start()

        def talk(line: socket.socket, place: int) -> None:
            with line:
                stays = True
                while stays and line.recv(65536).endswith(b"\r\n\r\nTo=1"):
                    requests[place] += 1
                    stays = says(line, requests[place])

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", requests
        closing.set()


def ask(lines: Lines, *, patience: Patience = PATIENCE) -> int:
    return lines.ask("POST", "/", body=b"To=1", headers={}, patience=patience).status


def fine(line: socket.socket, _nth: int) -> bool:
    line.sendall(FINE)
    return True


def test_a_connection_is_kept_and_what_is_said_is_read_whole() -> None:
    with server(fine) as (url, requests):
        lines = Lines(url)
        answer = lines.ask("POST", "/", body=b"To=1", headers={}, patience=PATIENCE)
        assert (answer.status, answer.body, answer.headers["retry-after"]) == (201, b"{}", "7")
        assert ask(lines) == 201
    assert requests == [2]


def test_one_that_was_closed_meanwhile_is_not_used_again() -> None:
    """Half-closed: the other side has said goodbye, and what we sent there would be sent into nothing."""

    goodbye = threading.Semaphore(0)

    def once(line: socket.socket, _nth: int) -> bool:
        line.sendall(FINE)
        line.shutdown(socket.SHUT_WR)
        goodbye.release()
        return True

    with server(once) as (url, requests):
        lines = Lines(url)
        for _ in range(3):
            assert ask(lines) == 201
            assert goodbye.acquire(timeout=10)
    assert requests == [1, 1, 1]


def test_an_answer_that_ends_the_connection_is_read_whole() -> None:
    def ending(line: socket.socket, _nth: int) -> bool:
        line.sendall(b"HTTP/1.1 201 CREATED\r\nConnection: close\r\n\r\n")
        time.sleep(0.1)
        line.sendall(b'{"sid": "SM1"}')
        return False

    with server(ending) as (url, requests):
        lines = Lines(url)
        answer = lines.ask("POST", "/", body=b"To=1", headers={}, patience=PATIENCE)
        assert answer.body == b'{"sid": "SM1"}'
        ask(lines)
    assert requests == [1, 1]


EVER = 200
"""So many tenths of a second, where a call has ten."""


def drips(line: socket.socket, _nth: int) -> bool:
    """A byte now and then, for ever: each of them in time."""
    line.sendall(b"HTTP/1.1 201 CREATED\r\nContent-Length: 1000\r\n\r\n")
    try:
        for _ in range(EVER):
            line.sendall(b" ")
            time.sleep(0.1)
    except OSError:
        pass
    return False


def drips_its_head(line: socket.socket, _nth: int) -> bool:
    try:
        for byte in b"HTTP/1.1 201 CREATED\r\n" + b"X: y\r\n" * EVER:
            line.sendall(bytes([byte]))
            time.sleep(0.1)
    except OSError:
        pass
    return False


def hangs(_line: socket.socket, _nth: int) -> bool:
    time.sleep(EVER / 10)
    return False


@pytest.mark.parametrize("slow", [drips, drips_its_head, hangs])
def test_a_call_ends_in_time_however_slowly_it_is_answered(slow: Says) -> None:
    with server(slow) as (url, requests):
        began = time.monotonic()
        with pytest.raises(BrokeOff) as broke:
            ask(Lines(url))
        assert time.monotonic() - began < EVER / 20
        assert not broke.value.in_time
    assert requests == [1]


def half(line: socket.socket, _nth: int) -> bool:
    line.sendall(FINE[:-1])
    return False


def nothing(_line: socket.socket, _nth: int) -> bool:
    return False


def rubbish(line: socket.socket, _nth: int) -> bool:
    line.sendall(b"this is no HTTP\r\n\r\n")
    return False


@pytest.mark.parametrize("says", [half, nothing, rubbish])
def test_what_breaks_off_is_sent_once_and_nobody_knows(says: Says) -> None:
    with server(says) as (url, requests):
        with pytest.raises(BrokeOff) as broke:
            ask(Lines(url))
        assert broke.value.in_time
    assert requests == [1]


def test_a_kept_connection_that_breaks_off_is_not_tried_again() -> None:
    """Once it was handed over, a request may have been taken, also where it was the second of its connection."""

    def second_breaks(line: socket.socket, nth: int) -> bool:
        if nth == 1:
            line.sendall(FINE)
        return nth == 1

    with server(second_breaks) as (url, requests):
        lines = Lines(url)
        assert ask(lines) == 201
        with pytest.raises(BrokeOff):
            ask(lines)
    assert requests == [2]


def test_where_nobody_listens_it_never_left() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NeverLeft):
            ask(Lines(f"http://127.0.0.1:{taken.getsockname()[1]}"))


def test_a_name_that_is_not_found_never_left() -> None:
    with pytest.raises(NeverLeft):
        ask(Lines("http://nowhere.invalid"))
